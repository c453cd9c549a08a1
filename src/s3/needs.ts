import { bucketArn, objectArn } from '../aws/arn.ts'
import type { AddressedRequest, Need, Needs } from './operation.ts'

/*
 * What operations need, as IAM names it (Service Authorization Reference, "Actions, resources, and condition keys for Amazon
 * S3"; Amazon S3 User Guide, "Required permissions for Amazon S3 API operations"):
 *
 *   PutObject  ─▶ s3:PutObject          arn:aws:s3:::bucket/key     always
 *                 s3:PutObjectTagging   arn:aws:s3:::bucket/key     with x-amz-tagging
 *                 …                                                 every one must be allowed; the first refused is named
 */

/** Of the account, on no resource. */
export function onAccount(action: string): Needs {
  return () => [{ action, resource: '*' }]
}

/** Known only once the document is read: the operation asks `access` itself, before it does anything. */
export const knownByDocument: Needs = () => []

/** On the bucket that the request names. */
export function onBucket(...actions: readonly string[]): Needs {
  return ({ bucketName }) => actions.map((action) => ({ action, resource: bucketArn(bucketName) }))
}

/** On the object that the request names. */
export function onObject(...actions: readonly string[]): Needs {
  return ({ bucketName, key }) => actions.map((action) => ({ action, resource: objectArn(bucketName, key) }))
}

/** On the object, or with `versionId` on that version, by actions of their own: `s3:GetObject`, `s3:GetObjectVersion`. */
export function onVersion(actions: readonly string[], versionActions: readonly string[]): Needs {
  const [ofObject, ofVersion] = [onObject(...actions), onObject(...versionActions)]
  return (request) => (request.query.has('versionId') ? ofVersion : ofObject)(request)
}

/** All of several, in their order. */
export function together(...all: readonly Needs[]): Needs {
  return (request) => all.flatMap((needs) => needs(request))
}

/** Only of callers of the bucket's account, or only of others. */
export function askedOf(accounts: NonNullable<Need['askedOf']>, needs: Needs): Needs {
  return (request) => needs(request).map((need) => ({ ...need, askedOf: accounts }))
}

/** Only of requests that carry one of these headers, with a value that asks for something. */
export function withHeader(names: readonly string[], needs: Needs, asksForNothing?: string): Needs {
  return (request) => {
    const asks = (name: string) => {
      const value = request.headers[name]
      return value !== undefined && value.toLowerCase() !== asksForNothing
    }
    return names.some(asks) ? needs(request) : []
  }
}

const grantHeaders = [
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write',
  'x-amz-grant-write-acp',
]
export const aclHeaders = ['x-amz-acl', ...grantHeaders]

/** Headers that ask for more permissions: records of the trail show them (assumed of all but x-amz-acl). */
export const permissionHeaders: readonly string[] = [
  ...aclHeaders,
  'x-amz-tagging',
  'x-amz-tagging-directive',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
  'x-amz-bypass-governance-retention',
  'x-amz-bucket-object-lock-enabled',
  'x-amz-object-ownership',
]

/** Who may pass over governance retention says so in a header. */
export const bypassOfRetention = withHeader(
  ['x-amz-bypass-governance-retention'],
  onObject('s3:BypassGovernanceRetention'),
  'false',
)

/** What every write of an object needs: PutObject, POST Object, CopyObject's target and CreateMultipartUpload alike. */
export const onWrittenObject: Needs = together(
  onObject('s3:PutObject'),
  // Who writes into another account's bucket owns the object, and may say who reads it (captured).
  askedOf('own account', withHeader(aclHeaders, onObject('s3:PutObjectAcl'))),
  withHeader(['x-amz-tagging'], onObject('s3:PutObjectTagging'), ''),
  withHeader(['x-amz-object-lock-mode', 'x-amz-object-lock-retain-until-date'], onObject('s3:PutObjectRetention')),
  withHeader(['x-amz-object-lock-legal-hold'], onObject('s3:PutObjectLegalHold')),
  withHeader(['if-match'], onObject('s3:GetObject')),
)

/**
 * What a copy needs of its source.
 * @param readSource cuts `x-amz-copy-source`
 */
export function onCopySource(
  readSource: (header: string) => { bucket: string; key: string; versionId?: string },
): Needs {
  return ({ headers }) => {
    const { bucket, key, versionId } = readSource(headers['x-amz-copy-source'] ?? '')
    const action = versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion'
    return [{ action, resource: objectArn(bucket, key), versionId }]
  }
}

/** What the deletion of one object, or of one of its versions, needs: DeleteObject, and each key of DeleteObjects. */
export function needsOfDeletion(
  { bucketName, headers }: Pick<AddressedRequest, 'bucketName' | 'headers'>,
  { key, versionId, etag }: { key: string; versionId?: string; etag?: string },
): readonly Need[] {
  const resource = objectArn(bucketName, key)
  const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion'
  const needs: Need[] = [{ action, resource, versionId, ifMatch: etag }]
  if (headers['x-amz-bypass-governance-retention']?.toLowerCase() === 'true') {
    needs.push({ action: 's3:BypassGovernanceRetention', resource })
  }
  // If-Match: * says only that the object is there.
  if (etag !== undefined && etag !== '*') needs.push({ action: 's3:GetObject', resource })
  return needs
}
