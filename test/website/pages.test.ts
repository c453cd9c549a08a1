import {
  CreateBucketCommand,
  DeleteBucketWebsiteCommand,
  GetBucketWebsiteCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketCorsCommand,
  PutBucketRequestPaymentCommand,
  PutObjectAclCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from '../emulator.ts'
import { configure, openWebsite, upload, type Visiting, visit } from './visitor.ts'

const Bucket = 'pages'
let journey: Journey

const documents = { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'errors/4xx.html' } }

beforeAll(async () => {
  journey = await startJourney()
  await openWebsite(journey, Bucket, documents, ['s3:GetObject', 's3:ListBucket'])
  await upload(journey, Bucket, 'index.html', '<h1>Front</h1>', { CacheControl: 'max-age=60', Metadata: { by: 'me' } })
  await upload(journey, Bucket, 'docs/index.html', '<h1>Docs</h1>')
  await upload(journey, Bucket, 'plain.txt', '0123456789', { ContentType: 'text/plain' })
  await upload(journey, Bucket, 'å & ä', 'encoded')
  await openWebsite(journey, 'closed', { IndexDocument: { Suffix: 'index.html' } })
  await upload(journey, 'closed', 'docs/index.html', '<h1>Docs</h1>')
})
afterAll(() => journey.stop())

const host = (bucket: string) => `${bucket}.s3-website.localhost`
const get = (path: string, options?: Visiting) => visit(journey, host(Bucket), path, options)

/** A page of S3's own; what stands between the message and the ids in `more`. */
function page(title: string, code: string, message: string, more: string[] = [], second = '') {
  const items = [`Code: ${code}`, `Message: ${message}`, ...more].map((item) => `<li>${item}</li>\n`).join('')
  const [before, after] = [
    `<html>\n<head><title>${title}</title></head>\n<body>\n<h1>${title}</h1>\n<ul>\n${items}<li>RequestId: `,
    `</li>\n</ul>\n${second}<hr/>\n</body>\n</html>\n`,
  ]
  const escaped = [before, after].map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return expect.stringMatching(new RegExp(`^${escaped[0]}[A-Z0-9]{16}</li>\n<li>HostId: [^<]+${escaped[1]}$`))
}

test('the front page, a folder and an object are shown with their headers', async () => {
  const front = await get('/')
  const stored = await journey.s3.send(new HeadObjectCommand({ Bucket, Key: 'index.html' }))
  expect([front.status, front.text]).toEqual([200, '<h1>Front</h1>'])
  expect(front.headers).toMatchObject({
    'content-type': 'text/html',
    'content-length': '14',
    etag: stored.ETag,
    'cache-control': 'max-age=60',
    'x-amz-meta-by': 'me',
    server: 'AmazonS3',
    'x-amz-request-id': expect.stringMatching(/^[A-Z0-9]{16}$/),
  })
  expect((await get('/docs/?a=b')).text).toBe('<h1>Docs</h1>')
  expect((await get('/plain.txt')).text).toBe('0123456789')
  expect((await get('/%C3%A5%20&%20%C3%A4')).text).toBe('encoded')
  const head = await get('/', { method: 'HEAD' })
  expect([head.status, head.text, head.headers.etag, head.headers['content-length']]).toEqual([
    200,
    '',
    stored.ETag,
    '14',
  ])
})

test.each(['s3-website', 's3-website-us-east-1', 's3-website.us-east-1'])(
  'a bucket is a website at %s of any domain',
  async (label) => {
    for (const domain of ['localhost', 'localhost.localstack.cloud.localhost', 'amazonaws.com']) {
      expect((await visit(journey, `${Bucket}.${label}.${domain}`, '/')).text).toBe('<h1>Front</h1>')
    }
  },
)

test('a range is a part, and what did not change is not sent again', async () => {
  const part = await get('/plain.txt', { headers: { range: 'bytes=2-4' } })
  expect([part.status, part.text, part.headers['content-range']]).toEqual([206, '234', 'bytes 2-4/10'])
  const { headers } = await get('/plain.txt')
  const unchanged = await get('/plain.txt', { headers: { 'if-none-match': String(headers.etag) } })
  expect([unchanged.status, unchanged.text, unchanged.headers.etag]).toEqual([304, '', headers.etag])
  const beyond = await get('/plain.txt', { headers: { range: 'bytes=20-' } })
  expect(beyond.status).toBe(416)
  expect(beyond.headers['x-amz-error-code']).toBe('InvalidRange')
  const changed = await get('/plain.txt', { headers: { 'if-match': '"other"' } })
  expect([changed.status, changed.headers['x-amz-error-code']]).toEqual([412, 'PreconditionFailed'])
})

test('a folder without its slash is redirected to itself with it, whether keys may be listed or not', async () => {
  await journey.createBucket('by-acl')
  await configure(journey, 'by-acl', documents)
  await upload(journey, 'by-acl', 'docs/index.html', '<h1>Docs</h1>', { ACL: 'public-read' })
  await upload(journey, 'by-acl', 'private/index.html', '<h1>Private</h1>')
  expect((await visit(journey, host('by-acl'), '/private')).status).toBe(403)
  for (const bucket of [Bucket, 'closed', 'by-acl']) {
    const { status, headers, text } = await visit(journey, host(bucket), '/docs?a=b')
    expect([status, headers.location]).toEqual([302, '/docs/'])
    expect(text).toEqual(page('302 Found', 'Found', 'Resource Found'))
  }
})

