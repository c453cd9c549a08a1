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

const sts = { service: 'sts' } as const
const authorized = (call: HttpCall, authorization: string | undefined, headers: Record<string, string> = {}) => {
  const { authorization: sent = '', ...others } = call.headers
  return { ...call, headers: { ...others, ...headers, authorization: authorization ?? sent } }
}

test('STS has the names and the status of the Query protocol', async () => {
  const nobody = { accessKeyId: 'nobody', secretAccessKey: 'x' }
  const call = await signedCall('sts')
  expect(refusal(callOf('POST', '/'), body, sts)).toEqual([
    'MissingAuthenticationToken',
    '403',
    'Request is missing Authentication Token',
  ])
  expect(refusal(authorized(call, 'AWS4-HMAC-SHA256'), body, sts).slice(0, 2)).toEqual(['IncompleteSignature', '400'])
  expect(refusal(await signedCall('sts', nobody), body, sts)).toEqual([
    'InvalidClientTokenId',
    '403',
    'The security token included in the request is invalid.',
  ])
  expect(refusal(await signedCall('kms'), body, sts)).toEqual([
    'SignatureDoesNotMatch',
    '403',
    "Credential should be scoped to correct service: 'sts'.",
  ])
})

test('Temporary credentials past their time are known and expired, with a wrong token they are not known', async () => {
  const expired = { find: () => ({ caller, secretAccessKey: 'x', sessionToken: 't', isExpired: true }) }
  const words = 'The security token included in the request is expired'
  const keys = { accessKeyId: 'A', secretAccessKey: 'x', sessionToken: 't' }
  expect(refusal(await signedCall('kms', keys), body, { credentials: expired })).toEqual([
    'ExpiredTokenException',
    '400',
    words,
  ])
  expect(refusal(await signedCall('sts', keys), body, { ...sts, credentials: expired })).toEqual([
    'ExpiredToken',
    '403',
    words,
  ])
  const wrong = await signedCall('kms', { ...keys, sessionToken: 'u' })
  expect(refusal(wrong, body, { credentials: expired })[0]).toBe('UnrecognizedClientException')
})

test('A clock may be off by 5 minutes for KMS and by 15 for STS, not by a millisecond more', async () => {
  for (const [service, minutes] of [
    ['kms', 5],
    ['sts', 15],
  ] as const) {
    const call = await signedCall(service)
    const at = (time: number) => refusal(call, body, { service, now: time })
    for (const off of [minutes * 60_000, -minutes * 60_000]) expect(at(now + off)).toEqual([])
    expect(at(now + minutes * 60_000 + 1)[2]).toMatch(new RegExp(`^Signature expired: .* - ${minutes} min\\.\\)$`))
    expect(at(now - minutes * 60_000 - 1)[2]).toMatch(
      new RegExp(`^Signature not yet current: .* ${minutes} min\\.\\)$`),
    )
  }
})

test('All that an Authorization header lacks is told at once, with its hash', async () => {
  const call = callOf('POST', '/', { host: 'localhost' })
  expect(refusal(authorized(call, 'AWS4-HMAC-SHA256 X=1'))).toEqual([
    'IncompleteSignatureException',
    '400',
    "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
      "Authorization header requires 'SignedHeaders' parameter. " +
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " +
      // By OpenSSL: printf 'AWS4-HMAC-SHA256 X=1' | openssl dgst -sha256 -binary | base64
      '(Hashed with SHA-256 and encoded with Base64) Authorization=6xXskvLa+DbkA9TA11dK1oYYDc1Ejhr8YgIGD26o6YA=',
  ])
  expect(refusal(authorized(call, 'AWS3 X=1'))[2]).toBe("Unsupported AWS 'algorithm': 'AWS3'.")
})

test('The date is x-amz-date, or else Date in one of HTTP’s forms; another text is none', async () => {
  const call = await signedCall()
  const dated = (value: string) => refusal(authorized(call, undefined, { 'x-amz-date': value }))[2]
  expect(dated('soon')).toBe(
    "Date must be in ISO-8601 'basic format'. Got 'soon'. See http://en.wikipedia.org/wiki/ISO_8601",
  )
  const { 'x-amz-date': _, ...headers } = call.headers
  const http = { ...headers, date: 'Fri, 24 May 2013 00:00:00 GMT' }
  expect(refusal({ ...call, headers: http })).toEqual(['InvalidSignatureException', '400', mismatch])
})

test('A scope whose Region would break an ARN is refused', async () => {
  const { headers, ...call } = await signedCall()
  const { authorization = '' } = headers
  for (const region of ['us-east-1:x', '*', 'a b', '..', '__proto__', 'x'.repeat(64)]) {
    const other = authorized({ ...call, headers }, authorization.replace('/us-east-1/', `/${region}/`))
    expect(refusal(other)[2]).toBe('Credential should be scoped to a valid region.')
  }
})

test('A scope without a Region is refused, and one whose date is another day tells both', async () => {
  const call = await signedCall()
  const { authorization = '' } = call.headers
  expect(refusal(authorized(call, authorization.replace('/us-east-1/', '//')))[2]).toBe(
    'Credential should be scoped to a valid region.',
  )
  expect(refusal(authorized(call, authorization.replace('20130524/', '20130525/')))[2]).toBe(
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20130525' != '20130524', from '20130524T000000Z'.",
  )
  expect(refusal(authorized(call, authorization.replace(example.accessKeyId, '')))[2]).toBe(
    `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '/20130524/us-east-1/kms/aws4_request'`,
  )
})

test('Path and query are signed as well', async () => {
  const call = await signedCall()
  expect(refusal({ ...call, path: '/x' })[2]).toBe(mismatch)
  expect(refusal({ ...call, query: 'x' })[2]).toBe(mismatch)
  expect(refusal({ ...call, query: '%zz' })[2]).toBe(mismatch)
})
