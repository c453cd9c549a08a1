import { createHmac } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { AwsError } from '../aws/errors.ts'
import { authenticate } from './authenticate.ts'
import { authenticateAwsJson } from './authenticate-aws-json.ts'
import type { HttpCall } from './http.ts'
import { authenticatePolicyForm } from './policy-form.ts'
import { headersOf } from './presigned.ts'
import { signingKey } from './signature-v4.ts'
import { callOf, credentials, example, signer } from './signing.fixture.ts'
import { encodeUri } from './uri.ts'

/* What holds for every way to sign: all of the signature counts, and what it covers is what everybody reads. */

const now = Date.parse('2013-05-24T00:00:00Z')
const options = { credentials, now, region: 'us-east-1' }

/** The code of the error that `action` throws; `accepted` where it throws none. */
function outcomeOf(action: () => unknown): string {
  try {
    action()
    return 'accepted'
  } catch (error) {
    if (error instanceof AwsError) return error.code
    throw error
  }
}

const outcome = (call: HttpCall) => outcomeOf(() => authenticate(call, options))

const lowerCase = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

async function signedCall(service: 's3' | 'kms', signableHeaders?: Set<string>): Promise<HttpCall> {
  const request = {
    method: 'GET',
    protocol: 'http:',
    hostname: 'localhost',
    path: '/bucket/key',
    headers: { host: 'localhost', ...(service === 's3' && { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }) },
  }
  const signing = {
    signingDate: new Date(now),
    signableHeaders,
    unsignableHeaders: signableHeaders && new Set(['host']),
  }
  const { headers } = await signer(service).sign(request, signing)
  return callOf('GET', '/bucket/key', lowerCase(headers))
}

/** A URL that is signed for these headers; all but `unhoistable` go to the query. */
async function presigned(headers: Record<string, string>, unhoistable: string[] = [], query = {}): Promise<HttpCall> {
  const request = {
    method: 'PUT',
    protocol: 'http:',
    hostname: 'localhost',
    path: '/bucket/key',
    query,
    headers: { host: 'localhost', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers },
  }
  const signing = { signingDate: new Date(now), expiresIn: 60, unhoistableHeaders: new Set(unhoistable) }
  const signed = await signer('s3').presign(request, signing)
  const pairs = Object.entries(signed.query ?? {}).map(([name, value]) => `${name}=${encodeUri(String(value))}`)
  return callOf('PUT', `/bucket/key?${pairs.join('&')}`, lowerCase(signed.headers))
}

const v2 = (text: string) => createHmac('sha1', example.secretAccessKey).update(text).digest('base64')
const policy = Buffer.from('{}').toString('base64')
const scope = { date: '20130524', region: 'us-east-1', service: 's3' }
const policySignature = createHmac('sha256', signingKey(example.secretAccessKey, scope)).update(policy).digest('hex')
const policyForm = {
  policy,
  'x-amz-algorithm': 'AWS4-HMAC-SHA256',
  'x-amz-credential': `${example.accessKeyId}/20130524/us-east-1/s3/aws4_request`,
  'x-amz-date': '20130524T000000Z',
}

