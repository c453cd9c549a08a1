import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { callInProcess } from '../../protocol/http.ts'
import { openS3, owner, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture

const rules = `
  <CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://reader.test</AllowedOrigin></CORSRule>
  <CORSRule><AllowedMethod>PUT</AllowedMethod><AllowedMethod>DELETE</AllowedMethod>
    <AllowedOrigin>http://*.site.test</AllowedOrigin><AllowedOrigin>https://app.test:8443</AllowedOrigin>
    <AllowedHeader>X-Amz-Meta-*</AllowedHeader><AllowedHeader>content-type</AllowedHeader>
    <ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-version-id</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>
  <CORSRule><AllowedMethod>HEAD</AllowedMethod><AllowedOrigin>*</AllowedOrigin><AllowedHeader>*</AllowedHeader></CORSRule>`

beforeAll(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/plain')
  await s3.call('PUT', '/bucket/key', { body: 'body' })
  const body = `<CORSConfiguration>${rules}</CORSConfiguration>`
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  expect((await s3.call('PUT', '/bucket?cors', { body, headers })).status).toBe(200)
})
afterAll(() => s3.close())

interface Asked {
  origin?: string
  method?: string
  names?: string
}

function preflight(target: string, { origin, method, names }: Asked) {
  const headers: Record<string, string> = {}
  if (origin !== undefined) headers.origin = origin
  if (method !== undefined) headers['access-control-request-method'] = method
  if (names !== undefined) headers['access-control-request-headers'] = names
  return s3.call('OPTIONS', target, { headers, caller: 'anonymous' })
}

