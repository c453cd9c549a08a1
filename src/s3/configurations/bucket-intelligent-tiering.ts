import { enumeration, flattened, integer, required, string, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { ConfigurationFilter, checkFilter } from './configuration-filter.ts'
import { checkIdByName, identifiedConfiguration } from './identified-configuration.ts'

const Tiering = structure({
  Days: required(integer()),
  AccessTier: required(enumeration(['ARCHIVE_ACCESS', 'DEEP_ARCHIVE_ACCESS'])),
})

type Tierings = readonly ValueOf<typeof Tiering>[]

export const IntelligentTieringConfiguration = structure({
  Id: required(string()),
  Filter: ConfigurationFilter,
  Status: required(enumeration(['Enabled', 'Disabled'])),
  Tierings: required(flattened('Tiering', Tiering)),
})

/** When objects that nobody reads move to the archive tiers: kept and told, but nothing moves here. */
export const BucketIntelligentTiering = identifiedConfiguration({
  subresource: 'intelligent-tiering',
  root: 'IntelligentTieringConfiguration',
  shape: IntelligentTieringConfiguration,
  get: { name: 'GetBucketIntelligentTieringConfiguration', action: 's3:GetIntelligentTieringConfiguration' },
  put: {
    name: 'PutBucketIntelligentTieringConfiguration',
    action: 's3:PutIntelligentTieringConfiguration',
    differs: 'objects stay in the frequent access tier',
  },
  delete: { name: 'DeleteBucketIntelligentTieringConfiguration', action: 's3:PutIntelligentTieringConfiguration' },
  list: {
    name: 'ListBucketIntelligentTieringConfigurations',
    action: 's3:GetIntelligentTieringConfiguration',
    root: 'ListIntelligentTieringConfigurationsResult',
  },
  checkId: checkIdByName,
  check(value) {
    checkFilter(value.Filter)
    checkTierings(value.Tierings)
    return value
  },
})

/** The fewest and the most days without a read after which an object moves. */
const fewestDays = { ARCHIVE_ACCESS: 90, DEEP_ARCHIVE_ACCESS: 180 }
const mostDays = 730

/** @throws AwsError InvalidAccessTier */
function checkTierings(tierings: Tierings): void {
  const days = new Map<string, number>()
  for (const { AccessTier, Days } of tierings) {
    if (days.has(AccessTier)) {
      throw s3Errors.InvalidAccessTier(
        `All Access Tiers in a configuration must be unique. Found duplicate entry for ${AccessTier}.`,
      )
    }
    days.set(AccessTier, Days)
    const limit = Days < fewestDays[AccessTier] ? `less than ${fewestDays[AccessTier]}` : `more than ${mostDays}`
    if (Days >= fewestDays[AccessTier] && Days <= mostDays) continue
    throw s3Errors.InvalidAccessTier(`Days specified in ${AccessTier} tier should not be ${limit}.`)
  }
  const deep = days.get('DEEP_ARCHIVE_ACCESS')
  if (deep === undefined || deep > (days.get('ARCHIVE_ACCESS') ?? 0)) return
  throw s3Errors.InvalidAccessTier(
    'Days specified in DEEP_ARCHIVE_ACCESS should be greater than days specified in ARCHIVE_ACCESS',
  )
}