/** Every kind of signature: the right one, and what becomes of another in its place. */
const kinds: [name: string, make: () => Promise<{ right: string; use: (signature: string) => string }>][] = [
  [
    'SigV4 in the header',
    async () => {
      const call = await signedCall('s3')
      const { authorization = '' } = call.headers
      const right = authorization.slice(-64)
      const use = (signature: string) =>
        outcome({ ...call, headers: { ...call.headers, authorization: authorization.replace(right, signature) } })
      return { right, use }
    },
  ],
  [
    'SigV4 in the query',
    async () => {
      const call = await presigned({})
      const [, right = ''] = /X-Amz-Signature=([0-9a-f]{64})/.exec(call.query) ?? []
      return { right, use: (signature) => outcome({ ...call, query: call.query.replace(right, signature) }) }
    },
  ],
  [
    'SigV4 of AWS JSON',
    async () => {
      const call = await signedCall('kms')
      const { authorization = '' } = call.headers
      const right = authorization.slice(-64)
      const use = (signature: string) => {
        const headers = { ...call.headers, authorization: authorization.replace(right, signature) }
        return outcomeOf(() =>
          authenticateAwsJson({ ...call, headers }, Buffer.alloc(0), { ...options, service: 'kms' }),
        )
      }
      return { right, use }
    },
  ],
  [
    'SigV4 of a form',
    async () => ({
      right: policySignature,
      use: (signature) =>
        outcomeOf(() => authenticatePolicyForm({ ...policyForm, 'x-amz-signature': signature }, options)),
    }),
  ],
  [
    'SigV2 in the header',
    async () => {
      const date = new Date(now).toUTCString()
      const use = (signature: string) =>
        outcome(callOf('GET', '/b/k', { date, authorization: `AWS ${example.accessKeyId}:${signature}` }))
      return { right: v2(`GET\n\n\n${date}\n/b/k`), use }
    },
  ],
  [
    'SigV2 in the query',
    async () => {
      const expires = String(now / 1000)
      const query = `AWSAccessKeyId=${example.accessKeyId}&Expires=${expires}&Signature=`
      const use = (signature: string) => outcome(callOf('GET', `/b/k?${query}${encodeUri(signature)}`))
      return { right: v2(`GET\n\n\n${expires}\n/b/k`), use }
    },
  ],
]

test.each(kinds)('Every digit of a signature counts: %s', async (_, make) => {
  const { right, use } = await make()
  expect(use(right)).toBe('accepted')
  const changed = [...right].map(
    (digit, place) => right.slice(0, place) + (digit === '0' ? '1' : '0') + right.slice(place + 1),
  )
  const wrong = [...changed, right.slice(0, -1), `${right}0`, right.slice(1)]
  expect(new Set(wrong.map(use))).toEqual(new Set([use('0')]))
  expect(use('0')).toMatch(/^(SignatureDoesNotMatch|InvalidSignatureException)$/)
})

test('The Host must be signed', async () => {
  const withoutHost = new Set(['x-amz-date', 'x-amz-content-sha256'])
  expect(outcome(await signedCall('s3', withoutHost))).toBe('AccessDenied')
  const call = await signedCall('kms', withoutHost)
  expect(call.headers.authorization).not.toContain('host')
  expect(() => authenticateAwsJson(call, Buffer.alloc(0), { ...options, service: 'kms' })).toThrow(
    "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
  )
  const url = await presigned({})
  const query = url.query.replace('X-Amz-SignedHeaders=host', 'X-Amz-SignedHeaders=x-amz-date')
  expect(outcome({ ...url, query })).toBe('AccessDenied')
})

test('A request from the future is refused as one from the past is', async () => {
  const call = await signedCall('s3')
  const at = (time: number) => outcomeOf(() => authenticate(call, { ...options, now: time }))
  expect([at(now - 900_000), at(now - 900_001)]).toEqual(['accepted', 'RequestTimeTooSkewed'])
  expect([at(now + 900_000), at(now + 900_001)]).toEqual(['accepted', 'RequestTimeTooSkewed'])
})

/** The same query with the name of one parameter escaped: as much the same to a signature. */
const escaped = (call: HttpCall, name: string): HttpCall => ({
  ...call,
  query: call.query.replace(`${name}=`, `${name.slice(0, -1)}%${name.charCodeAt(name.length - 1).toString(16)}=`),
})

const sixParameters = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature'].map(
  (name) => `X-Amz-${name}`,
)

