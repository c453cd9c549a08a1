import { allows, denialOf, missingOn, type Sides } from '../../access/sides.ts'
import type { Caller } from '../../aws/caller.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { AclVoice } from './acl-voice.ts'

/*
 * May this caller do this with this bucket or object? (evidence: s3-who-may)
 *
 *   a Deny of the bucket policy, an identity policy, the boundary or the session's policy   → refused
 *   own account      an identity policy allows, or the bucket policy names the caller or everybody, or an ACL grants to a group
 *   other account    an identity policy allows, and the bucket policy or an ACL allows
 *   anonymous        the bucket policy or an ACL allows everybody
 *   who owns no object of another's has of it what its ACL grants, be it the bucket's owner: no bucket policy allows more
 *   an upload        who began it may stop it and list its parts, without any policy (evidence: s3-initiator-rights)
 *   always           boundary and session policy, where there are some, allow too; but of the own account not where the bucket
 *                    policy names the very user or session
 *
 * A caller without identity policies is an administrator of its account. The root of the bucket's account can always look at,
 * put and delete its policy, so that nobody locks a bucket for ever.
 */

/** What is known of a question. */
export interface Question {
  action: string
  caller: Caller
  /** Undefined where the question is about no bucket that is there: identity policies alone decide. */
  bucket: Pick<BucketRecord, 'ownerAccountId'> | undefined
  sides: Sides
  /** What the ACL of the bucket or of the object says; undefined where it has no say. */
  acl?: AclVoice
  /** Whether the bucket policy allows it by the caller's very own ARN. */
  isNamedItself: boolean
  /** Whether the question is about an upload that the caller began, and about stopping it or listing its parts. */
  isInitiator: boolean
  /** The bucket's policy is public, and RestrictPublicBuckets keeps all but its account out. */
  isRestricted: boolean
}

export interface Decision {
  allowed: boolean
  /** Half a sentence: what allowed it, or AWS's own words for the refusal. */
  because: string
}

const exemptOfRoot = new Set(['s3:getbucketpolicy', 's3:putbucketpolicy', 's3:deletebucketpolicy'])

export function decide(question: Question): Decision {
  const { caller, bucket } = question
  if (isExempt(question)) return allowed('the root of an account always has the policies of its buckets')
  const denial = denialOf(question.sides)
  if (denial) return refused(denial)
  if (!bucket && caller.type === 'Anonymous') return refused(missingOn('resource', question.action))
  if (!bucket) return decideByCaller(question, 'the identity policies allow it')
  const isOwn = caller.accountId === bucket.ownerAccountId && caller.type !== 'Anonymous'
  if (question.isInitiator && (isOwn || !question.isRestricted))
    return decideByLimits(question, 'the caller began the upload')
  return isOwn ? decideOfOwnAccount(question) : decideOfOthers(question)
}

function isExempt({ action, caller, bucket }: Question): boolean {
  if (caller.type !== 'Root' || caller.accountId !== bucket?.ownerAccountId) return false
  return exemptOfRoot.has(action.toLowerCase())
}

function decideOfOwnAccount(question: Question): Decision {
  const { action, sides, isNamedItself, acl } = question
  if (acl?.isForeign && acl.invitation === undefined) return refused(missingOn('resource', action))
  if (acl?.invitation !== undefined && acl.isToGroup && !allows(sides.identity)) {
    return decideByLimits(question, acl.invitation)
  }
  const isInvited = bucketAllows(question) && sides.resource?.isDirect === true
  if (isInvited && isNamedItself) return allowed('the bucket policy names the caller')
  if (isInvited) return decideByLimits(question, 'the bucket policy allows the caller')
  return decideByCaller(
    question,
    acl?.isForeign ? `the identity policies allow it, and ${acl.invitation}` : 'the identity policies allow it',
  )
}

function decideOfOthers(question: Question): Decision {
  const { action, caller, isRestricted, acl } = question
  const invitation = bucketAllows(question) ? 'the bucket policy allows it' : acl?.invitation
  if (invitation === undefined) return refused(missingOn('resource', action))
  // RestrictPublicBuckets spares services of AWS ("Blocking public access to your Amazon S3 storage").
  if (caller.type === 'AWSService') return allowed(invitation)
  if (isRestricted) return refused('with an explicit deny in a resource-based policy')
  if (caller.type === 'Anonymous') return allowed(invitation)
  return decideByCaller(question, `${invitation}, and so do the identity policies of the other account`)
}

function bucketAllows({ sides: { resource }, acl }: Question): boolean {
  return resource?.decision === 'allow' && !acl?.isForeign
}

function decideByCaller(question: Question, because: string): Decision {
  const { sides, action } = question
  return allows(sides.identity) ? decideByLimits(question, because) : refused(missingOn('identity', action))
}

function decideByLimits({ sides, action }: Question, because: string): Decision {
  if (!allows(sides.boundary)) return refused(missingOn('boundary', action))
  return allows(sides.session) ? allowed(because) : refused(missingOn('session', action))
}

function allowed(because: string): Decision {
  return { allowed: true, because }
}

function refused(because: string): Decision {
  return { allowed: false, because }
}
