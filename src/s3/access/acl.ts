import { canonicalUserId } from '../../aws/caller.ts'
import type { XmlElement } from '../../protocol/rest-xml.ts'
import { readXmlBody } from '../documents/xml-body.ts'
import { document, enumeration, list, named, required, string, structure } from '../documents/xml-shapes.ts'
import { ineffectiveHeader, notImplementedElement, s3Errors } from '../errors.ts'
import { isAcl } from '../objects/ineffective-headers.ts'
import type { BucketRequest } from '../operation.ts'

/*
 * Everything here has one ACL: its owner has FULL_CONTROL, and nobody else anything. Exactly one of three says what another is
 * to be: x-amz-acl, grant headers, a document. One that says what is already so is done; any other is NotImplemented.
 */

const cannedAcls = new Set([
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
  'log-delivery-write',
])

const malformed = s3Errors.MalformedACLError
const Owner = structure({ ID: required(string(), malformed), DisplayName: string() })
const Permission = enumeration(['FULL_CONTROL', 'WRITE', 'WRITE_ACP', 'READ', 'READ_ACP'], malformed)
const Grant = structure({ Grantee: required(document(), malformed), Permission: required(Permission, malformed) })
export const AccessControlPolicy = structure({
  Owner: required(Owner, malformed),
  Grants: named('AccessControlList', list('Grant', Grant)),
})

/**
 * Checks that PutBucketAcl or PutObjectAcl asks for the ACL that is there.
 * @param ownerAccountId of the bucket or of the object
 * @throws AwsError AccessControlListNotSupported where ACLs are off (evidence: s3-acls-off); NotImplemented for another ACL; what S3
 *   finds malformed
 */
export async function checkAclStays(request: BucketRequest, ownerAccountId: string): Promise<void> {
  const { headers, bucket } = request
  if (bucket.objectOwnership === 'BucketOwnerEnforced') throw s3Errors.AccessControlListNotSupported()
  const body = await readXmlBody(request, 'AccessControlPolicy', 'optional')
  const given = Object.keys(headers).filter(isAcl)
  if (given.length > 0) return checkHeaders(headers, given, body !== undefined)
  if (!body) throw s3Errors.MissingSecurityHeader('x-amz-acl')
  checkDocument(body, ownerAccountId)
}

function checkHeaders(headers: Readonly<Record<string, string>>, given: readonly string[], hasBody: boolean): void {
  const canned = headers['x-amz-acl']
  if (canned !== undefined && given.length > 1) {
    throw s3Errors.InvalidRequest('Specifying both Canned ACLs and Header Grants is not allowed')
  }
  if (hasBody) throw s3Errors.UnexpectedContent()
  if (canned === 'private') return
  if (canned !== undefined && !cannedAcls.has(canned)) throw s3Errors.InvalidArgument('', 'x-amz-acl', canned)
  const [name = ''] = given
  throw ineffectiveHeader(name, headers[name] ?? '')
}

function checkDocument(body: XmlElement, ownerAccountId: string): void {
  const { Owner, Grants = [] } = AccessControlPolicy.read(body)
  const owner = canonicalUserId(ownerAccountId)
  if (Owner.ID !== owner) throw s3Errors.AccessDenied()
  const [grant, another] = Grants
  const isOwners = !another && grant?.Permission === 'FULL_CONTROL' && idOf(grant.Grantee) === owner
  if (!isOwners) throw notImplementedElement('AccessControlPolicy', 'grants beside FULL_CONTROL of the owner')
}

function idOf(grantee: XmlElement[string]): unknown {
  return typeof grantee === 'object' && !Array.isArray(grantee) ? grantee.ID : undefined
}
