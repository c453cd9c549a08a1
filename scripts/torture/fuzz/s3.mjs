import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mutateText, oddText, sometimes } from './mutations.mjs'
import { finish, headerText } from './request.mjs'
import { documentFor } from './xml.mjs'

/* S3: every operation of AWS's model with the query and headers that ask for it, rightly first, then changed. */

const table = JSON.parse(readFileSync(new URL('../../../fixtures/aws/s3.json', import.meta.url), 'utf8'))
// What a bucket or an object is asked most often comes most often.
const often = [
  'PutObject',
  'GetObject',
  'HeadObject',
  'CopyObject',
  'UploadPart',
  'CompleteMultipartUpload',
  'DeleteObjects',
  'ListObjectsV2',
  'ListParts',
  'GetObjectAttributes',
]
const names = [...Object.keys(table), ...Array.from({ length: 8 }, () => often).flat()]

export function s3Request(chance, world) {
  return requestOf(chance, world, chance.pick(names))
}

/** @param signer who signs, an administrator unless given */
export function requestOf(chance, world, name, signer) {
  const { method, uri, query, headers } = table[name]
  const [template, fixed = ''] = uri.split('?')
  const key = sometimes(chance, chance.pick(world.objectKeys), mutateText)
  const bucket = chance.oneIn(12) ? mutateText(chance, world.bucket) : world.bucket
  const path = template.replace('{Bucket}', () => bucket).replace('{Key+}', () => key)
  const body = documentFor(chance, world, name)
  return finish(chance, world, {
    method: chance.oneIn(60) ? chance.pick(['PATCH', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'HEAD', 'TRACE']) : method,
    path,
    query: [
      ...fixedQuery(fixed),
      ...query.map((one) => [one, queryValue(chance, world, one)]),
      ...furtherQuery(chance, world),
    ],
    headers: {
      ...headersFor(chance, world, headers),
      // Some documents are taken only with a proof that they arrived whole.
      ...(body.length > 0 && chance.oneIn(2) ? { 'content-md5': md5(body) } : {}),
      ...furtherHeaders(chance, world, method),
    },
    body,
    service: 's3',
    signer,
  })
}

function md5(bytes) {
  return createHash('md5').update(bytes).digest('base64')
}

function fixedQuery(text) {
  if (text === '') return []
  const pairs = text.split('&').map((pair) => pair.split('='))
  return pairs.filter(([name]) => name !== 'x-id').map(([name, value = '']) => [name, value])
}

const queryPool = {
  partNumber: ['1', '2', '10000', '0', '10001'],
  'max-keys': ['0', '1', '1000', '1001'],
  'max-uploads': ['1', '1000'],
  'list-type': ['2', '1', '3'],
  delimiter: ['/', ''],
  prefix: ['object', 'a/b'],
  'encoding-type': ['url', 'xml'],
  'start-after': ['object-1'],
  'continuation-token': ['x', '1'],
  marker: ['object-1'],
  'key-marker': ['object-1'],
  'upload-id-marker': ['x'],
  'fetch-owner': ['true'],
  'response-content-type': ['text/plain'],
  'response-expires': ['Thu, 01 Jan 2026 00:00:00 GMT'],
  'response-cache-control': ['no-cache'],
  versionId: ['null', 'x'],
  'version-id-marker': ['null', 'x'],
  'x-id': ['PutObject'],
  attributes: [''],
  uploads: [''],
  acl: [''],
  policy: [''],
}

function queryValue(chance, world, name) {
  if (name === 'uploadId') return chance.oneIn(4) ? oddText(chance) : world.uploadId
  if (name.startsWith('version') && chance.oneIn(2)) return sometimes(chance, chance.pick(world.versionIds), mutateText)
  return sometimes(chance, chance.pick(Object.hasOwn(queryPool, name) ? queryPool[name] : ['1', 'x']), mutateText)
}

function furtherQuery(chance, world) {
  if (!chance.oneIn(4)) return []
  const name = chance.oneIn(8) ? oddText(chance) || 'x' : chance.pick(Object.keys(queryPool))
  return [[name, queryValue(chance, world, name)]]
}

