import { AwsError } from '../../aws/errors.ts'

/*
 * Why a version is not replicated, in the words of S3's events ("Amazon S3 replication failure reasons" in the Amazon S3 User Guide;
 * evidence: s3-replication-failures).
 */

export type FailureReason =
  | 'AssumeRoleNotPermitted'
  | 'DstBucketNotFound'
  | 'DstBucketObjectLockConfigMissing'
  | 'DstBucketUnversioned'
  | 'DstDelObjNotPermitted'
  | 'DstKmsKeyInvalidState'
  | 'DstKmsKeyNotFound'
  | 'DstPutObjectNotPermitted'
  | 'DstVersionNotFound'
  | 'SrcBucketReplicationConfigMissing'
  | 'SrcGetAclNotPermitted'
  | 'SrcGetObjectNotPermitted'
  | 'SrcKmsKeyInvalidState'
  | 'SrcKmsKeyNotFound'
  | 'SrcObjectNotEligible'

/** S3 gives up: the status is FAILED, and nothing is tried again. */
export class ReplicationFailure extends Error {
  readonly reason: FailureReason

  /** @param why for the log */
  constructor(reason: FailureReason, why: string) {
    super(why)
    this.name = 'ReplicationFailure'
    this.reason = reason
  }
}

const words = {
  source: {
    refused: 'SrcGetObjectNotPermitted',
    keyMissing: 'SrcKmsKeyNotFound',
    keyUnusable: 'SrcKmsKeyInvalidState',
  },
  destination: {
    refused: 'DstPutObjectNotPermitted',
    keyMissing: 'DstKmsKeyNotFound',
    keyUnusable: 'DstKmsKeyInvalidState',
  },
} as const

/**
 * What a refusal of a key means.
 * @returns the error itself where it may be otherwise the next time
 */
export function failureOf(error: unknown, side: keyof typeof words): unknown {
  if (!(error instanceof AwsError) || error.status >= 500) return error
  const { refused, keyMissing, keyUnusable } = words[side]
  if (error.code === 'KMS.NotFoundException') return new ReplicationFailure(keyMissing, error.message)
  const isOfKey = error.code.startsWith('KMS.')
  return new ReplicationFailure(isOfKey ? keyUnusable : refused, error.message || error.code)
}
