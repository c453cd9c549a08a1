import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { canonicalUserId, displayName } from '../../../aws/caller.ts'
import { listOf, type XmlElement } from '../../../protocol/rest-xml.ts'
import { accountId, openS3, type S3Fixture } from '../../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  for (const key of ['a%20b', 'photos/1', 'photos/2', 'photos/2006/x', 'z']) {
    await s3.call('PUT', `/bucket/${key}`, { body: 'hello' })
  }
})
afterEach(() => s3.close())

async function list(query: string, root = 'ListBucketResult'): Promise<XmlElement> {
  return (await s3.call('GET', `/bucket?${query}`)).xml(root)
}

function names(content: XmlElement[string], element: string): unknown[] {
  return listOf(content).map((item) => Object(item)[element])
}

test('ListObjects shows every key with its owner', async () => {
  const { Contents, ...rest } = await list('')
  expect(rest).toEqual({ Name: 'bucket', Prefix: '', Marker: '', MaxKeys: '1000', IsTruncated: 'false' })
  expect(names(Contents, 'Key')).toEqual(['a b', 'photos/1', 'photos/2', 'photos/2006/x', 'z'])
  expect(listOf(Contents)[0]).toEqual({
    Key: 'a b',
    LastModified: expect.stringMatching(/\.000Z$/),
    ETag: '"5d41402abc4b2a76b9719d911017c592"',
    ChecksumAlgorithm: 'CRC64NVME',
    ChecksumType: 'FULL_OBJECT',
    Size: '5',
    Owner: { ID: canonicalUserId(accountId), DisplayName: displayName(canonicalUserId(accountId)) },
    StorageClass: 'STANDARD',
  })
})

test('ListObjects rolls keys up, and NextMarker leads on', async () => {
  const first = await list('delimiter=/&max-keys=2')
  expect(first).toMatchObject({ NextMarker: 'photos/', IsTruncated: 'true', MaxKeys: '2', Delimiter: '/' })
  expect([names(first.Contents, 'Key'), names(first.CommonPrefixes, 'Prefix')]).toEqual([['a b'], ['photos/']])
  const second = await list('delimiter=/&marker=photos/')
  expect([names(second.Contents, 'Key'), second.CommonPrefixes, second.NextMarker]).toEqual([
    ['z'],
    undefined,
    undefined,
  ])
})

test('ListObjectsV2 counts what it returns and leads on by token', async () => {
  const first = await list('list-type=2&delimiter=/&max-keys=2')
  expect(first).toMatchObject({ KeyCount: '2', IsTruncated: 'true' })
  expect(Object(listOf(first.Contents)[0])).not.toHaveProperty('Owner')
  const token = encodeURIComponent(String(first.NextContinuationToken))
  const second = await list(`list-type=2&delimiter=/&fetch-owner=true&continuation-token=${token}`)
  expect(second).toMatchObject({ KeyCount: '1', IsTruncated: 'false', ContinuationToken: first.NextContinuationToken })
  expect(listOf(second.Contents)[0]).toMatchObject({ Key: 'z', Owner: { ID: canonicalUserId(accountId) } })
})

test('start-after inside a common prefix still shows the prefix', async () => {
  const page = await list('list-type=2&delimiter=/&start-after=photos/1')
  expect([page.StartAfter, names(page.CommonPrefixes, 'Prefix')]).toEqual(['photos/1', ['photos/']])
})

test('Beside a continuation token start-after is neither read nor shown', async () => {
  const first = await list('list-type=2&max-keys=1&start-after=photos/1')
  expect([first.StartAfter, names(first.Contents, 'Key')]).toEqual(['photos/1', ['photos/2']])
  const token = encodeURIComponent(String(first.NextContinuationToken))
  const second = await list(`list-type=2&max-keys=1&start-after=photos/1&continuation-token=${token}`)
  expect([second.StartAfter, names(second.Contents, 'Key')]).toEqual([undefined, ['photos/2006/x']])
})

test('encoding-type=url encodes as Java does', async () => {
  await s3.call('PUT', '/bucket/%C3%A9%2B(x)~*', { body: 'x' })
  const page = await list('encoding-type=url&delimiter=%7C&prefix=')
  expect(page).toMatchObject({ EncodingType: 'url', Delimiter: '%7C' })
  expect(names(page.Contents, 'Key')).toEqual([
    'a+b',
    'photos/1',
    'photos/2',
    'photos/2006/x',
    'z',
    '%C3%A9%2B%28x%29%7E*',
  ])
})