/** Header → values that are right somewhere. */
function headerPool(world) {
  const customerKey = Buffer.alloc(32, 7)
  return {
    'x-amz-copy-source': [
      `/${world.bucket}/${world.objectKeys[0]}`,
      `${world.bucket}/${world.objectKeys[1]}?versionId=${world.versionIds.at(-1)}`,
      `${world.bucket}/${world.objectKeys[1]}?versionId=null`,
    ],
    'x-amz-copy-source-range': ['bytes=0-9', 'bytes=0-0'],
    'x-amz-copy-source-if-match': ['*', '"x"'],
    'x-amz-metadata-directive': ['COPY', 'REPLACE'],
    'x-amz-tagging-directive': ['COPY', 'REPLACE'],
    'x-amz-tagging': ['a=b', 'a=b&c=d'],
    'x-amz-server-side-encryption': ['aws:kms', 'AES256', 'aws:kms:dsse', 'aws:fsx'],
    'x-amz-server-side-encryption-aws-kms-key-id': [
      world.keyId,
      'alias/fuzz',
      `arn:aws:kms:us-east-1:000000000000:key/${world.keyId}`,
    ],
    'x-amz-server-side-encryption-context': [Buffer.from('{"a":"b"}').toString('base64'), 'e30='],
    'x-amz-server-side-encryption-bucket-key-enabled': ['true', 'false'],
    'x-amz-server-side-encryption-customer-algorithm': ['AES256'],
    'x-amz-server-side-encryption-customer-key': [customerKey.toString('base64')],
    'x-amz-server-side-encryption-customer-key-md5': ['nVYSjdIpYXeVmQ3Q7QtW2w=='],
    'x-amz-checksum-algorithm': ['CRC32', 'SHA256', 'CRC64NVME'],
    'x-amz-sdk-checksum-algorithm': ['CRC32'],
    'x-amz-checksum-crc32': ['AAAAAA=='],
    'x-amz-checksum-sha256': ['47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
    'x-amz-checksum-type': ['COMPOSITE', 'FULL_OBJECT'],
    'x-amz-checksum-mode': ['ENABLED'],
    'x-amz-trailer': ['x-amz-checksum-crc32'],
    'x-amz-decoded-content-length': ['5', '0', '-1'],
    'x-amz-object-attributes': ['ETag,Checksum,ObjectParts,StorageClass,ObjectSize'],
    'x-amz-acl': ['private', 'public-read', 'bucket-owner-full-control', 'authenticated-read', 'log-delivery-write'],
    'x-amz-grant-read': grantees(world),
    'x-amz-grant-write': grantees(world),
    'x-amz-grant-read-acp': grantees(world),
    'x-amz-grant-full-control': grantees(world),
    'x-amz-confirm-remove-self-bucket-access': ['true'],
    'x-amz-bypass-governance-retention': ['true'],
    'x-amz-object-lock-retain-until-date': ['2030-01-01T00:00:00Z'],
    'x-amz-object-lock-legal-hold': ['ON', 'OFF'],
    'x-amz-storage-class': ['STANDARD', 'GLACIER'],
    'x-amz-website-redirect-location': ['/x'],
    'x-amz-meta-a': ['b'],
    'x-amz-expected-bucket-owner': ['000000000000', '111111111111'],
    'x-amz-request-payer': ['requester'],
    'x-amz-object-lock-mode': ['GOVERNANCE'],
    'x-amz-bucket-object-lock-enabled': ['true'],
    'x-amz-object-ownership': ['BucketOwnerEnforced'],
    'x-amz-mp-object-size': ['5', '-1'],
    'x-amz-security-token': ['x'],
    'x-amz-rename-source': [`/${world.bucket}/${world.objectKeys[0]}`],
    'x-amz-optional-object-attributes': ['RestoreStatus'],
    'x-amz-max-parts': ['1', '1000'],
    'x-amz-part-number-marker': ['1'],
    'content-md5': ['1B2M2Y8AsgTpgAmY7PhCfg=='],
    'content-type': [
      'text/plain',
      'application/xml',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ],
    'content-encoding': ['gzip', 'aws-chunked', 'aws-chunked,gzip'],
    'cache-control': ['no-cache'],
    expires: ['Thu, 01 Jan 2026 00:00:00 GMT', '0'],
    range: ['bytes=0-9', 'bytes=-5', 'bytes=3-', 'bytes=0-1,3-4'],
    'if-match': ['*', '"x"'],
    'if-none-match': ['*', '"x"'],
    'if-modified-since': ['Thu, 01 Jan 2026 00:00:00 GMT'],
    'if-unmodified-since': ['Thu, 01 Jan 2026 00:00:00 GMT'],
    origin: ['http://localhost:3000', 'null', 'https://evil.test'],
    'access-control-request-method': ['PUT'],
    'sec-fetch-site': ['cross-site', 'same-origin'],
    'user-agent': ['fuzz'],
  }
}

function grantees({ ownerId }) {
  const everybody = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
  return [`id="${ownerId}"`, everybody, `id=${ownerId}, ${everybody}`, 'emailAddress="a@b.test"', 'id="x",'.repeat(200)]
}

function headersFor(chance, world, wanted) {
  const pool = headerPool(world)
  return Object.fromEntries(wanted.map((name) => [name, chance.pick(pool[name] ?? ['x'])]))
}

function furtherHeaders(chance, world, method) {
  const pool = headerPool(world)
  const headers = {}
  for (let left = chance.int(method === 'GET' ? 3 : 5); left > 0; left--) {
    const name = chance.pick(Object.keys(pool))
    headers[name] = headerText(sometimes(chance, chance.pick(pool[name]), mutateText))
  }
  return headers
}
