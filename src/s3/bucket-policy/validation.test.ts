import { expect, test } from '@jest/globals'
import { PolicyMalformed } from '../../aws/policy-parse.ts'
import { checkBucketPolicy } from './validation.ts'

const bucket = 'arn:aws:s3:::b'
const read = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${bucket}/*` }

function faultOf(statement: unknown, more: object = {}): [string, string | undefined] | undefined {
  const document = typeof statement === 'string' ? statement : JSON.stringify({ ...more, Statement: statement })
  try {
    checkBucketPolicy(document, 'b')
    return undefined
  } catch (error) {
    if (error instanceof PolicyMalformed) return [error.message, error.detail]
    throw error
  }
}

const json = "Policies must be valid JSON and the first byte must be '{'"
const unfit = 'Action does not apply to any resource(s) in statement'
const misplaced = 'Conditions do not apply to combination of actions and resources in statement'
const when = (key: string, value: unknown = 'x', operator = 'StringEquals') => ({
  Condition: { [operator]: { [key]: value } },
})

test.each<[string, string | undefined, unknown]>([
  [json, undefined, ''],
  [json, undefined, '[]'],
  [json, undefined, ' {}'],
  [json, undefined, '{"Version"'],
  ['Missing required field Statement', undefined, '{}'],
  ['Could not parse the policy: Statement is empty!', undefined, []],
  ['Missing required field Principal', undefined, { ...read, Principal: undefined, Resource: 'x' }],
  ['Missing required field Principal cannot be empty!', undefined, { ...read, Principal: {} }],
  ['Missing required field Principal cannot be empty!', undefined, { ...read, Principal: { AWS: [] } }],
  ['Invalid policy syntax.', undefined, { ...read, Principal: '111122223333' }],
  ['Missing required field Effect', undefined, { ...read, Effect: undefined, Principal: 'x' }],
  ['Invalid effect: allow', undefined, { ...read, Effect: 'allow' }],
  ['Missing required field Action', undefined, { ...read, Action: undefined }],
  ['Missing required field Resource', undefined, { ...read, Resource: undefined }],
  ['Invalid principal in policy', '"AWS" : "111"', { ...read, Principal: { AWS: '111' } }],
  [
    'Invalid principal in policy',
    '"AWS" : "arn:aws:iam::111122223333:user/*"',
    { ...read, Principal: { AWS: ['111122223333', 'arn:aws:iam::111122223333:user/*'] } },
  ],
  ['Policy has invalid action', 's3:Nothing', { ...read, Action: ['s3:GetObject', 's3:Nothing'] }],
  ['Policy has invalid action', 's3:CreateBucket', { ...read, Action: 's3:CreateBucket' }],
  ['Policy has invalid action', 's3:ListAllMyBuckets', { ...read, Action: 's3:ListAllMyBuckets' }],
  ['Policy has invalid action', 'kms:Decrypt', { ...read, Action: 'kms:Decrypt' }],
  ['Policy has invalid action', 'GetObject', { ...read, Action: 'GetObject' }],
  ['Policy has invalid resource', 'arn:aws:s3:::other/*', { ...read, Resource: 'arn:aws:s3:::other/*' }],
  ['Policy has invalid resource', 'arn:aws:s3:::bucket/*', { ...read, Resource: 'arn:aws:s3:::bucket/*' }],
  ['Policy has invalid resource', 'arn:aws:s3:::*', { ...read, Resource: 'arn:aws:s3:::*' }],
  ['Policy has invalid resource', '*', { ...read, Resource: '*' }],
  ['Policy has invalid resource', 'b/*', { ...read, Resource: 'b/*' }],
  [unfit, 'Action "s3:GetObject" in Statement "NO_ID-0"', { ...read, Resource: bucket }],
  [unfit, 'Action "s3:ListBucket" in Statement "list"', { ...read, Sid: 'list', Action: 's3:ListBucket' }],
  [unfit, 'Action "s3:ListB*" in Statement "NO_ID-1"', [read, { ...read, Action: 's3:ListB*' }]],
  ['Policy has an invalid condition key', 's3:nothing', { ...read, ...when('s3:nothing') }],
  ['Policy has an invalid condition key', 'kms:ViaService', { ...read, ...when('kms:ViaService') }],
  [
    'Policy has an invalid condition key',
    's3:x-amz-server-side-encryption-customer-key',
    { ...read, Action: 's3:PutObject', ...when('s3:x-amz-server-side-encryption-customer-key') },
  ],
  [misplaced, 'Action "s3:GetObject" in Statement "NO_ID-0"', { ...read, ...when('s3:prefix') }],
  [misplaced, 'Action "s3:GetObject" in Statement "NO_ID-0"', { ...read, ...when('s3:versionid') }],
  [
    misplaced,
    'Action "s3:DeleteObject" in Statement "NO_ID-0"',
    { ...read, Action: ['s3:GetObject', 's3:DeleteObject'], ...when('s3:ExistingObjectTag/a') },
  ],
  ['Invalid Condition type : StringSame', undefined, { ...read, ...when('aws:Referer', 'x', 'StringSame') }],
  ['Invalid IP address in Conditions', '1.2.3', { ...read, ...when('aws:SourceIp', '1.2.3', 'IpAddress') }],
  [
    'Invalid IP address in Conditions',
    '1.2.3.4/33',
    { ...read, ...when('aws:SourceIp', '1.2.3.4/33', 'NotIpAddress') },
  ],
  ['Invalid Base64 value for binary condition', '?', { ...read, ...when('aws:x', '?', 'BinaryEquals') }],
  ['Allow with NotPrincipal is not allowed.', undefined, { ...read, Principal: undefined, NotPrincipal: { AWS: '*' } }],
  ['Unknown field Actions', undefined, { ...read, Actions: 's3:*' }],
  [
    'Policy has invalid action',
    's3:Nothing',
    [
      { ...read, Action: 's3:Nothing' },
      { ...read, Effect: 'allow' },
    ],
  ],
])('A bucket policy is refused: %s (%s)', (message, detail, statement) => {
  expect(faultOf(statement)).toEqual([message, detail])
})

test('The version is one of two', () => {
  expect(faultOf(read, { Version: '2020-01-01' })).toEqual([
    'The policy must contain a valid version string',
    undefined,
  ])
  expect(faultOf(read, { Version: '2008-10-17' })).toBeUndefined()
})

test.each([
  { ...read, Action: 's3:*', Resource: [bucket, `${bucket}/*`] },
  { ...read, Action: '*', Resource: `${bucket}/*`, Condition: {} },
  { ...read, Action: 'S3:getobject', Resource: `${bucket}*` },
  { ...read, Action: ['s3:GetObject', 's3:ListBucket'], Resource: [bucket, `${bucket}/a/*`] },
  { ...read, Action: undefined, NotAction: 's3:GetObject' },
  // What is left out may be of any kind.
  { ...read, Action: undefined, NotAction: 's3:ListBucket' },
  { ...read, Resource: undefined, NotResource: `${bucket}/*` },
  { ...read, Effect: 'Deny', Principal: undefined, NotPrincipal: { AWS: '111122223333' } },
  {
    ...read,
    Principal: { AWS: ['111122223333', '*'], Service: 'logging.s3.amazonaws.com', CanonicalUser: 'f'.repeat(64) },
  },
  { ...read, ...when('aws:SecureTransport', false, 'Bool') },
  { ...read, ...when('aws:SomethingNew') },
  { ...read, Action: 's3:List*', Resource: bucket, ...when('s3:max-keys', 10, 'NumericLessThan') },
  { ...read, Action: 's3:PutObject', ...when('S3:X-AMZ-ACL', 'private') },
  { ...read, ...when('aws:SourceIp', ['10.0.0.0/8', '2001:db8::/32', '1.2.3.4'], 'IpAddress') },
])('A bucket policy is accepted: %j', (statement) => {
  expect(faultOf(statement)).toBeUndefined()
})

test('What is kept is the normal form', () => {
  const document = `{
    "Statement": { "Resource": ["${bucket}/*"], "Action": ["s3:GetObject"], "Effect": "Allow", "Sid": "one",
      "Condition": { "Bool": { "aws:SecureTransport": [true] } },
      "Principal": { "AWS": ["111122223333", "arn:aws:iam::111122223333:user/a"], "Service": ["x.amazonaws.com"] } },
    "Id": "id", "Version": "2012-10-17" }`
  expect(checkBucketPolicy(document, 'b').normal).toBe(
    '{"Version":"2012-10-17","Id":"id","Statement":[{"Sid":"one","Effect":"Allow","Principal":{"AWS":' +
      '["arn:aws:iam::111122223333:root","arn:aws:iam::111122223333:user/a"],"Service":"x.amazonaws.com"},' +
      `"Action":"s3:GetObject","Resource":"${bucket}/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}`,
  )
})

test('The normal form may have 20480 bytes, whatever its text had', () => {
  const withSid = (length: number) => JSON.stringify({ Statement: [{ Sid: 's'.repeat(length), ...read }] }, null, 400)
  const rest = checkBucketPolicy(withSid(1), 'b').normal.length - 1
  expect(checkBucketPolicy(withSid(20_480 - rest), 'b').normal).toHaveLength(20_480)
  const tooLong = 'Normalized policy document exceeds the maximum allowed size of 20480 bytes'
  expect(faultOf(withSid(20_481 - rest))).toEqual([tooLong, undefined])
  expect(faultOf(withSid(900_000))).toEqual([tooLong, undefined])
})

test('A document of brackets is refused like any other', () => {
  expect(faultOf(`{"Statement":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)?.[0]).toMatch(/JSON|size/)
})
