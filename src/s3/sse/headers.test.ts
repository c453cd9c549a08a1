import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { anonymousCaller } from '../../aws/caller.ts'
import { AwsError } from '../../aws/errors.ts'
import type { EncryptionRequest, EnvelopeRecord } from './envelope.ts'
import { authenticationOf, sessionOf, target } from './envelopes.fixture.ts'
import {
  answerHeadersOf,
  checkEncryptionRequest,
  checkPart,
  checkRead,
  checkTransport,
  readCustomerKey,
  readEncryptionRequest,
  refuseBlockedCustomerKey,
} from './headers.ts'

const sse = 'x-amz-server-side-encryption'
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('base64')
const key = randomBytes(32)
const customer = {
  [`${sse}-customer-algorithm`]: 'AES256',
  [`${sse}-customer-key`]: key.toString('base64'),
  [`${sse}-customer-key-md5`]: md5(key),
}
const without = (...suffixes: string[]) =>
  Object.fromEntries(Object.entries(customer).filter(([name]) => !suffixes.some((suffix) => name.endsWith(suffix))))
const withKey = (bytes: Buffer) => ({
  ...customer,
  [`${sse}-customer-key`]: bytes.toString('base64'),
  [`${sse}-customer-key-md5`]: md5(bytes),
})

function refusal(action: () => unknown) {
  try {
    action()
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const { code, status, message, details } = error
    return { code, status, message, ...details }
  }
  throw new Error('It was not refused')
}

const invalid = (message: string, ArgumentValue = 'null', ArgumentName = sse) => ({
  code: 'InvalidArgument',
  status: 400,
  message,
  ArgumentName,
  ArgumentValue,
})
const customerKeysMust = 'Requests specifying Server Side Encryption with Customer provided keys must'
const badAlgorithm = (value: string) => ({
  code: 'InvalidEncryptionAlgorithmError',
  status: 400,
  message: 'The Encryption request you specified is not valid. Supported value: AES256.',
  ArgumentName: sse,
  ArgumentValue: value,
})
const kmsHeaderNeeded =
  'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms'
