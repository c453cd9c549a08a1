import type { AskedAcl } from '../records/acl.ts'
import type { BucketRecord } from '../records/buckets.ts'

/*
 * Who owns an object ("Controlling ownership of objects" in the Amazon S3 User Guide; evidence: s3-object-ownership):
 *
 *   BucketOwnerEnforced    the bucket's owner, also of what others wrote before
 *   BucketOwnerPreferred   the bucket's owner where the writer said bucket-owner-full-control, else the writer
 *   ObjectWriter           the writer
 */

/**
 * The account that owns an object, as long as the bucket's setting stands.
 * @param stored the account that its record names
 */
export function ownerIn(
  { objectOwnership, ownerAccountId }: Pick<BucketRecord, 'objectOwnership' | 'ownerAccountId'>,
  stored: string,
): string {
  return objectOwnership === 'BucketOwnerEnforced' ? ownerAccountId : stored
}

/**
 * The account that will own what is written.
 * @param writer the caller's account; empty of an anonymous one
 * @param asked only the canned ACL moves ownership, never the same grant by header
 */
export function ownerOfNew(
  bucket: Pick<BucketRecord, 'objectOwnership' | 'ownerAccountId'>,
  writer: string,
  asked: AskedAcl | undefined,
): string {
  const gives = asked !== undefined && 'canned' in asked && asked.canned === 'bucket-owner-full-control'
  if (bucket.objectOwnership === 'BucketOwnerPreferred' && gives) return bucket.ownerAccountId
  return ownerIn(bucket, writer)
}
