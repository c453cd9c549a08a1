import { canonicalUserId } from '../../aws/caller.ts'
import { readXmlBody } from '../documents/xml-body.ts'
import { s3Errors } from '../errors.ts'
import type { BucketRequest, Need, S3Services } from '../operation.ts'
import type { Acl, AskedAcl } from '../records/acl.ts'
import { readAclDocument } from './acl-document.ts'
import { grantsOf, keptAcl } from './acl-grants.ts'
import { readAclHeaders } from './acl-headers.ts'
import { refuseBlockedAcl } from './blocked-acl.ts'

/** What an ACL is put on. */
export interface AclTarget {
  of: 'bucket' | 'object'
  ownerAccountId: string
  /** The permission that putting it takes, as a refusal names it. */
  need: Need
}

/**
 * Reads what PutBucketAcl or PutObjectAcl asks for: exactly one of x-amz-acl, grant headers, a document (evidence: s3-acl-put).
 * @returns the ACL as it is kept
 * @throws AwsError AccessControlListNotSupported where ACLs are off (evidence: s3-acls-off), AccessDenied for a public one where
 *   those are blocked, and what is wrong with headers or document
 */
export async function readPutAcl(
  services: Pick<S3Services, 'configurations'>,
  request: BucketRequest,
  { of, ownerAccountId, need }: AclTarget,
): Promise<Acl | undefined> {
  const { bucket, headers } = request
  if (bucket.objectOwnership === 'BucketOwnerEnforced') throw s3Errors.AccessControlListNotSupported()
  const body = await readXmlBody(request, 'AccessControlPolicy', 'optional')
  const given = readAclHeaders(headers, of)
  if (given && body) throw s3Errors.UnexpectedContent()
  const owner = canonicalUserId(ownerAccountId)
  const asked: AskedAcl | undefined = body ? { grants: readAclDocument(body, owner) } : given
  if (!asked) throw s3Errors.MissingSecurityHeader('x-amz-acl')
  const grants = grantsOf(asked, owner, canonicalUserId(bucket.ownerAccountId))
  refuseBlockedAcl(services, request, grants, need)
  return keptAcl(grants, owner)
}
