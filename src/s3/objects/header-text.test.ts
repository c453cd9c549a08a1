import { afterEach, expect, test } from '@jest/globals'
import { openS3, type S3Fixture } from '../s3.fixture.ts'
import type { S3Settings } from '../settings.ts'

let s3: S3Fixture
afterEach(() => s3.close())

async function open(defaults: S3Settings['bucketDefaults'] = 'classic'): Promise<void> {
  s3 = await openS3(defaults)
  await s3.call('PUT', '/bucket')
}

const latin1 = (text: string) => Buffer.from(text).toString('latin1')

async function putAndHead(headers: Record<string, string>): Promise<Headers> {
  expect((await s3.call('PUT', '/bucket/key', { body: 'x', headers })).status).toBe(200)
  return (await s3.call('HEAD', '/bucket/key')).headers
}

test('User metadata in encoded words is kept decoded, and encoded anew where it is not ASCII', async () => {
  await open()
  const headers = await putAndHead({
    'x-amz-meta-ascii': '=?UTF-8?B?aGVsbG8=?=',
    'x-amz-meta-accent': '=?ISO-8859-1?Q?caf=E9?=',
    'x-amz-meta-wide': '=?UTF-8?Q?=C3=84=C3=96?=',
  })
  expect(['ascii', 'accent', 'wide'].map((name) => headers.get(`x-amz-meta-${name}`))).toEqual([
    'hello',
    '=?UTF-8?Q?caf=C3=A9?=',
    '=?UTF-8?B?w4TDlg==?=',
  ])
})

test('Cache-Control and Content-Disposition come back as the bytes of UTF-8 that they were', async () => {
  await open()
  const disposition = 'attachment; filename="é.txt"'
  const headers = await putAndHead({ 'content-disposition': disposition, 'cache-control': 'ü' })
  expect(headers.get('content-disposition')).toBe(latin1(disposition))
  expect(headers.get('cache-control')).toBe(latin1('ü'))
})

test('An override is Latin-1, or refused', async () => {
  await open()
  await putAndHead({})
  const read = (name: string) =>
    s3.call('GET', `/bucket/key?response-content-disposition=${encodeURIComponent(`inline; filename="${name}"`)}`)
  expect((await read('é')).headers.get('content-disposition')).toBe('inline; filename="é"')
  const refused = await read('日本')
  expect(refused.status).toBe(400)
  expect(await refused.xml('Error')).toMatchObject({
    Code: 'InvalidArgument',
    Message: 'Header value cannot be represented using ISO-8859-1.',
    ArgumentName: 'response-content-disposition',
  })
})

test.each([
  ['gzip, deflate', 'gzip, deflate'],
  ['GZIP', 'GZIP'],
  ['aws-chunked, gzip, br', 'gzip, br'],
  ['gzip,AWS-Chunked', 'gzip'],
  ['aws-chunked', null],
])('Content-Encoding %s is kept as %s', async (sent, kept) => {
  await open()
  expect((await putAndHead({ 'content-encoding': sent })).get('content-encoding')).toBe(kept)
})

test.each(['if-modified-since', 'x-amz-copy-source-if-modified-since'])('%s in the future is ignored', async (name) => {
  await open()
  await putAndHead({})
  const headers = { [name]: new Date(s3.ambient.now() + 60_000).toUTCString() }
  const reply = name.startsWith('x-amz')
    ? await s3.call('PUT', '/bucket/copy', { headers: { ...headers, 'x-amz-copy-source': '/bucket/key' } })
    : await s3.call('GET', '/bucket/key', { headers })
  expect(reply.status).toBe(200)
})

test.each<[S3Settings['bucketDefaults'], boolean]>([
  ['classic', true],
  ['2023', true],
  ['current', false],
])('Under %s owners have a name: %s', async (defaults, isNamed) => {
  await open(defaults)
  await putAndHead({})
  await s3.call('POST', '/bucket/key?uploads')
  const targets = ['/', '/bucket', '/bucket?list-type=2&fetch-owner=true', '/bucket?versions', '/bucket?uploads']
  for (const target of [...targets, '/bucket?acl', '/bucket/key?acl']) {
    const { text } = await s3.call('GET', target)
    const owner = /<Owner>.*?<\/Owner>/.exec(text)?.[0]
    expect([target, owner?.includes('<ID>'), owner?.includes('<DisplayName>')]).toEqual([target, true, isNamed])
  }
})
