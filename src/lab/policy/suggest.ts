import { parseArn } from '../../aws/arn.ts'
import type { Services } from '../../services.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { contextsOf } from '../../trail/event-attributes.ts'
import { everyDataEvent, everyRecord } from '../../trail/every-record.ts'
import { LabRefusal } from '../refusal.ts'
import { IdentityStatements } from './identity-statements.ts'
import { KmsStatements } from './kms-statements.ts'
import { S3Statements } from './s3-statements.ts'
import type { PolicyStatement } from './statements.ts'

/*
 * The least that a principal's recorded calls needed:
 *
 *   trail ─▶ calls of the principal that succeeded ─▶ by key, way and context ─▶ statements for its own policy, and for those of
 *                                                     by bucket and action         keys and buckets: either side is enough
 *                                                     of IAM, STS, CloudTrail      statements for its own policy alone
 */

export interface Suggestion {
  /** The ARN of the user or role. */
  principal: string
  /** Calls that it is made of. */
  calls: number
  identityPolicy: { Version: '2012-10-17'; Statement: PolicyStatement[] }
  keyPolicies: { keyArn: string; statements: PolicyStatement[] }[]
  bucketPolicies: { bucket: string; statements: PolicyStatement[] }[]
  /** What it does not know. */
  notes: string[]
}

/**
 * @param principal the ARN of a user or role, or its name in the emulator's account
 * @param since ms since the epoch
 * @throws LabRefusal where the trail has no call of it that succeeded
 */
export async function suggestPolicies(services: Services, principal: string, since = 0): Promise<Suggestion> {
  const { database, accountId } = services.inProcess
  const kms = new KmsStatements()
  const s3 = new S3Statements()
  const fromKms = services.keepsDataEvents ? new S3Statements() : s3
  const identity = new IdentityStatements(database)
  const arns = new Set<string>()
  let calls = 0
  // Events say when they were by the second: those of the second that is named may have come behind it.
  const first = since - (since % 1000)
  const isWanted = (record: TrailRecord) =>
    record.errorCode === undefined && Date.parse(record.eventTime) >= first && isOf(record, principal, accountId)
  for await (const record of everyRecord(database)) {
    if (!isWanted(record)) continue
    calls++
    arns.add(principalArnOf(record))
    if (record.eventSource === 's3.amazonaws.com') s3.add(record)
    identity.add(record)
    if (record.eventSource !== 'kms.amazonaws.com') continue
    kms.add(record)
    const object = contextArnOf(record)
    if (record.userIdentity.invokedBy !== undefined && object !== undefined)
      fromKms.addFromKms(record.eventName, object)
  }
  let dataEvents = 0
  for await (const record of everyDataEvent(database)) {
    if (!isWanted(record)) continue
    calls++
    dataEvents++
    arns.add(principalArnOf(record))
    s3.add(record)
  }
  const ofIdentity = [...new Set([...kms.actionsOfAccount, ...s3.actionsOfAccount, ...identity.actions])].sort()
  const [arn] = arns
  if (arn === undefined) throw new LabRefusal('absent', `The trail has no call of ${principal} that succeeded`)
  const areWhole = services.keepsDataEvents && dataEvents > 0
  const isNeeded = services.keepsDataEvents && dataEvents === 0
  const ofObjects = isNeeded ? fromKms.identity() : []
  const bucketPolicies = [...s3.ofBuckets(arn), ...(isNeeded ? fromKms.ofBuckets(arn) : [])]
  const Statement = [...kms.identity(), ...s3.identity(), ...ofObjects, ...identity.list()]
  const identityPolicy: Suggestion['identityPolicy'] = { Version: '2012-10-17', Statement }
  return {
    principal: arn,
    calls,
    identityPolicy,
    keyPolicies: kms.ofKeys(arn),
    bucketPolicies: mergedByBucket(bucketPolicies),
    notes: [
      ...(areWhole ? [] : [withoutDataEvents]),
      ...notesOf(ofIdentity, s3.deletesObjects),
      ...notesOfLength(identityPolicy),
    ],
  }
}

const withoutDataEvents =
  'Not all that S3 did with objects is recorded (start with --trail-data-events): permissions on objects follow from the calls of KMS that S3 made, so objects that no KMS key seals are missing'

function notesOf(ofIdentity: readonly string[], deletesObjects: boolean): string[] {
  const [actions, deletion] = [
    `Policies of keys and buckets cannot allow ${ofIdentity.join(', ')}: the identity policy must`,
    'Which keys DeleteObjects deleted is not recorded: it is allowed on all keys of its bucket',
  ]
  return [...(ofIdentity.length > 0 ? [actions] : []), ...(deletesObjects ? [deletion] : [])]
}

/** IAM counts no spaces ("IAM and AWS STS quotas"). */
function notesOfLength(identityPolicy: Suggestion['identityPolicy']): string[] {
  const { length } = JSON.stringify(identityPolicy)
  if (length <= 2048) return []
  return [
    `The identity policy has ${length} characters: inline policies of a user have at most 2048 together, those of a role 10240, a managed policy 6144. Its statements can be spread over several`,
  ]
}

function mergedByBucket(found: Suggestion['bucketPolicies']): Suggestion['bucketPolicies'] {
  const merged = new Map<string, PolicyStatement[]>()
  for (const { bucket, statements } of found) merged.set(bucket, [...(merged.get(bucket) ?? []), ...statements])
  return [...merged].map(([bucket, statements]) => ({ bucket, statements }))
}

/** By ARN, that of the role for its sessions, or by name. */
function isOf(record: TrailRecord, principal: string, accountId: string): boolean {
  const arn = principalArnOf(record)
  if (principal.startsWith('arn:')) return arn === principal || record.userIdentity.arn === principal
  const { accountId: own, resource = '' } = parseArn(arn) ?? {}
  return own === accountId && resource.slice(resource.lastIndexOf('/') + 1) === principal
}

/** Of a session the role's: policies name that. */
function principalArnOf({ userIdentity }: TrailRecord): string {
  const { sessionContext, arn } = userIdentity
  const issuer = Reflect.get(Object(sessionContext), 'sessionIssuer')
  const issued = Reflect.get(Object(issuer), 'arn')
  return typeof issued === 'string' ? issued : String(arn ?? '')
}

function contextArnOf(record: TrailRecord): string | undefined {
  const [arn] = contextsOf(record).map((context) => context['aws:s3:arn'])
  return typeof arn === 'string' ? arn : undefined
}