test('Keys beyond U+FFFF come last: the order is that of UTF-8, in every listing and from every marker', async () => {
  const keys = ['\u{E000}', '\u{FF5E}', '\u{10000}', '\u{1F511}']
  // Written in JavaScript's own order, in which a surrogate pair comes before U+E000.
  for (const key of [...keys].sort()) {
    await s3.call('PUT', `/bucket/wide/${encodeURIComponent(key)}`, { body: 'x' })
    await s3.call('POST', `/bucket/wide/${encodeURIComponent(key)}?uploads`)
  }
  const wide = keys.map((key) => `wide/${key}`)
  const page = async (query: string, root: string, element: string, name = 'Key') => {
    const listed = await list(`${query}&prefix=wide/`, root)
    return { names: names(listed[element], name), listed }
  }
  for (const [index, key] of wide.entries()) {
    const behind = wide.slice(index + 1)
    const marker = encodeURIComponent(key)
    expect((await page(`marker=${marker}`, 'ListBucketResult', 'Contents')).names).toEqual(behind)
    expect((await page(`list-type=2&start-after=${marker}`, 'ListBucketResult', 'Contents')).names).toEqual(behind)
    expect((await page(`versions&key-marker=${marker}`, 'ListVersionsResult', 'Version')).names).toEqual(behind)
    expect((await page(`uploads&key-marker=${marker}`, 'ListMultipartUploadsResult', 'Upload')).names).toEqual(behind)
  }
  const rolled = `delimiter=${encodeURIComponent('\u{FF5E}')}`
  const { listed } = await page(rolled, 'ListBucketResult', 'Contents')
  expect(names(listed.CommonPrefixes, 'Prefix')).toEqual(['wide/\u{FF5E}'])
  const found: unknown[] = []
  for (let token: string | undefined = ''; token !== undefined; ) {
    const { names: shown, listed } = await page(`list-type=2&max-keys=1${token}`, 'ListBucketResult', 'Contents')
    found.push(...shown)
    const next = listed.NextContinuationToken
    token = next === undefined ? undefined : `&continuation-token=${encodeURIComponent(String(next))}`
  }
  expect(found).toEqual(wide)
})

test('max-keys=0 is an empty, complete page', async () => {
  expect(await list('list-type=2&max-keys=0')).toMatchObject({ KeyCount: '0', MaxKeys: '0', IsTruncated: 'false' })
})

test('ListObjectVersions shows null versions', async () => {
  const first = await list('versions&max-keys=2', 'ListVersionsResult')
  expect(first).toMatchObject({ NextKeyMarker: 'photos/1', NextVersionIdMarker: 'null', IsTruncated: 'true' })
  expect(listOf(first.Version)[0]).toMatchObject({ Key: 'a b', VersionId: 'null', IsLatest: 'true', Size: '5' })
  const second = await list('versions&key-marker=photos/1&version-id-marker=null', 'ListVersionsResult')
  expect(names(second.Version, 'Key')).toEqual(['photos/2', 'photos/2006/x', 'z'])
})

test.each([
  ['max-keys=x', 'max-keys', 'Provided max-keys not an integer or within integer range'],
  ['max-keys=2147483648', 'max-keys', 'Provided max-keys not an integer or within integer range'],
  ['max-keys=-1', 'maxKeys', 'Argument maxKeys must be an integer between 0 and 2147483647'],
  ['encoding-type=base64', 'encoding-type', 'Invalid Encoding Method specified in Request'],
  ['list-type=2&continuation-token=abc', 'continuation-token', 'The continuation token provided is incorrect'],
  ['list-type=2&continuation-token=', 'continuation-token', 'The continuation token provided is incorrect'],
  [
    'versions&version-id-marker=null',
    'version-id-marker',
    'A version-id marker cannot be specified without a key marker.',
  ],
  ['versions&key-marker=a&version-id-marker=x', 'version-id-marker', 'Invalid version id specified'],
])('A list with %s is refused', async (query, ArgumentName, Message) => {
  const reply = await s3.call('GET', `/bucket?${query}`)
  expect(reply.status).toBe(400)
  expect(await reply.xml('Error')).toMatchObject({ Code: 'InvalidArgument', ArgumentName, Message })
})