test('A signed URL whose names are escaped says to everybody what was signed', async () => {
  const signed = { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-copy-source': '/b/k' }
  const call = await presigned(signed)
  const all = sixParameters.reduce(escaped, call)
  for (const changed of [...sixParameters.map((name) => escaped(call, name)), all]) {
    expect(changed.query).not.toBe(call.query)
    expect(authenticate(changed, options)).toMatchObject({ method: 'QueryString', caller: { userName: 'example' } })
    expect(headersOf(changed)).toMatchObject(signed)
  }
})

test('A SigV2 URL whose names are escaped says to everybody what was signed', () => {
  const expires = String(now / 1000)
  const text = `PUT\n\n\n${expires}\nx-amz-server-side-encryption:aws:kms\n/b/k`
  const parameters = {
    'x-amz-server-side-encryption': 'aws:kms',
    AWSAccessKeyId: example.accessKeyId,
    Expires: expires,
  }
  const query = new URLSearchParams({ ...parameters, Signature: v2(text) })
  const call = callOf('PUT', `/b/k?${query}`)
  const names = ['AWSAccessKeyId', 'Expires', 'Signature']
  for (const changed of [call, ...names.map((name) => escaped(call, name)), names.reduce(escaped, call)]) {
    expect(authenticate(changed, options)).toMatchObject({ signature: 'SigV2', method: 'QueryString' })
    expect(headersOf(changed)).toEqual({ 'x-amz-server-side-encryption': 'aws:kms' })
  }
})

test('An escaped name is no way to two mechanisms at once', async () => {
  const call = await signedCall('s3')
  for (const query of ['X-Amz-Signatur%65=x', 'X-Amz-Dat%65=x', 'Signatur%65=x', 'Expire%73=1'])
    expect(outcome({ ...call, query })).toBe('InvalidArgument')
})

test('A header beside a query parameter of its name is what counts, and both are signed', async () => {
  const both = await presigned({ 'x-amz-acl': 'private' }, ['x-amz-acl'], { 'x-amz-acl': 'public-read' })
  expect(both.query).toContain('x-amz-acl=public-read')
  expect(outcome(both)).toBe('accepted')
  expect(headersOf(both)).toMatchObject({ 'x-amz-acl': 'private' })
  const { 'x-amz-acl': _, ...others } = both.headers
  expect(outcome({ ...both, headers: others })).toBe('SignatureDoesNotMatch')
  expect(outcome({ ...both, query: both.query.replace('public-read', 'private') })).toBe('SignatureDoesNotMatch')
})

test('Of a parameter that comes twice the first counts, whoever asks', async () => {
  const call = await presigned({}, [], { 'x-amz-acl': 'private', 'X-Amz-Acl': 'public-read' })
  expect(outcome(call)).toBe('accepted')
  const names = call.query.split('&').filter((pair) => /^x-amz-acl=/i.test(pair))
  expect(headersOf(call)['x-amz-acl']).toBe(names[0]?.split('=')[1])
  const [, signature = ''] = /X-Amz-Signature=([0-9a-f]{64})/.exec(call.query) ?? []
  expect(outcome({ ...call, query: `X-Amz-Signature=0&${call.query}` })).toBe('SignatureDoesNotMatch')
  expect(outcome({ ...call, query: `${call.query}&X-Amz-Signature=0` })).toBe('accepted')
  expect(signature).not.toBe('')
})

test('Of a field that an Authorization header has twice the first counts, whoever asks', async () => {
  const call = await signedCall('kms')
  const changed = (authorization: string) =>
    outcomeOf(() =>
      authenticateAwsJson({ ...call, headers: { ...call.headers, authorization } }, Buffer.alloc(0), {
        ...options,
        service: 'kms',
      }),
    )
  const { authorization = '' } = call.headers
  expect(changed(`${authorization}, Signature=0`)).toBe('accepted')
  expect(changed(authorization.replace('Signature=', 'Signature=0, Signature='))).toBe('InvalidSignatureException')
})

test('A query that cannot be read signs nothing', async () => {
  const call = await signedCall('kms')
  expect(
    outcomeOf(() => authenticateAwsJson({ ...call, query: '%zz' }, Buffer.alloc(0), { ...options, service: 'kms' })),
  ).toBe('InvalidSignatureException')
  expect(outcome({ ...call, query: '%zz' })).toBe('InvalidURI')
})