const contextForm = `The header '${sse}-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map`
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('what a write asks for', () => {
  test('nothing, SSE-S3, SSE-KMS, DSSE-KMS and SSE-C', () => {
    expect(readEncryptionRequest({})).toEqual({ scheme: 'unasked' })
    expect(readEncryptionRequest({ [sse]: 'AES256' })).toEqual({ scheme: 'SSE-S3' })
    const kms = {
      [sse]: 'aws:kms',
      [`${sse}-aws-kms-key-id`]: 'alias/app',
      [`${sse}-context`]: base64('{"tenant":"a"}'),
      [`${sse}-bucket-key-enabled`]: 'true',
    }
    const asked = { keyId: 'alias/app', bucketKey: true }
    expect(readEncryptionRequest(kms)).toMatchObject({ scheme: 'SSE-KMS', ...asked, context: { tenant: 'a' } })
    expect(readEncryptionRequest({ [sse]: 'aws:kms:dsse' })).toEqual({ scheme: 'DSSE-KMS' })
    expect(readEncryptionRequest(customer)).toEqual({
      scheme: 'SSE-C',
      customerKey: { key, keyMd5: md5(key) },
    })
  })

  test.each([
    ['an empty method', { [sse]: '' }, invalid('The encryption method specified is not supported', '')],
    ['an unknown method', { [sse]: 'aes:kms' }, invalid('The encryption method specified is not supported', 'aes:kms')],
    ['a KMS key without a method', { [`${sse}-aws-kms-key-id`]: 'k' }, invalid(kmsHeaderNeeded)],
    ['a KMS key with AES256', { [sse]: 'AES256', [`${sse}-aws-kms-key-id`]: 'k' }, invalid(kmsHeaderNeeded, 'AES256')],
    ['a context without a method', { [`${sse}-context`]: base64('{}') }, invalid(kmsHeaderNeeded)],
    [
      'a context with AES256',
      { [sse]: 'AES256', [`${sse}-context`]: base64('{}') },
      invalid(kmsHeaderNeeded, 'AES256'),
    ],
    [
      'SSE-C with a method, before its own headers are looked at',
      { ...without('-algorithm'), [sse]: 'AES256' },
      invalid(
        'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
        'AES256',
      ),
    ],
    [
      'SSE-C with a KMS key',
      { ...customer, [`${sse}-aws-kms-key-id`]: 'k' },
      invalid('Server Side Encryption with Customer provided key is incompatible with the encryption method specified'),
    ],
    [
      'an SSE-C key without algorithm',
      without('-algorithm'),
      invalid(`${customerKeysMust} provide a valid encryption algorithm.`),
    ],
    [
      'an SSE-C algorithm in small letters',
      { ...customer, [`${sse}-customer-algorithm`]: 'aes256' },
      badAlgorithm('aes256'),
    ],
    ['an empty SSE-C algorithm', { ...customer, [`${sse}-customer-algorithm`]: '' }, badAlgorithm('')],
    [
      'an SSE-C algorithm without key',
      without('-key', '-md5'),
      invalid(`${customerKeysMust} provide an appropriate secret key.`),
    ],
    [
      'SSE-C without MD5',
      without('-md5'),
      invalid(`${customerKeysMust} provide the client calculated MD5 of the secret key.`),
    ],
    [
      'another MD5',
      { ...customer, [`${sse}-customer-key-md5`]: md5(Buffer.from('other')) },
      invalid('The calculated MD5 hash of the key did not match the hash that was provided.'),
    ],
    [
      'an MD5 that is not base64',
      { ...customer, [`${sse}-customer-key-md5`]: '?' },
      invalid('The calculated MD5 hash of the key did not match the hash that was provided.'),
    ],
    [
      'another MD5 of a short key: the MD5 is told first',
      { ...withKey(randomBytes(16)), [`${sse}-customer-key-md5`]: md5(key) },
      invalid('The calculated MD5 hash of the key did not match the hash that was provided.'),
    ],
    ...[0, 10, 16, 24, 31, 33, 64].map(
      (length) =>
        [
          `an SSE-C key of ${length} bytes`,
          withKey(randomBytes(length)),
          invalid('The secret key was invalid for the specified algorithm.'),
        ] as const,
    ),
    [
      'a bucket key flag that is neither true nor false',
      { [sse]: 'aws:kms', [`${sse}-bucket-key-enabled`]: 'yes' },
      invalid(
        'The value specified in the x-amz-server-side-encryption-bucket-key-enabled header is not valid',
        'yes',
        `${sse}-bucket-key-enabled`,
      ),
    ],
    ...['trueish', 'untrue', 'falsehood', 'xfalse', ''].map(
      (value) =>
        [
          `the bucket key flag ${value}`,
          { [`${sse}-bucket-key-enabled`]: value },
          { code: 'InvalidArgument', ArgumentValue: value },
        ] as const,
    ),
    [
      'SSE-C with a context',
      { ...customer, [`${sse}-context`]: base64('{}') },
      invalid('Server Side Encryption with Customer provided key is incompatible with the encryption method specified'),
    ],
    [
      'a key that is not base64',
      { ...customer, [`${sse}-customer-key`]: 'no base64!' },
      invalid('The secret key was invalid for the specified algorithm.'),
    ],
    [
      'a key of an SSE-C key alone',
      without('-algorithm', '-md5'),
      invalid(`${customerKeysMust} provide a valid encryption algorithm.`),
    ],
    [
      'an MD5 of an SSE-C key alone',
      without('-algorithm', '-key'),
      invalid(`${customerKeysMust} provide a valid encryption algorithm.`),
    ],
    [
      'an MD5 that is longer than one',
      {
        ...customer,
        [`${sse}-customer-key-md5`]: Buffer.concat([createHash('md5').update(key).digest(), key]).toString('base64'),
      },
      invalid('The calculated MD5 hash of the key did not match the hash that was provided.'),
    ],
    ...[
      'not base64!',
      base64('no JSON'),
      base64('[]'),
      base64('null'),
      base64('{"a":1}'),
      base64('{"a":{"b":"c"}}'),
      base64('"a"'),
      base64('{"a":"\\ud800"}'),
      base64('{"\\udc00":"a"}'),
      Buffer.from('7b2261223a22ff227d', 'hex').toString('base64'),
    ].map(
      (value) =>
        [
          `the context ${value}`,
          { [sse]: 'aws:kms', [`${sse}-context`]: value },
          invalid(contextForm, value, `${sse}-context`),
        ] as const,
    ),
  ])('%s is refused', (_, headers, expected) => {
    expect(refusal(() => readEncryptionRequest(headers))).toMatchObject(expected)
  })

  test('the bucket key flag is true or false in any case of letters, for every scheme but SSE-C', () => {
    const flagged = (value: string, method?: string) =>
      readEncryptionRequest({ ...(method && { [sse]: method }), [`${sse}-bucket-key-enabled`]: value })
    expect(flagged('TRUE', 'aws:kms')).toMatchObject({ scheme: 'SSE-KMS', bucketKey: true })
    expect(flagged('False', 'aws:kms:dsse')).toMatchObject({ scheme: 'DSSE-KMS', bucketKey: false })
    expect(flagged('false')).toEqual({ scheme: 'unasked', bucketKey: false })
    expect(flagged('true', 'AES256')).toEqual({ scheme: 'SSE-S3', bucketKey: true })
  })

  test('a context pair named __proto__ is a pair like others', () => {
    const headers = { [sse]: 'aws:kms', [`${sse}-context`]: base64('{"__proto__":"x","":"empty"}') }
    const request = readEncryptionRequest(headers)
    if (request.scheme !== 'SSE-KMS' || !request.context) throw new Error('SSE-KMS was expected')
    expect(Object.entries(request.context)).toEqual([
      ['__proto__', 'x'],
      ['', 'empty'],
    ])
  })
})

