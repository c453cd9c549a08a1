import { keyArn } from '../../aws/arn.ts'
import { globalContext } from '../../aws/policy.ts'
import type { ConditionContext } from '../../aws/policy-conditions.ts'
import { beginningWithDate, readMoment } from '../../calendar.ts'
import type { Authentication } from '../../protocol/authentication.ts'
import { isKeyOf } from '../bucket-policy/actions.ts'
import type { RequestFacts } from './request-facts.ts'
import { keysOf, tagPrefixOf, tagReader, tagsBuckets, tagsOfRequest } from './tag-keys.ts'

/*
 * The condition keys of S3 (Service Authorization Reference, "Condition keys for Amazon S3"), and the global ones: one reader
 * a key. A value is looked up when a statement asks for it and not before: most policies ask for few. A key has no value for
 * an action that it has no meaning for (`bucket-policy/actions.ts`). A header's key has what the request named, never a
 * default of the bucket (evidence: sse-policy-keys).
 */

type Value = string | readonly string[] | undefined
type ReadValue = (facts: RequestFacts) => Value

const header =
  (name: string): ReadValue =>
  ({ request }) =>
    request.headers[name]
const parameter =
  (name: string): ReadValue =>
  ({ request }) =>
    request.query.get(name)

const sse = 'x-amz-server-side-encryption'

/** Named as their headers are. */
const ofHeaders = [
  'x-amz-acl',
  'x-amz-grant-read',
  'x-amz-grant-write',
  'x-amz-grant-read-acp',
  'x-amz-grant-write-acp',
  'x-amz-grant-full-control',
  // As it was sent: an encoded letter is another one (evidence: s3-copy-source-key).
  'x-amz-copy-source',
  'x-amz-metadata-directive',
  // Of this very request, in uploads too.
  `${sse}-customer-algorithm`,
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
  'x-amz-object-ownership',
  'x-amz-bucket-namespace',
  'if-none-match',
]

/** Condition keys by their lower-case names, as the names ignore case. */
const readers: Readonly<Record<string, ReadValue>> = {
  ...Object.fromEntries(ofHeaders.map((name) => [`s3:${name}`, header(name)])),
  's3:prefix': parameter('prefix'),
  's3:delimiter': parameter('delimiter'),
  's3:max-keys': parameter('max-keys'),
  's3:if-match': ({ request, need }) => request.headers['if-match'] ?? need.ifMatch,
  's3:versionid': ({ need, request }) => need.versionId ?? request.query.get('versionId'),
  // What was asked at CreateMultipartUpload counts for its parts and its completion (evidence: s3-upload-keys).
  [`s3:${sse}`]: ({ request, findUpload }) => request.headers[sse] ?? findUpload()?.asked?.algorithm,
  [`s3:${sse}-aws-kms-key-id`]: kmsKeyOf,
  's3:requestobjecttagkeys': (facts) => keysOf(tagsOfRequest(facts.request)),
  's3:object-lock-mode': header('x-amz-object-lock-mode'),
  's3:object-lock-retain-until-date': header('x-amz-object-lock-retain-until-date'),
  's3:object-lock-remaining-retention-days': remainingDays,
  's3:object-lock-legal-hold': header('x-amz-object-lock-legal-hold'),
  's3:objectcreationoperation': ({ request }) => createsObject[request.operation],

  's3:authtype': ({ request }) => authTypes[request.authentication.method],
  's3:signatureversion': ({ request }) => signatureVersions[request.authentication.signature],
  's3:signatureage': signatureAge,
  // A header alone, never a parameter of a presigned URL.
  's3:x-amz-content-sha256': ({ request }) => request.call.headers['x-amz-content-sha256'],
  's3:tlsversion': ({ request }) => request.call.tlsVersion?.replace(/^TLSv/, ''),
  's3:resourceaccount': ({ bucket }) => bucket?.ownerAccountId,
  'aws:resourceaccount': ({ bucket }) => bucket?.ownerAccountId,
  'aws:tagkeys': ({ request, need }) => (tagsBuckets.has(need.action) ? keysOf(tagsOfRequest(request)) : undefined),
  'aws:referer': ({ request }) => request.call.headers.referer,
}

