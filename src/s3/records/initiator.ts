import { type Caller, canonicalUserId, displayName } from '../../aws/caller.ts'
import type { UploadRecord } from './uploads.ts'

/** Who began an upload: the ARN of an IAM user, the canonical user id of an account (evidence: s3-initiator). */
export function initiatorOf(caller: Caller): UploadRecord['initiator'] {
  const account = canonicalUserId(caller.accountId)
  if (caller.type === 'Root') return { id: account, displayName: displayName(account) }
  return { id: caller.arn, displayName: caller.userName ?? displayName(account) }
}

/** Whether a caller began an upload, or is the root of the account of who did. */
export function isInitiator(caller: Caller, { initiator, ownerAccountId }: UploadRecord): boolean {
  if (caller.type === 'Root') return caller.accountId === ownerAccountId
  return caller.type !== 'Anonymous' && initiator.id === caller.arn
}
