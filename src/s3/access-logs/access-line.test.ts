import { expect, test } from '@jest/globals'
import { anonymousCaller, canonicalUserId, rootCaller, serviceCaller, userCaller } from '../../aws/caller.ts'
import type { Authentication } from '../../protocol/authentication.ts'
import { callInProcess } from '../../protocol/http.ts'
import { type AccessedRequest, accessLine } from './access-line.ts'
import { operationName } from './operation-name.ts'

const account = '111122223333'
const bucket = { name: 'bucket', ownerAccountId: account }
const payload = { coding: 'unsigned' as const }
const authentication: Authentication = {
  caller: userCaller(account, 'app'),
  signature: 'SigV4',
  method: 'AuthHeader',
  region: 'us-east-1',
  payload,
}

interface Given extends Partial<AccessedRequest> {
  target?: string
  headers?: Record<string, string>
}

/** A line, cut into its fields as readers of such logs cut it. */
function fieldsOf({ target = '/bucket/key', headers = {}, ...given }: Given = {}): string[] {
  const call = { ...callInProcess({ method: 'GET', target, headers }), clientAddress: '192.0.2.3' }
  const line = accessLine(bucket, {
    operation: 'GetObject',
    key: 'key',
    call,
    authentication,
    requestId: 'REQUEST',
    hostId: 'host/id=',
    status: 200,
    errorCode: undefined,
    bytesSent: 5,
    objectSize: 10,
    received: Date.parse('2019-02-06T00:00:38.500Z'),
    answered: Date.parse('2019-02-06T00:00:38.507Z'),
    ended: Date.parse('2019-02-06T00:00:38.570Z'),
    ...given,
  })
  return line.match(/\[[^\]]*\]|"[^"]*"|\S+/g) ?? []
}

test('A line has its 27 fields in AWS’s order', () => {
  const headers = { referer: 'http://a/', 'user-agent': 'agent (x)', host: 'localhost:1' }
  expect(fieldsOf({ target: '/bucket/key?versionId=v', headers })).toEqual([
    canonicalUserId(account),
    'bucket',
    '[06/Feb/2019:00:00:38 +0000]',
    '192.0.2.3',
    'arn:aws:iam::111122223333:user/app',
    'REQUEST',
    'REST.GET.OBJECT',
    'key',
    '"GET /bucket/key?versionId=v HTTP/1.1"',
    '200',
    '-',
    '5',
    '10',
    '70',
    '7',
    '"http://a/"',
    '"agent (x)"',
    'v',
    'host/id=',
    'SigV4',
    '-',
    'AuthHeader',
    'localhost:1',
    '-',
    '-',
    '-',
    '-',
  ])
})

const requester = 4
test.each([
  [rootCaller(account), canonicalUserId(account)],
  [anonymousCaller, '-'],
  [serviceCaller('logging.s3.amazonaws.com', { arn: '', accountId: '' }), 'svc:logging.s3.amazonaws.com'],
])('The requester is %j', (caller, expected) => {
  expect(fieldsOf({ authentication: { ...authentication, caller } })[requester]).toBe(expected)
})

test('Nothing that a client sends adds a field or a line', () => {
  const headers = { 'user-agent': 'a" "b\r\nc\x85d', referer: '"', host: 'a b' }
  const fields = fieldsOf({ target: '/bucket/k"?versionId=a%20b', headers, key: 'a b/ü"\n' })
  expect(fields).toHaveLength(27)
  expect(fields[7]).toBe('a%2520b/%25C3%25BC%2522%250A')
  expect(fields[16]).toBe('"a%22 %22b%0D%0Ac%C2%85d"')
})

test.each(['X-Amz-Signature', 'Signature', 'x-amz-%73ignature', '%53ignature', 'x-amz-signature'])(
  'The signature of a presigned URL is not told, its name written %s',
  (name) => {
    const [line] = fieldsOf({ target: `/bucket/key?X-Amz-Date=d&${name}=secret&%zz=1&x` }).filter((field) =>
      field.startsWith('"GET'),
    )
    expect(line).toBe(`"GET /bucket/key?X-Amz-Date=d&${name}=XXXXXXXX&%zz=1&x HTTP/1.1"`)
  },
)

test('What was refused before its signature was read has no requester, and nothing sent is a dash', () => {
  const fields = fieldsOf({
    authentication: undefined,
    status: 403,
    errorCode: 'AccessDenied',
    bytesSent: 0,
    objectSize: undefined,
  })
  expect([fields[4], ...fields.slice(9, 13), fields[19], fields[21]]).toEqual([
    '-',
    '403',
    'AccessDenied',
    '-',
    '-',
    '-',
    '-',
  ])
})

test.each([
  ['GetObject', 'GET', 'k', [], 'REST.GET.OBJECT'],
  ['HeadObject', 'HEAD', 'k', [], 'REST.HEAD.OBJECT'],
  ['PutObject', 'PUT', 'k', [], 'REST.PUT.OBJECT'],
  ['DeleteObject', 'DELETE', 'k', [], 'REST.DELETE.OBJECT'],
  ['CopyObject', 'PUT', 'k', [], 'REST.COPY.OBJECT'],
  ['UploadPart', 'PUT', 'k', ['partNumber', 'uploadId'], 'REST.PUT.PART'],
  ['ListParts', 'GET', 'k', ['uploadId'], 'REST.GET.UPLOAD'],
  ['ListObjectsV2', 'GET', '', ['list-type'], 'REST.GET.BUCKET'],
  ['HeadBucket', 'HEAD', '', [], 'REST.HEAD.BUCKET'],
  ['GetBucketTagging', 'GET', '', ['tagging'], 'REST.GET.TAGGING'],
  ['PutObjectTagging', 'PUT', 'k', ['tagging'], 'REST.PUT.OBJECT_TAGGING'],
  ['GetObjectAttributes', 'GET', 'k', ['attributes'], 'REST.GET.OBJECT_ATTRIBUTES'],
  ['GetBucketPolicy', 'GET', '', ['policy'], 'REST.GET.BUCKETPOLICY'],
  ['GetBucketPolicyStatus', 'GET', '', ['policyStatus'], 'REST.GET.POLICY_STATUS'],
  ['PutBucketLogging', 'PUT', '', ['logging'], 'REST.PUT.LOGGING_STATUS'],
  ['GetBucketAcl', 'GET', '', ['acl'], 'REST.GET.ACL'],
  ['DeleteObjects', 'POST', '', ['delete'], 'REST.POST.MULTI_OBJECT_DELETE'],
  ['BATCH.DELETE.OBJECT', 'POST', 'k', ['delete'], 'BATCH.DELETE.OBJECT'],
  ['-', 'OPTIONS', 'k', [], 'REST.OPTIONS.PREFLIGHT'],
])('%s is logged as %s', (operation, method, key, parameters, expected) => {
  expect(operationName(operation, { method, key, parameters })).toBe(expected)
})