test('a missing key is 404 where keys may be listed, else 403', async () => {
  const title = '404 Not Found'
  const missing = await get('/none/')
  expect(missing.status).toBe(404)
  expect(missing.headers['content-type']).toBe('text/html; charset=utf-8')
  const second =
    '<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n<li>Code: NoSuchKey</li>\n' +
    '<li>Message: The specified key does not exist.</li>\n<li>Key: errors/4xx.html</li>\n</ul>\n'
  const message = 'The specified key does not exist.'
  expect(missing.text).toEqual(page(title, 'NoSuchKey', message, ['Key: none/index.html'], second))
  const hidden = await visit(journey, host('closed'), '/none')
  expect(hidden.status).toBe(403)
  expect(hidden.text).toEqual(page('403 Forbidden', 'AccessDenied', 'Access Denied'))
})

test('a key is shown as text', async () => {
  const { text } = await get('/%3Cscript%3Ealert(1)%3C/script%3E')
  expect(text).toContain('<li>Key: &lt;script&gt;alert(1)&lt;/script&gt;</li>')
})

test('the headers of a HEAD tell the error', async () => {
  const { status, headers, text } = await get('/%C3%A5', { method: 'HEAD' })
  expect([status, text]).toEqual([404, ''])
  expect(headers).toMatchObject({
    'x-amz-error-code': 'NoSuchKey',
    'x-amz-error-message': 'The specified key does not exist.',
    'x-amz-error-detail-key': '%C3%A5',
  })
})

test('the error document is shown with the status of the error, whatever was asked for', async () => {
  await openWebsite(journey, 'told', documents, ['s3:GetObject', 's3:ListBucket'])
  await upload(journey, 'told', 'errors/4xx.html', '<h1>Sorry</h1>', { Metadata: { kind: 'sorry' } })
  const at = (path: string, options?: Visiting) => visit(journey, host('told'), path, options)
  const missing = await at('/none', { headers: { range: 'bytes=0-1', 'if-none-match': '*' } })
  expect([missing.status, missing.text]).toEqual([404, '<h1>Sorry</h1>'])
  expect(missing.headers).toMatchObject({
    'content-type': 'text/html',
    'x-amz-meta-kind': 'sorry',
    'x-amz-error-code': 'NoSuchKey',
    'x-amz-error-detail-key': 'none',
  })
  const head = await at('/none', { method: 'HEAD' })
  expect([head.status, head.text, head.headers['content-length']]).toEqual([404, '', '14'])
  const posted = await at('/none', { method: 'POST' })
  expect(posted.text).toEqual(
    page('405 Method Not Allowed', 'MethodNotAllowed', 'The specified method is not allowed against this resource.', [
      'Method: POST',
      'ResourceType: OBJECT',
    ]),
  )
  await upload(journey, 'told', 'errors/4xx.html', '', { WebsiteRedirectLocation: '/' })
  const elsewhere = await at('/none')
  expect([elsewhere.status, elsewhere.headers.location]).toEqual([301, '/'])
})