const createsObject: Readonly<Record<string, string>> = {
  PutObject: 'true',
  PostObject: 'true',
  CopyObject: 'true',
  CompleteMultipartUpload: 'true',
  CreateMultipartUpload: 'false',
  UploadPart: 'false',
  UploadPartCopy: 'false',
}

const authTypes: Readonly<Record<Authentication['method'], string | undefined>> = {
  AuthHeader: 'REST-HEADER',
  QueryString: 'REST-QUERY-STRING',
  PostForm: 'POST',
  none: undefined,
}
const signatureVersions: Readonly<Record<Authentication['signature'], string | undefined>> = {
  SigV4: 'AWS4-HMAC-SHA256',
  SigV2: 'AWS',
  none: undefined,
}

/** The condition keys of a request, each read once, when it is asked for: a policy may ask for one a hundred times. */
export function contextOf(facts: RequestFacts): ConditionContext {
  const values = new Map<string, readonly string[] | undefined>()
  const read = reader(facts)
  return {
    get(name) {
      const key = name.toLowerCase()
      if (values.has(key)) return values.get(key)
      const value = read(key)
      values.set(key, value)
      return value
    },
    hasOneValue: (name) => tagPrefixOf(name.toLowerCase()) !== undefined,
  }
}

/** Reads keys in lower case. */
function reader(facts: RequestFacts): (key: string) => readonly string[] | undefined {
  let global: ConditionContext | undefined
  const tags = tagReader(facts)
  return (key) => {
    if (key.startsWith('s3:') && !isKeyOf(facts.need.action, key)) return undefined
    const prefix = tagPrefixOf(key)
    if (prefix) return tags(prefix, key.slice(prefix.length))
    const said = facts.request.document?.values?.[key]
    if (said !== undefined) return listOf(said)
    if (Object.hasOwn(readers, key)) return listOf(readers[key]?.(facts))
    global ??= globalOf(facts)
    return global.get(key)
  }
}

function globalOf({ request, now }: RequestFacts): ConditionContext {
  const { authentication, call } = request
  const { caller, region } = authentication
  const { clientAddress: sourceIp, secure, headers } = call
  return globalContext({ caller, now, sourceIp, secure, userAgent: headers['user-agent'], region })
}

/** The ARN of the key that is named; an alias stays one (evidence: s3-key-alias): only KMS knows whose it is. */
function kmsKeyOf({ request, bucket, findUpload }: RequestFacts): Value {
  const named = request.headers[`${sse}-aws-kms-key-id`] ?? findUpload()?.asked?.keyId
  if (named === undefined || named.startsWith('arn:')) return named
  const region = bucket?.region ?? request.authentication.region
  const { accountId } = request.authentication.caller
  return named.startsWith('alias/') ? `arn:aws:kms:${region}:${accountId}:${named}` : keyArn(region, accountId, named)
}

const day = 86_400_000

function remainingDays({ request, now }: RequestFacts): Value {
  const stated = request.document?.values?.['s3:object-lock-retain-until-date']
  const text = stated ?? request.headers['x-amz-object-lock-retain-until-date']
  const until = typeof text === 'string' ? readMoment(text, beginningWithDate) : undefined
  return until === undefined ? undefined : String(Math.floor((until - now) / day))
}

/** ms; 0 of Signature Version 2. */
function signatureAge({ request, now, turned }: RequestFacts): Value {
  const { signature } = request.authentication
  if (signature === 'none') return undefined
  if (signature === 'SigV2') return '0'
  const date = request.headers['x-amz-date'] ?? request.query.get('X-Amz-Date') ?? request.headers.date ?? ''
  const signed = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  return Number.isNaN(signed) ? undefined : String(now - (turned?.at(signed) ?? signed))
}

function listOf(value: Value): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value
}
