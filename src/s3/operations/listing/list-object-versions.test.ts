import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openS3, type Reply, type S3Fixture } from '../../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3('current')
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

async function enable(): Promise<void> {
  const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  await s3.call('PUT', '/bucket?versioning', { body })
}

const put = async (key: string) =>
  (await s3.call('PUT', `/bucket/${key}`, { body: 'hello' })).headers.get('x-amz-version-id')
const list = (query: string): Promise<Reply> => s3.call('GET', `/bucket?versions${query}`)
/** Names of the children of the root, in their order. */
const elementsOf = ({ text }: Reply) =>
  [...text.matchAll(/<(Version|DeleteMarker|CommonPrefixes)>/g)].map(([, name]) => name)

test('Versions and delete markers stand in one order, of each key the newest first', async () => {
  await put('a')
  await enable()
  await put('a')
  await s3.call('DELETE', '/bucket/a')
  await put('b')
  const reply = await list('')
  expect(elementsOf(reply)).toEqual(['DeleteMarker', 'Version', 'Version', 'Version'])
  const { Version, DeleteMarker, ...rest } = await reply.xml('ListVersionsResult')
  expect(rest).toEqual({
    Name: 'bucket',
    Prefix: '',
    KeyMarker: '',
    VersionIdMarker: '',
    MaxKeys: '1000',
    IsTruncated: 'false',
  })
  expect(DeleteMarker).toEqual({
    Key: 'a',
    VersionId: expect.stringMatching(/^[\w.]{32}$/),
    IsLatest: 'true',
    LastModified: expect.stringMatching(/\.000Z$/),
    Owner: { ID: expect.stringMatching(/^[0-9a-f]{64}$/) },
  })
  expect(Version).toMatchObject([
    { Key: 'a', IsLatest: 'false' },
    {
      Key: 'a',
      VersionId: 'null',
      IsLatest: 'false',
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
      Size: '5',
      StorageClass: 'STANDARD',
      Owner: { ID: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ChecksumAlgorithm: 'CRC64NVME',
      ChecksumType: 'FULL_OBJECT',
    },
    { Key: 'b', IsLatest: 'true' },
  ])
})

test('A bucket that never had versioning lists each object as its null version', async () => {
  await put('a')
  const { Version } = await (await list('')).xml('ListVersionsResult')
  expect(Version).toMatchObject({ Key: 'a', VersionId: 'null', IsLatest: 'true' })
})

test('A page that ends with a version names it, one that ends with a common prefix names that alone', async () => {
  await enable()
  await put('a')
  const second = await put('a')
  for (const key of ['f/1', 'f/2', 'g']) await put(key)
  const first = await (await list('&max-keys=1&delimiter=/')).xml('ListVersionsResult')
  expect(first).toMatchObject({ NextKeyMarker: 'a', NextVersionIdMarker: second, IsTruncated: 'true', Delimiter: '/' })
  const next = await list(`&max-keys=2&delimiter=/&key-marker=a&version-id-marker=${second}`)
  expect(elementsOf(next)).toEqual(['Version', 'CommonPrefixes'])
  const page = await next.xml('ListVersionsResult')
  expect(page).toMatchObject({ KeyMarker: 'a', VersionIdMarker: second, NextKeyMarker: 'f/' })
  expect(page).not.toHaveProperty('NextVersionIdMarker')
  for (const marker of ['f/', 'f/1']) {
    const { Version } = await (await list(`&delimiter=/&key-marker=${marker}`)).xml('ListVersionsResult')
    expect(Version).toMatchObject({ Key: 'g' })
  }
})

test('Keys are encoded as in the other lists', async () => {
  await put('space%20%2B/%23%C3%A9')
  await put('z')
  const page = await (await list('&encoding-type=url&max-keys=1')).xml('ListVersionsResult')
  expect(page).toMatchObject({
    EncodingType: 'url',
    NextKeyMarker: 'space+%2B/%23%C3%A9',
    Version: { Key: 'space+%2B/%23%C3%A9' },
  })
})

test('max-keys=0 is an empty page that is complete', async () => {
  await put('a')
  const page = await (await list('&max-keys=0')).xml('ListVersionsResult')
  expect(page).toMatchObject({ MaxKeys: '0', IsTruncated: 'false' })
  expect(page).not.toHaveProperty('Version')
})

test.each([
  ['&max-keys=-1', 'max-keys', 'max-keys cannot be negative'],
  ['&max-keys=x', 'max-keys', 'Provided max-keys not an integer or within integer range'],
  ['&version-id-marker=null', 'version-id-marker', 'A version-id marker cannot be specified without a key marker.'],
  ['&key-marker=a&version-id-marker=none', 'version-id-marker', 'Invalid version id specified'],
  [`&key-marker=a&version-id-marker=${'A'.repeat(32)}`, 'version-id-marker', 'Invalid version id specified'],
  ['&encoding-type=html', 'encoding-type', 'Invalid Encoding Method specified in Request'],
])('%s is InvalidArgument of %s: %s', async (query, ArgumentName, Message) => {
  const reply = await list(query)
  expect(reply.status).toBe(400)
  expect(await reply.xml('Error')).toMatchObject({ Code: 'InvalidArgument', ArgumentName, Message })
})