test.each(['PUT', 'POST', 'DELETE', 'PATCH'])('%s is no method of a website', async (method) => {
  const { status, headers } = await get('/index.html', { method })
  expect([status, headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS'])
  expect((await get('/index.html')).text).toBe('<h1>Front</h1>')
})

test('no bucket, and a bucket that is no website, are 404', async () => {
  const nowhere = await visit(journey, host('nowhere'), '/')
  expect(nowhere.status).toBe(404)
  const message = 'The specified bucket does not exist'
  expect(nowhere.text).toEqual(page('404 Not Found', 'NoSuchBucket', message, ['BucketName: nowhere']))
  await journey.createBucket('store')
  const none = await visit(journey, host('store'), '/')
  const words = 'The specified bucket does not have a website configuration'
  expect(none.text).toEqual(page('404 Not Found', 'NoSuchWebsiteConfiguration', words, ['BucketName: store']))
  await configure(journey, 'store', documents)
  expect(await journey.s3.send(new GetBucketWebsiteCommand({ Bucket: 'store' }))).toMatchObject(documents)
  expect((await visit(journey, host('store'), '/')).status).toBe(403)
  await journey.s3.send(new DeleteBucketWebsiteCommand({ Bucket: 'store' }))
  expect((await visit(journey, host('store'), '/')).status).toBe(404)
  expect(await failureOf(journey.s3.send(new GetBucketWebsiteCommand({ Bucket: 'store' })))).toMatchObject({
    code: 'NoSuchWebsiteConfiguration',
    message: words,
  })
})

test('a host without a bucket leads to what S3 is', async () => {
  const { status, headers } = await visit(journey, 's3-website.localhost', '/')
  expect([status, headers.location]).toEqual([301, 'https://aws.amazon.com/s3/'])
})

test('the website of another Region is at another endpoint', async () => {
  await journey.s3.send(
    new CreateBucketCommand({ Bucket: 'north', CreateBucketConfiguration: { LocationConstraint: 'eu-north-1' } }),
  )
  const { status, text } = await visit(journey, 'north.s3-website-us-east-1.localhost', '/')
  expect(status).toBe(400)
  const message = 'The specified bucket exists in another region. Please direct requests to the specified endpoint.'
  const more = ['Endpoint: north.s3-website.eu-north-1.amazonaws.com']
  expect(text).toEqual(page('400 Bad Request', 'IncorrectEndpoint', message, more))
})

test('visitors are anonymous whatever they sign, and read what policy or ACL lets everybody read', async () => {
  await journey.createBucket('private')
  await configure(journey, 'private', { IndexDocument: { Suffix: 'i' } })
  await upload(journey, 'private', 'i', 'mine')
  const authorization =
    'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0'
  const headers = { authorization, 'x-amz-expected-bucket-owner': '999999999999' }
  expect((await visit(journey, host('private'), '/', { headers })).status).toBe(403)
  await journey.s3.send(new PutObjectAclCommand({ Bucket: 'private', Key: 'i', ACL: 'public-read' }))
  expect((await visit(journey, host('private'), '/', { headers })).text).toBe('mine')
  await journey.s3.send(
    new PutBucketRequestPaymentCommand({ Bucket: 'private', RequestPaymentConfiguration: { Payer: 'Requester' } }),
  )
  expect((await visit(journey, host('private'), '/')).status).toBe(403)
})

test('an object under a KMS key is shown to no visitor', async () => {
  await upload(journey, Bucket, 'sealed', 'secret', { ServerSideEncryption: 'aws:kms' })
  const calls = await journey.kmsCallsDuring(async () => {
    const { status, text } = await get('/sealed')
    expect(status).toBe(400)
    expect(text).toContain('<li>Code: InvalidArgument</li>')
    expect(text).toContain(
      'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.',
    )
  })
  expect(calls).toEqual([])
  await upload(journey, Bucket, 'kept', 'shown', { ServerSideEncryption: 'AES256' })
  expect((await get('/kept')).text).toBe('shown')
})

test('scripts of other origins read pages that a CORS rule names', async () => {
  const rule = { AllowedOrigins: ['http://localhost:3000'], AllowedMethods: ['GET'], ExposeHeaders: ['ETag'] }
  await journey.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [rule] } }))
  const origin = 'http://localhost:3000'
  for (const path of ['/', '/none']) {
    expect((await get(path, { headers: { origin } })).headers['access-control-allow-origin']).toBe(origin)
  }
  const asks = { origin, 'access-control-request-method': 'GET' }
  const allowed = await get('/index.html', { method: 'OPTIONS', headers: asks })
  expect([allowed.status, allowed.headers['access-control-expose-headers']]).toEqual([200, 'ETag'])
  const refused = await visit(journey, host('closed'), '/', { method: 'OPTIONS', headers: asks })
  expect(refused.status).toBe(403)
  expect(refused.text).toContain('<li>Message: CORSResponse: CORS is not enabled for this bucket.</li>')
})

test('pages of other sites link to a website, and get nothing of it by scripts', async () => {
  const foreign = { 'sec-fetch-site': 'cross-site', referer: 'https://evil.test/' }
  const followed = await get('/', { headers: { ...foreign, 'sec-fetch-mode': 'navigate' } })
  expect([followed.status, followed.text]).toEqual([200, '<h1>Front</h1>'])
  const embedded = await get('/', { headers: { ...foreign, 'sec-fetch-mode': 'no-cors' } })
  expect(embedded.status).toBe(403)
  expect(embedded.text).toContain('--allow-origin https://evil.test')
})

test('the API of S3 tells where an object redirects, and gives the object', async () => {
  await upload(journey, Bucket, 'moved', 'still here', { WebsiteRedirectLocation: 'https://example.com/å' })
  const { status, headers, text } = await get('/moved')
  expect([status, headers.location, text]).toEqual([301, 'https://example.com/%C3%A5', ''])
  const read = await journey.s3.send(new GetObjectCommand({ Bucket, Key: 'moved' }))
  expect(await read.Body?.transformToString()).toBe('still here')
  expect(read.WebsiteRedirectLocation).toBe(Buffer.from('https://example.com/å').toString('latin1'))
})

test('a redirect is kept in any script, and its header comes back as the bytes it was', async () => {
  const command = new PutObjectCommand({ Bucket, Key: 'far', WebsiteRedirectLocation: '/日本?a=%20' })
  expect((await fetch(await getSignedUrl(journey.s3, command), { method: 'PUT' })).status).toBe(200)
  expect((await get('/far')).headers.location).toBe('/%E6%97%A5%E6%9C%AC?a=%20')
  const read = await journey.s3.send(new GetObjectCommand({ Bucket, Key: 'far' }))
  expect(Buffer.from(read.WebsiteRedirectLocation ?? '', 'latin1').toString()).toBe('/日本?a=%20')
})