describe('what a read brings', () => {
  const authentication = authenticationOf(sessionOf().authentication.caller)
  const record = (scheme: EnvelopeRecord['scheme']): EnvelopeRecord => ({ scheme })
  const customerKey = { key, keyMd5: md5(key) }

  test('the key of a copy source has headers of its own', () => {
    const headers = Object.fromEntries(
      Object.entries(customer).map(([name, value]) => [name.replace('x-amz-', 'x-amz-copy-source-'), value]),
    )
    expect(readCustomerKey(headers, 'copy-source')).toEqual(customerKey)
    expect(readCustomerKey(headers, 'request')).toBeUndefined()
    expect(
      refusal(() =>
        readCustomerKey(
          { ...headers, 'x-amz-copy-source-server-side-encryption-customer-algorithm': 'x' },
          'copy-source',
        ),
      ),
    ).toEqual(badAlgorithm('x'))
  })

  test.each([
    ['x-amz-server-side-encryption', 'aws:kms'],
    ['x-amz-server-side-encryption-aws-kms-key-id', 'alias/app'],
    ['x-amz-server-side-encryption-context', base64('{}')],
    ['x-amz-server-side-encryption-bucket-key-enabled', 'true'],
  ])('GET and HEAD refuse %s', (name, value) => {
    for (const scheme of ['SSE-S3', 'SSE-KMS', 'DSSE-KMS'] as const) {
      const request = { headers: { [name]: value }, authentication }
      expect(refusal(() => checkRead(record(scheme), request, undefined))).toEqual(
        invalid('x-amz-server-side-encryption header is not supported for this operation.', value, name),
      )
      checkRead(record(scheme), request, undefined, 'copy-source')
    }
  })

  test.each(['SigV2', 'none'] as const)('an object under KMS refuses a caller with signature %s', (signature) => {
    const request = { headers: {}, authentication: authenticationOf(anonymousCaller, signature) }
    expect(refusal(() => checkRead(record('SSE-KMS'), request, undefined))).toEqual(
      invalid(
        'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.',
        'null',
        'Authorization',
      ),
    )
    checkRead(record('SSE-S3'), request, undefined)
  })

  test('a customer key is needed exactly where the object was stored with one', () => {
    const request = { headers: {}, authentication }
    expect(refusal(() => checkRead(record('SSE-C'), request, undefined))).toEqual({
      code: 'InvalidRequest',
      status: 400,
      message:
        'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    })
    for (const scheme of ['none', 'SSE-S3', 'SSE-KMS'] as const) {
      expect(refusal(() => checkRead(record(scheme), request, customerKey))).toMatchObject({
        code: 'InvalidRequest',
        message: 'The encryption parameters are not applicable to this object.',
      })
    }
    checkRead(record('SSE-C'), request, customerKey)
  })

  test('a part brings the key exactly when its upload was begun with one', () => {
    const words =
      'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.'
    expect(refusal(() => checkPart(record('SSE-C'), undefined))).toMatchObject({
      code: 'InvalidRequest',
      message: words,
    })
    expect(refusal(() => checkPart(record('SSE-S3'), customerKey))).toMatchObject({ message: words })
    checkPart(record('SSE-C'), customerKey)
    checkPart(record('SSE-KMS'), undefined)
  })
})

test('customer keys over plain HTTP are refused where TLS is required', () => {
  checkTransport(customer, false, false)
  checkTransport(customer, true, true)
  checkTransport({ [sse]: 'aws:kms' }, false, true)
  const copied = { 'x-amz-copy-source-server-side-encryption-customer-key': 'x' }
  for (const headers of [customer, copied, without('-algorithm', '-key'), without('-algorithm', '-md5')]) {
    expect(refusal(() => checkTransport(headers, false, true))).toEqual({
      code: 'InvalidRequest',
      status: 400,
      message: `${customerKeysMust} be made over a secure connection.`,
    })
  }
})

test('a bucket that blocks SSE-C refuses it in the recorded words', () => {
  const settings = { algorithm: 'AES256' as const, bucketKeyEnabled: false }
  refuseBlockedCustomerKey(undefined, target, sessionOf())
  refuseBlockedCustomerKey({ ...settings, blockedEncryptionTypes: 'NONE' }, target, sessionOf())
  expect(
    refusal(() => refuseBlockedCustomerKey({ ...settings, blockedEncryptionTypes: 'SSE-C' }, target, sessionOf())),
  ).toEqual({
    code: 'AccessDenied',
    status: 403,
    message:
      'User: arn:aws:iam::000000000000:user/test is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::uploads/folder/a file" because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type.',
  })
})

test('a blocked customer key is told to nobody as to anonymous', () => {
  const settings = { algorithm: 'AES256' as const, bucketKeyEnabled: false, blockedEncryptionTypes: 'SSE-C' as const }
  const nobody = { ...sessionOf(), authentication: authenticationOf(anonymousCaller, 'none') }
  expect(() => refuseBlockedCustomerKey(settings, target, nobody)).toThrow(/^User: anonymous is not authorized/)
})

test('before any key is asked for, a blocked customer key and the context of another object are refused', () => {
  const settings = { algorithm: 'AES256' as const, bucketKeyEnabled: false, blockedEncryptionTypes: 'SSE-C' as const }
  const customerKey = { key, keyMd5: md5(key) }
  const check = (request: EncryptionRequest) => checkEncryptionRequest(request, settings, target, sessionOf())
  expect(refusal(() => check({ scheme: 'SSE-C', customerKey }))).toMatchObject({ code: 'AccessDenied' })
  const given = 'arn:aws:s3:::uploads/other'
  expect(refusal(() => check({ scheme: 'SSE-KMS', context: { 'aws:s3:arn': given } }))).toEqual(
    invalid('The encryption context aws:s3:arn must be the ARN of the object', given, `${sse}-context`),
  )
  for (const request of [
    { scheme: 'SSE-KMS', context: { 'aws:s3:arn': 'arn:aws:s3:::uploads/folder/a file' } },
    { scheme: 'SSE-KMS' },
    { scheme: 'SSE-S3' },
    { scheme: 'unasked' },
  ] as const)
    expect(() => check(request)).not.toThrow()
  const open = () => checkEncryptionRequest({ scheme: 'SSE-C', customerKey }, undefined, target, sessionOf())
  expect(open).not.toThrow()
})

test('an answer tells of the encryption, operation by operation', () => {
  const keyArn = 'arn:aws:kms:us-east-1:000000000000:key/k'
  const kms = { [sse]: 'aws:kms', [`${sse}-aws-kms-key-id`]: keyArn }
  const record: EnvelopeRecord = { scheme: 'SSE-KMS', keyArn }
  const sentContext = { tenant: 'a' }
  expect(answerHeadersOf({ scheme: 'none' }, 'PutObject')).toEqual({})
  expect(answerHeadersOf({ scheme: 'SSE-S3' }, 'GetObject')).toEqual({ [sse]: 'AES256' })
  expect(answerHeadersOf(record, 'HeadObject')).toEqual(kms)
  for (const operation of ['GetObjectAttributes', 'ListParts', 'DeleteObject'])
    expect(answerHeadersOf(record, operation)).toEqual({})
  expect(answerHeadersOf({ scheme: 'DSSE-KMS', keyArn }, 'GetObject')).toEqual({ ...kms, [sse]: 'aws:kms:dsse' })
  expect(answerHeadersOf({ scheme: 'SSE-C' }, 'GetObject')).toEqual({})
  expect(answerHeadersOf({ ...record, bucketKeyEnabled: true }, 'UploadPart')).toEqual({
    ...kms,
    [`${sse}-bucket-key-enabled`]: 'true',
  })
  for (const operation of ['PutObject', 'CopyObject', 'CreateMultipartUpload']) {
    const headers = answerHeadersOf(record, operation, { sentContext })
    expect(headers).toEqual({ ...kms, [`${sse}-context`]: base64('{"tenant":"a"}') })
  }
  expect(answerHeadersOf(record, 'PostObject', { sentContext })).toEqual(kms)
  const customerKey = { key, keyMd5: md5(key) }
  expect(answerHeadersOf({ scheme: 'SSE-C' }, 'UploadPart', { customerKey })).toEqual({
    [`${sse}-customer-algorithm`]: 'AES256',
    [`${sse}-customer-key-MD5`]: md5(key),
  })
  expect(answerHeadersOf({ scheme: 'SSE-C' }, 'CompleteMultipartUpload', { customerKey })).toEqual({})
})
