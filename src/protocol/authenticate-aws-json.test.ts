import { expect, test } from '@jest/globals'
import { AwsError } from '../aws/errors.ts'
import { authenticateAwsJson } from './authenticate-aws-json.ts'
import type { HttpCall } from './http.ts'
import { caller, callOf, credentials, example, signer } from './signing.fixture.ts'

const now = Date.parse('2013-05-24T00:00:00Z')
const options = { service: 'kms', credentials, now } as const
const body = Buffer.from('{"KeyId":"alias/ü"}')

async function signedCall(service = 'kms', keys: Parameters<typeof signer>[1] = example): Promise<HttpCall> {
  const request = {
    method: 'POST',
    protocol: 'http:',
    hostname: 'localhost',
    path: '/',
    headers: { host: 'localhost', 'x-amz-target': 'TrentService.DescribeKey' },
    body: body.toString(),
  }
  const { headers } = await signer(service, keys).sign(request, { signingDate: new Date(now) })
  return callOf(
    'POST',
    '/',
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  )
}

function refusal(
  call: HttpCall,
  bytes: Buffer = body,
  changed: Partial<Parameters<typeof authenticateAwsJson>[2]> = {},
): string[] {
  try {
    authenticateAwsJson(call, bytes, { ...options, ...changed })
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return [error.code, String(error.status), error.message]
  }
  return []
}

const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

test('What the AWS SDK signs is accepted, with the Region of its scope', async () => {
  const expected = { caller, region: 'us-east-1', signature: 'SigV4', method: 'AuthHeader' }
  expect(authenticateAwsJson(await signedCall(), body, options)).toMatchObject(expected)
  const temporary = { accessKeyId: 'ASIATEMPORARY', secretAccessKey: 'temporary', sessionToken: 'token+/=' }
  expect(refusal(await signedCall('kms', temporary))).toEqual([])
})

test('A forwarded session needs no signature', () => {
  const session = { caller, region: 'eu-west-1', service: 's3' } as const
  expect(authenticateAwsJson({ ...callOf('POST', '/'), session }, body, options)).toMatchObject({
    caller,
    region: 'eu-west-1',
  })
})

test('The signature covers the body', async () => {
  expect(refusal(await signedCall(), Buffer.from('{}'))).toEqual(['InvalidSignatureException', '400', mismatch])
  expect(refusal(await signedCall('sts'), Buffer.from('{}'), { service: 'sts' })).toEqual([
    'SignatureDoesNotMatch',
    '403',
    mismatch,
  ])
})

test('A call without a signature, or by nobody, has AWS’s words', async () => {
  expect(refusal(callOf('POST', '/'))).toEqual([
    'MissingAuthenticationTokenException',
    '400',
    'Missing Authentication Token',
  ])
  expect(refusal(callOf('POST', '/'), body, { service: 'sts' })[0]).toBe('MissingAuthenticationToken')
  const unrecognized = ['UnrecognizedClientException', '400', 'The security token included in the request is invalid.']
  expect(refusal(await signedCall('kms', { accessKeyId: 'nobody', secretAccessKey: 'x' }))).toEqual(unrecognized)
  const wrongToken = { accessKeyId: 'ASIATEMPORARY', secretAccessKey: 'temporary', sessionToken: 'x' }
  expect(refusal(await signedCall('kms', wrongToken))).toEqual(unrecognized)
  expect(refusal(await signedCall('kms', { accessKeyId: 'unknown', secretAccessKey: 'x' }))).toEqual([])
})

test('A signature for another service or another time is invalid', async () => {
  const call = await signedCall()
  expect(refusal(await signedCall('s3'))).toEqual([
    'InvalidSignatureException',
    '400',
    "Credential should be scoped to correct service: 'kms'.",
  ])
  expect(refusal(call, body, { now: now + 301_000 })[2]).toBe(
    'Signature expired: 20130524T000000Z is now earlier than 20130524T000001Z (20130524T000501Z - 5 min.)',
  )
  expect(refusal(call, body, { now: now - 301_000 })[2]).toBe(
    'Signature not yet current: 20130524T000000Z is still later than 20130523T235959Z (20130523T235459Z + 5 min.)',
  )
})

test('A header with parts missing is incomplete', async () => {
  const call = await signedCall()
  const changed = (from: string | RegExp, to: string) =>
    refusal({
      ...call,
      headers: { ...call.headers, authorization: (call.headers.authorization ?? '').replace(from, to) },
    })
  expect(changed(/Signature=.*/, '')[2]).toMatch(
    /^Authorization header requires 'Signature' parameter\. \(Hashed with SHA-256/,
  )
  expect(changed(/Credential=[^,]*/, '')[0]).toBe('IncompleteSignatureException')
  expect(changed('/us-east-1', '')[2]).toMatch(/^Credential must have exactly 5 slash-delimited elements/)
  expect(changed('AWS4-HMAC-SHA256', 'AWS3')[0]).toBe('IncompleteSignatureException')
  expect(changed('20130524/', '20130525/')[2]).toMatch(/'20130525' != '20130524', from '20130524T000000Z'\.$/)
  expect(changed('aws4_request', 'aws5')[2]).toBe(
    "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.",
  )
})
