import { boolean, list, required, string, structure } from '../../protocol/shapes.ts'
import { checkDestination } from '../checks/destination.ts'
import { arnNamed, checkName, findAtHome, findOfRegion, findTrail } from '../checks/name.ts'
import { changedSettings } from '../checks/settings.ts'
import { withTags } from '../checks/tags.ts'
import { cloudTrailErrors } from '../errors.ts'
import { type CloudTrailCall, cloudTrailOperation } from '../operation.ts'
import { forgetDigests } from '../records/digests.ts'
import type { TrailSettings } from '../records/kinds.ts'
import { trailArn } from '../records/trails.ts'
import { TagsList, TrailName } from '../shapes.ts'

/* Trails: make, change, take away, read, list. */

const mostTrails = 5

const settings = {
  S3KeyPrefix: string(),
  SnsTopicName: string(),
  IncludeGlobalServiceEvents: boolean(),
  IsMultiRegionTrail: boolean(),
  EnableLogFileValidation: boolean(),
  CloudWatchLogsLogGroupArn: string(),
  CloudWatchLogsRoleArn: string(),
  KmsKeyId: string(),
  IsOrganizationTrail: boolean(),
}

export const CreateTrail = cloudTrailOperation({
  name: 'CreateTrail',
  input: structure({ Name: required(TrailName), S3BucketName: required(string()), ...settings, TagsList }),
  readOnly: false,
  on: (call, { Name }) => trailArn({ homeRegion: call.region, accountId: call.accountId, name: Name }),
  differs: 'topics of SNS, log groups of CloudWatch Logs and organizations do not exist here, and are refused as such',
  async handle(call, input) {
    const { accountId, region, services, transaction } = call
    checkName(input.Name)
    const asked = changedSettings(unset(call, input.Name), input)
    checkRoomFor(call, asked)
    const kmsKeyId = await checkDestination(call, asked)
    const tags = withTags([], input.TagsList ?? [])
    const trail = { ...asked, kmsKeyId, tags, accountId, homeRegion: region }
    services.trails.put(transaction, trail)
    return answerOf(trail)
  },
})

/** What a trail is of which nothing is said. */
function unset({ accountId, region, services }: CloudTrailCall, name: string): TrailSettings {
  return {
    id: services.ambient.uuid(),
    accountId,
    homeRegion: region,
    name,
    bucket: '',
    includesGlobalServices: true,
    isMultiRegion: false,
    validatesLogFiles: false,
    isLogging: false,
    tags: [],
  }
}

/**
 * A trail of all Regions is one of five in each, and has its name there; a Region that has none of its own has no other trails
 * than its home ("Quotas in AWS CloudTrail"; evidence: trail-regions).
 * @throws AwsError TrailAlreadyExistsException, MaximumNumberOfTrailsExceededException
 */
function checkRoomFor(call: CloudTrailCall, asked: TrailSettings): void {
  const { accountId, region, services } = call
  const others = services.trails.of(accountId).filter(({ id }) => id !== asked.id)
  const isNamedSo = others.some(({ name, homeRegion, isMultiRegion }) => {
    return name === asked.name && (homeRegion === region || isMultiRegion || asked.isMultiRegion)
  })
  if (isNamedSo) throw cloudTrailErrors.TrailAlreadyExistsException(asked.name, accountId)
  const regions = asked.isMultiRegion ? new Set([region, ...others.map(({ homeRegion }) => homeRegion)]) : [region]
  for (const one of regions) {
    const count = others.filter((trail) => trail.isMultiRegion || trail.homeRegion === one).length
    if (count >= mostTrails) throw cloudTrailErrors.MaximumNumberOfTrailsExceededException(accountId, count, one)
  }
}

export const UpdateTrail = cloudTrailOperation({
  name: 'UpdateTrail',
  input: structure({ Name: required(TrailName), S3BucketName: string(), ...settings }),
  readOnly: false,
  on: (call, { Name }) => arnNamed(call, Name),
  async handle(call, input) {
    const before = findAtHome(call, input.Name)
    const asked = changedSettings(before, input)
    if (asked.isMultiRegion && !before.isMultiRegion) checkRoomFor(call, asked)
    const trail = { ...asked, kmsKeyId: await checkDestination(call, asked) }
    if (before.validatesLogFiles && !trail.validatesLogFiles) await forgetDigests(call.transaction, trail.id)
    call.services.trails.put(call.transaction, trail)
    return answerOf(trail)
  },
})

export const DeleteTrail = cloudTrailOperation({
  name: 'DeleteTrail',
  input: structure({ Name: required(TrailName) }),
  readOnly: false,
  on: (call, { Name }) => arnNamed(call, Name),
  differs: 'what no log file has yet is not delivered any more',
  handle(call, { Name }) {
    call.services.trails.delete(call.transaction, findAtHome(call, Name))
    return {}
  },
})

export const GetTrail = cloudTrailOperation({
  name: 'GetTrail',
  input: structure({ Name: required(TrailName) }),
  readOnly: true,
  on: (call, { Name }) => arnNamed(call, Name),
  handle: (call, { Name }) => ({ Trail: described(findTrail(call, Name)) }),
})

export const DescribeTrails = cloudTrailOperation({
  name: 'DescribeTrails',
  input: structure({ trailNameList: list(string()), includeShadowTrails: boolean() }),
  readOnly: true,
  on: () => '*',
  handle(call, { trailNameList = [], includeShadowTrails = true }) {
    const { accountId, region, services } = call
    const named = trailNameList.flatMap((name) => findOfRegion(call, name) ?? [])
    const reaching = services.trails.of(accountId).filter((trail) => trail.isMultiRegion || trail.homeRegion === region)
    const shown = trailNameList.length > 0 ? named : reaching
    const trails = shown.filter(({ homeRegion }) => includeShadowTrails || homeRegion === region)
    return { trailList: trails.map(described) }
  },
})

export const ListTrails = cloudTrailOperation({
  name: 'ListTrails',
  input: structure({ NextToken: string() }),
  readOnly: true,
  on: () => '*',
  handle({ accountId, services }, { NextToken }) {
    if (NextToken !== undefined) throw cloudTrailErrors.InvalidTokenException()
    const all = services.trails.of(accountId)
    return {
      Trails: all.map((trail) => ({ TrailARN: trailArn(trail), Name: trail.name, HomeRegion: trail.homeRegion })),
    }
  },
})

function answerOf(trail: TrailSettings) {
  return {
    Name: trail.name,
    S3BucketName: trail.bucket,
    S3KeyPrefix: trail.prefix,
    IncludeGlobalServiceEvents: trail.includesGlobalServices,
    IsMultiRegionTrail: trail.isMultiRegion,
    TrailARN: trailArn(trail),
    LogFileValidationEnabled: trail.validatesLogFiles,
    KmsKeyId: trail.kmsKeyId,
    IsOrganizationTrail: false,
  }
}

function described(trail: TrailSettings) {
  const hasSelectors = trail.selectors !== undefined || trail.advancedSelectors !== undefined
  return {
    ...answerOf(trail),
    HomeRegion: trail.homeRegion,
    HasCustomEventSelectors: hasSelectors,
    HasInsightSelectors: false,
  }
}