/** What of an answer a browser goes by. */
function corsOf(headers: Headers): Record<string, string> {
  const shown = [...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary')
  return Object.fromEntries(shown)
}

const vary = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'
const ofWriters = {
  'access-control-allow-credentials': 'true',
  'access-control-allow-methods': 'PUT, DELETE',
  'access-control-expose-headers': 'ETag, x-amz-version-id',
  'access-control-max-age': '600',
  vary,
}

test('A preflight that a rule fits is told all of the rule, for an object that is not there too', async () => {
  const asked = { origin: 'http://a.site.test', method: 'PUT', names: 'Content-Type,  x-amz-META-a' }
  const { status, text, headers } = await preflight('/bucket/none?X-Amz-Signature=0', asked)
  expect([status, text]).toEqual([200, ''])
  expect(headers.has('content-type')).toBe(false)
  expect(headers.get('x-amz-request-id')).toMatch(/^[A-Z0-9]{16}$/)
  expect(corsOf(headers)).toEqual({
    ...ofWriters,
    'access-control-allow-origin': 'http://a.site.test',
    'access-control-allow-headers': 'content-type, x-amz-meta-a',
  })
})

test('A rule for every origin names none and lets no credentials come', async () => {
  const { headers } = await preflight('/bucket', { origin: 'null', method: 'HEAD', names: 'anything' })
  expect(corsOf(headers)).toEqual({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'HEAD',
    'access-control-allow-headers': 'anything',
    vary,
  })
})

test.each<[string, Asked]>([
  ['the star stands for nothing', { origin: 'http://.site.test', method: 'PUT' }],
  ['an origin with its port', { origin: 'https://app.test:8443', method: 'DELETE' }],
  ['no header is asked for', { origin: 'https://reader.test', method: 'GET' }],
  ['an empty list of headers', { origin: 'https://reader.test', method: 'GET', names: ' , ' }],
])('A rule fits: %s', async (_, asked) => {
  expect((await preflight('/bucket/key', asked)).status).toBe(200)
})

test.each<[string, Asked]>([
  ['another scheme', { origin: 'https://a.site.test', method: 'PUT' }],
  ['a slash at the end', { origin: 'http://a.site.test/', method: 'PUT' }],
  ['another port', { origin: 'https://app.test', method: 'PUT' }],
  ['other letters', { origin: 'http://a.SITE.test', method: 'PUT' }],
  ['a method of another rule', { origin: 'https://reader.test', method: 'PUT' }],
  ['a header where the rule has none', { origin: 'https://reader.test', method: 'GET', names: 'x-a' }],
  ['one header of two', { origin: 'http://a.site.test', method: 'PUT', names: 'content-type, x-amz-acl' }],
  ['a method that no rule can have', { origin: 'https://reader.test', method: 'PATCH' }],
  ['no method, which is OPTIONS', { origin: 'https://reader.test' }],
  ['an empty method', { origin: 'https://reader.test', method: '' }],
])('No rule fits: %s', async (_, asked) => {
  const Message =
    'CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / ' +
    "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
  for (const [target, ResourceType] of [
    ['/bucket/key', 'OBJECT'],
    ['/bucket', 'BUCKET'],
  ] as const) {
    const refused = await preflight(target, asked)
    expect([refused.status, corsOf(refused.headers)]).toEqual([403, {}])
    const Method = asked.method || 'OPTIONS'
    expect(await refused.xml('Error')).toMatchObject({ Code: 'AccessForbidden', Message, Method, ResourceType })
  }
})

test.each<[string, string, Asked, object]>([
  [
    'a bucket without a configuration',
    '/plain/key',
    { origin: 'https://reader.test', method: 'GET' },
    {
      Code: 'AccessForbidden',
      Message: 'CORSResponse: CORS is not enabled for this bucket.',
      Method: 'GET',
      ResourceType: 'BUCKET',
    },
  ],
  [
    'no such bucket',
    '/nowhere/key',
    { origin: 'https://reader.test', method: 'GET' },
    { Code: 'AccessForbidden', Message: 'CORSResponse: Bucket not found', ResourceType: 'BUCKET' },
  ],
  [
    'no bucket',
    '/',
    { origin: 'https://reader.test', method: 'GET' },
    { Code: 'AccessForbidden', Message: 'CORSResponse: Bucket not found', ResourceType: 'BUCKET' },
  ],
  [
    'no Origin',
    '/bucket/key',
    { method: 'GET' },
    { Code: 'BadRequest', Message: 'Insufficient information. Origin request header needed.' },
  ],
  [
    'a method in small letters',
    '/bucket/key',
    { origin: 'https://reader.test', method: 'get' },
    { Code: 'BadRequest', Message: 'Invalid Access-Control-Request-Method: get' },
  ],
  [
    'a header that is none',
    '/bucket/key',
    { origin: 'https://reader.test', method: 'GET', names: 'Good, b@d' },
    { Code: 'BadRequest', Message: 'Access-Control-Request-Headers "b@d" contains invalid character.' },
  ],
])('A preflight is refused: %s', async (_, target, asked, error) => {
  const refused = await preflight(target, asked)
  expect(await refused.xml('Error')).toMatchObject(error)
  expect(refused.headers.get('connection')).toBe(asked.origin === undefined ? 'close' : null)
})

const origin = 'http://a.site.test'

test('The answer to the request itself has the same headers, be it a refusal or a 404', async () => {
  const expected = { ...ofWriters, 'access-control-allow-origin': origin }
  const put = await s3.call('PUT', '/bucket/new', { body: 'x', headers: { origin } })
  expect([put.status, corsOf(put.headers)]).toEqual([200, expected])
  const asked = { origin, 'access-control-request-headers': 'X-AMZ-meta-B' }
  const again = await s3.call('PUT', '/bucket/new', { body: 'x', headers: asked })
  expect(corsOf(again.headers)).toEqual({ ...expected, 'access-control-allow-headers': 'x-amz-meta-b' })
  const refused = await s3.call('PUT', '/bucket/new', { body: 'x', headers: { origin }, caller: 'anonymous' })
  expect([refused.code, corsOf(refused.headers)]).toEqual(['AccessDenied', expected])
  const malformed = await s3.call('DELETE', '/bucket/new?versionId=', { headers: { origin } })
  expect([malformed.code, corsOf(malformed.headers)]).toEqual(['InvalidArgument', expected])
})

test('A GET, a 304, a 404 and a HEAD are readable by whom a rule names', async () => {
  const reader = { origin: 'https://reader.test' }
  const expected = {
    'access-control-allow-origin': 'https://reader.test',
    'access-control-allow-methods': 'GET',
    'access-control-allow-credentials': 'true',
    vary,
  }
  const got = await s3.call('GET', '/bucket/key', { headers: reader })
  expect([got.status, got.text, corsOf(got.headers)]).toEqual([200, 'body', expected])
  const etag = got.headers.get('etag') ?? ''
  const unchanged = await s3.call('GET', '/bucket/key', { headers: { ...reader, 'if-none-match': etag } })
  expect([unchanged.status, corsOf(unchanged.headers)]).toEqual([304, expected])
  const missing = await s3.call('GET', '/bucket/none', { headers: reader })
  expect([missing.status, corsOf(missing.headers)]).toEqual([404, expected])
  const head = await s3.call('HEAD', '/bucket/none', { headers: { origin: 'https://anybody.test' } })
  expect([head.status, head.headers.get('access-control-allow-origin')]).toEqual([404, '*'])
})

test.each([
  ['no Origin', '/bucket/key', {}],
  ['an origin without a rule', '/bucket/key', { origin: 'https://other.test' }],
  ['a bucket without a configuration', '/plain', { origin: 'https://reader.test' }],
  ['no bucket', '/', { origin: 'https://reader.test' }],
  [
    'a method that was announced and is not allowed',
    '/bucket/key',
    {
      origin: 'https://reader.test',
      'access-control-request-method': 'PUT',
    },
  ],
])('The answer has none of them: %s', async (_, target, headers: Record<string, string>) => {
  const answer = await s3.call('GET', target, { headers })
  expect([answer.status, corsOf(answer.headers)]).toEqual([200, {}])
})

test('Of a list of names that is longer than any browser’s the first 8 KiB count', async () => {
  const wildcards = Array.from({ length: 1500 }, (_, index) => `<AllowedHeader>*${index}</AllowedHeader>`).join('')
  const body = `<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>${wildcards}</CORSRule></CORSConfiguration>`
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  await s3.call('PUT', '/long')
  expect((await s3.call('PUT', '/long?cors', { body, headers })).status).toBe(200)
  const names = Array.from({ length: 12_000 }, (_, index) => `${index.toString(36)}1499`).join(',')
  const answered = await preflight('/long', { origin: 'https://a.test', method: 'GET', names })
  expect(answered.status).toBe(200)
  const told = answered.headers.get('access-control-allow-headers')?.replaceAll(' ', '')
  expect(told).toBe(names.slice(0, 8 << 10))
})

test('The page of another site is let in by what it sends, not by what it says of a preflight', async () => {
  const origin = 'https://reader.test'
  const statusOf = async (method: string, headers: Record<string, string> = {}) => {
    const session = { caller: owner, region: 'us-east-1', service: 's3' as const }
    const sent = { host: 'localhost', origin, 'content-length': '0', ...headers }
    const call = callInProcess({ method, target: '/bucket/key', headers: sent, session })
    return (await s3.endpoint({ ...call, foreignPage: { origin, refusal: 'not yours' } })).status
  }
  const announced = { 'access-control-request-method': 'GET' }
  expect([await statusOf('GET'), await statusOf('GET', announced)]).toEqual([200, 200])
  expect([await statusOf('PUT'), await statusOf('DELETE', announced)]).toEqual([403, 403])
  const copied = { ...announced, 'x-amz-copy-source': '/bucket/key' }
  expect(await statusOf('PUT', copied)).toBe(403)
})
