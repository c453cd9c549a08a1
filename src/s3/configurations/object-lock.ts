import { enumeration, integer, required, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { retentionModes } from '../records/object-attributes.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

const DefaultRetention = structure({
  Mode: required(enumeration(retentionModes)),
  Days: integer(),
  Years: integer(),
})

export const ObjectLockConfiguration = structure({
  ObjectLockEnabled: required(enumeration(['Enabled'])),
  Rule: structure({ DefaultRetention: required(DefaultRetention) }),
})

/** A hundred years. */
const longest = { Days: 36_500, Years: 100 }

/**
 * Whether versions of a bucket can be locked, and for how long new ones are. Once it is on it stays on: nothing deletes it, and
 * versioning cannot be suspended any more. Its effect: `objects/object-lock.ts`.
 */
export const ObjectLock = bucketConfiguration({
  name: 'objectLock',
  subresource: 'object-lock',
  root: 'ObjectLockConfiguration',
  shape: ObjectLockConfiguration,
  get: { name: 'GetObjectLockConfiguration', action: 's3:GetBucketObjectLockConfiguration' },
  put: {
    name: 'PutObjectLockConfiguration',
    action: 's3:PutBucketObjectLockConfiguration',
    digest: 'required',
    differs: 'event holds (DefaultEventHold) are MalformedXML',
  },
  absent({ name }) {
    throw s3Errors.ObjectLockConfigurationNotFoundError(name)
  },
  check(configuration, { request }) {
    checkPeriod(configuration)
    if (request.bucket.versioning !== 'Enabled') {
      throw s3Errors.InvalidBucketState(
        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
      )
    }
    return configuration
  },
  effect: (bucket, value) => ({ ...bucket, objectLock: value && lockOf(value) }),
})

type Configuration = ValueOf<typeof ObjectLockConfiguration>

function checkPeriod({ Rule }: Configuration): void {
  if (!Rule) return
  const { Days, Years } = Rule.DefaultRetention
  if ((Days === undefined) === (Years === undefined)) throw s3Errors.MalformedXML()
  for (const [name, value] of Object.entries({ Days, Years })) {
    if (value === undefined) continue
    const wrong = (message: string) => s3Errors.InvalidArgument(message, name, String(value))
    if (value <= 0) throw wrong('Default retention period must be a positive integer value.')
    if (value > longest[name === 'Days' ? 'Days' : 'Years']) throw wrong('Default retention period too large.')
  }
}

function lockOf({ Rule }: Configuration): NonNullable<BucketRecord['objectLock']> {
  if (!Rule) return {}
  const { Mode: mode, Days: days, Years: years } = Rule.DefaultRetention
  return { defaultRetention: { mode, days, years } }
}
