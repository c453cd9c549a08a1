import type { PolicyCache } from '../../access/policy-cache.ts'
import { type Identities, isNamedItself, policiesOfCaller, type SidePolicies, weighSides } from '../../access/sides.ts'
import type { TurnedClock } from '../../ambient.ts'
import { bucketArn } from '../../aws/arn.ts'
import type { AttachedPolicy } from '../../aws/policy.ts'
import { isPublic } from '../bucket-policy/public-policy.ts'
import { countsTags } from '../configurations/bucket-abac.ts'
import { findBucketPolicy } from '../configurations/bucket-policy.ts'
import { BucketTagging } from '../configurations/bucket-tagging.ts'
import { blockOf } from '../configurations/public-access-block.ts'
import type { Need, S3Services, WeighedRequest } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { isInitiator } from '../records/initiator.ts'
import type { UploadRecord } from '../records/uploads.ts'
import { hearAcl } from './acl-voice.ts'
import { asksForPublicAcl, blockedBecause, isBlocked } from './blocked-acl.ts'
import { contextOf } from './condition-keys.ts'
import { decide, type Question } from './decision.ts'
import type { S3Ruling } from './told-ruling.ts'
import { weighedObject } from './weighed-object.ts'

/** What rulings are made of. */
export interface RulingParts {
  stores: Pick<S3Services, 'buckets' | 'configurations' | 'objects' | 'uploads'>
  identities: Identities
  /** Policies as they were read before. */
  policies: PolicyCache
  /** ms since the epoch */
  now: number
  /** Where the emulator's clock is not the one that clients sign by. */
  turned?: TurnedClock
}

/** What is asked. */
export interface AskedNeed {
  request: WeighedRequest
  need: Need
  /** That the need is about; undefined where it is about none that is there. */
  bucket: BucketRecord | undefined
}

/** Asks policies, ACLs and flags whether a caller may, and says what came of it. */
export function rule(parts: RulingParts, question: AskedNeed): S3Ruling {
  const { request, need, bucket } = question
  const { action, resource } = need
  const { caller } = request.authentication
  const own = policiesOfCaller(parts.identities, parts.policies, caller)
  const policies: SidePolicies = { ...own, resource: bucket && bucketPolicies(parts, bucket) }
  const context = contextOf({
    ...question,
    now: parts.now,
    turned: parts.turned,
    findUpload: () => uploadOf(parts, question),
    findBucketTags: () => bucket && countedTagsOf(parts, bucket),
    findObject: () => bucket && weighedObject(parts.stores, { request, need, bucket }),
  })
  const sides = weighSides(policies, { action, resource, caller, context })
  const acl = bucket && hearAcl(parts.stores, { request, need, bucket, caller })
  const weighed: Question = {
    action,
    caller,
    bucket,
    sides,
    acl,
    isNamedItself: isInvitedByName(policies, sides, caller),
    isInitiator: began(parts, question),
    isRestricted: bucket !== undefined && isRestricted(parts, bucket, policies.resource),
  }
  const decision = decide(weighed)
  const isBlocking = !decision.allowed && isBlockedAcl(parts, question)
  return {
    action,
    resource,
    ...(isBlocking ? { allowed: false, because: blockedBecause } : decision),
    isAdministrator: policies.identity === undefined && caller.type !== 'Anonymous',
    sides,
    acl: acl?.asked,
    blocks: blocksOf(weighed, isBlocking),
  }
}

const putsAcl = new Set(['s3:PutBucketAcl', 's3:PutObjectAcl', 's3:PutObjectVersionAcl'])

/** That public ACLs are blocked is told also to who may put none (evidence: s3-block-public-acls). */
function isBlockedAcl({ stores }: RulingParts, { request, need, bucket }: AskedNeed): boolean {
  if (!bucket || !putsAcl.has(need.action) || !asksForPublicAcl(request.headers)) return false
  return isBlocked(stores, bucket)
}

function blocksOf({ isRestricted, acl, caller, bucket }: Question, isBlocking: boolean): string[] {
  const isOfOthers = caller.accountId !== bucket?.ownerAccountId
  return [
    ...(isBlocking ? ['BlockPublicAcls: no ACL may let in everybody'] : []),
    ...(acl?.asked?.ignoresPublic ? ['IgnorePublicAcls: what the ACL grants to everybody counts for nothing'] : []),
    ...(isRestricted && isOfOthers
      ? ["RestrictPublicBuckets: the bucket's policy is public, so only its account and services of AWS are let in"]
      : []),
  ]
}

function bucketPolicies({ stores, policies }: RulingParts, bucket: BucketRecord): AttachedPolicy[] | undefined {
  const text = findBucketPolicy(stores, bucket)
  return text === undefined ? undefined : [policies.attach('bucket policy', text, 'resource')]
}

function isRestricted(
  { stores }: RulingParts,
  bucket: BucketRecord,
  policies: readonly AttachedPolicy[] = [],
): boolean {
  if (!policies.some(({ policy }) => isPublic(policy))) return false
  return blockOf(stores, bucket).RestrictPublicBuckets === true
}

function countedTagsOf({ stores }: RulingParts, { name }: BucketRecord) {
  return countsTags(stores, name) ? BucketTagging.find(stores, name)?.TagSet : undefined
}

const rightsOfInitiator = new Set(['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'])

function began(parts: RulingParts, question: AskedNeed): boolean {
  if (!rightsOfInitiator.has(question.need.action)) return false
  const upload = uploadOf(parts, question)
  return upload !== undefined && isInitiator(question.request.authentication.caller, upload)
}

function uploadOf({ stores }: RulingParts, { request, need, bucket }: AskedNeed): UploadRecord | undefined {
  const uploadId = request.query.get('uploadId')
  if (uploadId === undefined || !bucket) return undefined
  const key = need.resource.slice(bucketArn(bucket.name).length + 1)
  return stores.uploads.find(bucket.name, key, uploadId)?.record
}

function isInvitedByName({ resource }: SidePolicies, sides: Question['sides'], caller: Question['caller']): boolean {
  if (!resource || sides.resource?.decision !== 'allow') return false
  return isNamedItself(resource, sides.resource, caller)
}
