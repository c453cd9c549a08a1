import { objectArn } from '../../aws/arn.ts'
import { canonicalUserId } from '../../aws/caller.ts'
import { s3Errors } from '../errors.ts'
import { ownerOfNew } from '../objects/ownership.ts'
import type { WriteIntent, WriteRequest } from '../objects/write.ts'
import type { S3Services } from '../operation.ts'
import type { AskedAcl } from '../records/acl.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { grantsOf, keptAcl } from './acl-grants.ts'
import { readAclHeaders } from './acl-headers.ts'
import { refuseBlockedAcl } from './blocked-acl.ts'

/*
 * What a write says of owner and ACL: PutObject, POST Object, CopyObject and CreateMultipartUpload alike.
 *
 *   headers ─▶ asked ─▶ ACLs are on, or it asks for nothing ─▶ not public where that is blocked ─▶ owner ─▶ grants
 *
 * A new object inherits nothing: neither from what it replaces, nor from its bucket, nor from what it is a copy of.
 */

type Services = Pick<S3Services, 'configurations'>

/** Who owns what is written, and its ACL. */
type Holding = WriteIntent['holding']

/**
 * @returns the owner and the ACL of what the request writes
 * @throws AwsError as {@link askedByWrite}
 */
export function holdingOfWrite(services: Services, request: WriteRequest): Holding {
  return holdingOf(request.bucket, writerOf(request), askedByWrite(services, request))
}

/** What a service of AWS delivers is the bucket owner's: a service has no account. */
function writerOf({ bucket, authentication: { caller } }: WriteRequest): string {
  return caller.type === 'AWSService' ? bucket.ownerAccountId : caller.accountId
}

/**
 * @returns undefined where the write asks for no ACL
 * @throws AwsError AccessControlListNotSupported where ACLs are off, AccessDenied for a public one where those are blocked,
 *   and what is wrong with the headers
 */
export function askedByWrite(services: Services, request: WriteRequest): AskedAcl | undefined {
  const { bucket, key, headers, authentication } = request
  const asked = readAclHeaders(headers, 'object')
  if (asked === undefined) return undefined
  const bucketOwner = canonicalUserId(bucket.ownerAccountId)
  if (bucket.objectOwnership === 'BucketOwnerEnforced') {
    if (!asksForNothing(asked, bucketOwner)) throw s3Errors.AccessControlListNotSupported()
    return undefined
  }
  const grants = grantsOf(asked, canonicalUserId(writerOf(request)), bucketOwner)
  const need = { action: 's3:PutObjectAcl', resource: objectArn(bucket.name, key) }
  refuseBlockedAcl(services, { bucket, authentication }, grants, need)
  return asked
}

/** What a bucket without ACLs takes: more than S3's documents say (evidence: s3-acls-off). */
function asksForNothing(asked: AskedAcl, bucketOwner: string): boolean {
  if ('canned' in asked) return ['private', 'bucket-owner-read', 'bucket-owner-full-control'].includes(asked.canned)
  return asked.grants.every(
    ({ grantee, permission }) => permission === 'FULL_CONTROL' && 'id' in grantee && grantee.id === bucketOwner,
  )
}

/**
 * @param writer the account that writes, empty of an anonymous caller
 * @param asked as {@link askedByWrite} has it; of an upload, when it was created
 */
export function holdingOf(bucket: BucketRecord, writer: string, asked: AskedAcl | undefined): Holding {
  const ownerAccountId = ownerOfNew(bucket, writer, asked)
  if (asked === undefined || bucket.objectOwnership === 'BucketOwnerEnforced') {
    return { ownerAccountId, acl: undefined }
  }
  const owner = canonicalUserId(ownerAccountId)
  return { ownerAccountId, acl: keptAcl(grantsOf(asked, owner, canonicalUserId(bucket.ownerAccountId)), owner) }
}
