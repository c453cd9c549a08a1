import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { PartType } from '../../store/keyspace.ts'
import { Pace } from '../../store/pace.ts'
import { indexedUploads, indexedVersions } from '../records/lifecycle-index.ts'
import { dueLifecycles } from '../records/lifecycle-schedule.ts'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

const day = 86_400_000
let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  // To 10:30 of a day.
  s3.ambient.turn(day - (s3.ambient.now() % day) + 10.5 * 3_600_000)
})
afterEach(() => s3.close())

const put = (...rules: string[]) => putIn('bucket', ...rules)

async function putIn(bucket: string, ...rules: string[]): Promise<void> {
  const body = `<LifecycleConfiguration>${rules.join('')}</LifecycleConfiguration>`
  const md5 = createHash('md5').update(body).digest('base64')
  const reply = await s3.call('PUT', `/${bucket}?lifecycle`, { body, headers: { 'content-md5': md5 } })
  expect([reply.status, reply.text]).toEqual([200, ''])
}

const rule = (inner: string, filter = '<Filter/>') => `<Rule>${filter}<Status>Enabled</Status>${inner}</Rule>`
const days = (count: number) => `<Expiration><Days>${count}</Days></Expiration>`
const prefix = (text: string) => `<Filter><Prefix>${text}</Prefix></Filter>`
const noncurrent = (count: number, more = '') =>
  `<NoncurrentVersionExpiration><NoncurrentDays>${count}</NoncurrentDays>${more}</NoncurrentVersionExpiration>`
const move = (count: number, to: string) =>
  `<Transition><Days>${count}</Days><StorageClass>${to}</StorageClass></Transition>`
const large = Buffer.alloc(131_072)

const version = (status: string) =>
  s3.call('PUT', '/bucket?versioning', {
    body: `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`,
  })
const write = (key: string, headers: Record<string, string> = {}, body: string | Buffer = 'x') =>
  s3.call('PUT', `/bucket/${key}`, { headers, body })

/** Days go by one after another, with all that is due done. */
async function pass(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed++) {
    s3.ambient.turn(day)
    await s3.settle()
  }
}

/** What a list of versions has: `key object` or `key marker`, the newest first, with the class. */
async function versions(bucket = 'bucket'): Promise<string[]> {
  const { text } = await s3.call('GET', `/${bucket}?versions`)
  return [...text.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)].map(([, kind, inner = '']) => {
    const of = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(inner)?.[1]
    const isLatest = of('IsLatest') === 'true' ? ' latest' : ''
    return `${of('Key')} ${kind === 'Version' ? of('StorageClass') : 'marker'}${isLatest}`
  })
}

test('An object goes at the midnight after its days, and not a minute before', async () => {
  await write('old')
  await write('kept/old')
  await put(rule(days(3), prefix('old')))
  await pass(3)
  s3.ambient.turn(13.5 * 3_600_000 - 1)
  await s3.settle()
  expect(await versions()).toEqual(['kept/old STANDARD latest', 'old STANDARD latest'])
  s3.ambient.turn(1)
  await s3.settle()
  expect(await versions()).toEqual(['kept/old STANDARD latest'])
})

test.each([
  [
    'tags',
    '<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>',
    ['other STANDARD latest', 'small STANDARD latest'],
  ],
  ['a size', '<Filter><ObjectSizeLessThan>2</ObjectSizeLessThan></Filter>', ['tagged STANDARD latest']],
  [
    'another size',
    '<Filter><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></Filter>',
    ['other STANDARD latest', 'small STANDARD latest'],
  ],
])('A rule with %s expires what has them alone', async (_, filter, left) => {
  await write('tagged', { 'x-amz-tagging': 'k=v&more=1' }, 'xx')
  await write('other', { 'x-amz-tagging': 'k=V' })
  await write('small')
  await put(rule(days(1), filter))
  await pass(2)
  expect(await versions()).toEqual(left)
})

test('A disabled rule, a deleted configuration and a bucket without one do nothing', async () => {
  await write('key')
  await put(rule(days(1)).replace('Enabled', 'Disabled'))
  await pass(3)
  await put(rule(days(9)))
  await s3.call('DELETE', '/bucket?lifecycle')
  await pass(20)
  expect(await versions()).toEqual(['key STANDARD latest'])
})

test('A Date is for later objects too', async () => {
  const date = new Date(s3.ambient.now() - (s3.ambient.now() % day)).toISOString()
  await put(rule(`<Expiration><Date>${date}</Date></Expiration>`))
  await pass(1)
  await write('later')
  await pass(1)
  expect(await versions()).toEqual([])
})

test('Where versions are kept a marker is put over the object; noncurrent versions go once nobody needs them, then the marker', async () => {
  await version('Enabled')
  await write('key')
  await pass(1)
  await write('key')
  await put(
    rule(days(2)),
    rule(noncurrent(1, '<NewerNoncurrentVersions>1</NewerNoncurrentVersions>')),
    rule('<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>'),
  )
  await pass(2)
  expect(await versions()).toEqual(['key STANDARD latest', 'key STANDARD'])
  await pass(1)
  expect(await versions()).toEqual(['key marker latest', 'key STANDARD'])
  await pass(5)
  expect(await versions()).toEqual(['key marker latest', 'key STANDARD'])
  await put(rule(noncurrent(1)), rule(days(1)))
  await s3.settle()
  expect(await versions()).toEqual([])
})

test('Where versioning is suspended the marker takes the place of the null version', async () => {
  await write('null')
  await version('Enabled')
  await write('id')
  await version('Suspended')
  await put(rule(days(1)))
  await pass(2)
  expect(await versions()).toEqual(['id marker latest', 'id STANDARD', 'null marker latest'])
})

test('Many noncurrent versions of one key go, newer ones stay', async () => {
  await version('Enabled')
  for (let count = 0; count < 230; count++) await write('key')
  await put(rule(noncurrent(1, '<NewerNoncurrentVersions>3</NewerNoncurrentVersions>')))
  await pass(2)
  expect(await versions()).toHaveLength(4)
})

test('A locked version stays until nothing locks it any more; markers come and go over it', async () => {
  await s3.call('PUT', '/locked', { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } })
  const until = new Date(s3.ambient.now() + 5 * day).toISOString()
  const lock = { 'x-amz-object-lock-mode': 'GOVERNANCE', 'x-amz-object-lock-retain-until-date': until }
  const held = { 'x-amz-object-lock-legal-hold': 'ON' }
  for (const [key, headers] of [
    ['kept', lock],
    ['held', held],
    ['free', {}],
  ] as const) {
    const md5 = createHash('md5').update('x').digest('base64')
    const reply = await s3.call('PUT', `/locked/${key}`, { headers: { ...headers, 'content-md5': md5 }, body: 'x' })
    expect(reply.status).toBe(200)
  }
  await putIn('locked', rule(days(1) + noncurrent(1)))
  await pass(4)
  expect(await versions('locked')).toEqual([
    'held marker latest',
    'held STANDARD',
    'kept marker latest',
    'kept STANDARD',
  ])
  await pass(3)
  expect(await versions('locked')).toEqual(['held marker latest', 'held STANDARD'])
})

test('Classes follow their days, small objects stay, and a clock that leaps ends where days would have', async () => {
  await write('large', {}, large)
  await write('small')
  await put(rule(move(30, 'STANDARD_IA') + move(60, 'GLACIER_IR') + move(150, 'DEEP_ARCHIVE')))
  const { headers } = await s3.call('HEAD', '/bucket/large')
  await pass(31)
  expect(await versions()).toEqual(['large STANDARD_IA latest', 'small STANDARD latest'])
  const moved = await s3.call('HEAD', '/bucket/large')
  expect(moved.headers.get('x-amz-storage-class')).toBe('STANDARD_IA')
  for (const name of ['etag', 'last-modified']) expect(moved.headers.get(name)).toBe(headers.get(name))
  s3.ambient.turn(200 * day)
  await s3.settle()
  expect(await versions()).toEqual(['large DEEP_ARCHIVE latest', 'small STANDARD latest'])
})

test('What a class cannot become is skipped; a size in the rule moves small objects too', async () => {
  await write('cold', { 'x-amz-storage-class': 'GLACIER' })
  await write('small', {}, 'xx')
  const sized = '<Filter><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></Filter>'
  await put(rule(move(0, 'GLACIER_IR'), sized), rule(move(0, 'INTELLIGENT_TIERING'), sized))
  await pass(1)
  expect(await versions()).toEqual(['cold GLACIER latest', 'small INTELLIGENT_TIERING latest'])
})

test('A marker waits a day where a transition is due at the same time', async () => {
  await version('Enabled')
  await write('key', {}, large)
  await put(rule(move(1, 'GLACIER')), rule(days(1)))
  await pass(2)
  expect(await versions()).toEqual(['key GLACIER latest'])
  await pass(1)
  expect(await versions()).toEqual(['key marker latest', 'key GLACIER'])
})

test('Uploads are given up, and say when', async () => {
  await put(
    rule(
      '<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation></AbortIncompleteMultipartUpload>',
      prefix('parts/'),
    ).replace('<Filter>', '<ID>Säge "1" 100%</ID><Filter>'),
  )
  const create = async (key: string) => {
    const reply = await s3.call('POST', `/bucket/${key}?uploads`)
    return { headers: reply.headers, id: /<UploadId>(.*?)</.exec(reply.text)?.[1] }
  }
  const { headers, id } = await create('parts/1')
  const other = await create('other')
  const midnight = s3.ambient.now() - (s3.ambient.now() % day) + 3 * day
  expect(headers.get('x-amz-abort-date')).toBe(new Date(midnight).toUTCString())
  expect(headers.get('x-amz-abort-rule-id')).toBe('S%c3%a4ge %221%22 100%25')
  expect(other.headers.get('x-amz-abort-date')).toBeNull()
  const parts = () => s3.call('GET', `/bucket/parts/1?uploadId=${id}`)
  expect((await parts()).headers.get('x-amz-abort-date')).toBe(new Date(midnight).toUTCString())
  await pass(2)
  expect((await parts()).status).toBe(200)
  await pass(1)
  expect((await parts()).code).toBe('NoSuchUpload')
  expect((await s3.call('GET', `/bucket/other?uploadId=${other.id}`)).status).toBe(200)
})

test('x-amz-expiration is told of the current version without an id, by the earliest rule', async () => {
  await version('Enabled')
  await put(rule(`${days(9)}`), rule(days(2), prefix('k')).replace('<Filter>', '<ID>a b,c</ID><Filter>'))
  const midnight = s3.ambient.now() - (s3.ambient.now() % day) + 3 * day
  const expiration = `expiry-date="${new Date(midnight).toUTCString()}", rule-id="a b,c"`
  const written = await write('key')
  const header = 'x-amz-expiration'
  expect(written.headers.get(header)).toBe(expiration)
  for (const method of ['GET', 'HEAD']) {
    expect((await s3.call(method, '/bucket/key')).headers.get(header)).toBe(expiration)
    const id = written.headers.get('x-amz-version-id')
    expect((await s3.call(method, `/bucket/key?versionId=${id}`)).headers.get(header)).toBeNull()
  }
  const copied = await s3.call('PUT', '/bucket/kopie', { headers: { 'x-amz-copy-source': '/bucket/key' } })
  expect(copied.headers.get(header)).toBe(expiration)
  await s3.call('DELETE', '/bucket?lifecycle')
  expect((await s3.call('HEAD', '/bucket/key')).headers.get(header)).toBeNull()
})

test('A walk that is broken off is begun anew', async () => {
  await write('key')
  await put(rule(days(1)))
  await pass(1)
  s3.ambient.turn(day)
  const pace = new Pace(() => s3.ambient.now())
  pace.end()
  await s3.settle(pace)
  expect(await versions()).toEqual(['key STANDARD latest'])
  await s3.settle()
  expect(await versions()).toEqual([])
})

test('Rules too long to be kept in memory are gone by once a day too', async () => {
  await write('key')
  const long = Array.from({ length: 100 }, (_, index) => rule(days(1), prefix(`${'p'.repeat(100)}${index}`)))
  await put(...long, rule(days(9), prefix('key')))
  await s3.settle()
  expect(await dueLifecycles(s3.database, s3.ambient.now())).toEqual([])
  await pass(1)
  expect(await dueLifecycles(s3.database, s3.ambient.now())).toEqual([])
})

test('Rules that are put while others are gone by are gone by next', async () => {
  for (let count = 0; count < 40; count++) await write(`key/${count}`)
  await pass(3)
  await put(rule(days(9)))
  const running = s3.settle()
  await put(rule(days(1)))
  await running
  await s3.settle()
  expect(await versions()).toEqual([])
})

test('What rules that came meanwhile do not want stays', async () => {
  for (let count = 0; count < 40; count++) await write(`key/${count}`)
  await put(rule(days(1)))
  await s3.settle()
  s3.ambient.turn(3 * day)
  const running = s3.settle()
  await put(rule(days(9)))
  const left = await versions()
  await running
  await s3.settle()
  expect(await versions()).toEqual(left)
})

test('What comes to fit a rule goes at the next midnight, however old it is', async () => {
  await write('tagged')
  await write('other')
  await put(rule(days(1), '<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>'))
  await pass(5)
  const body = '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>'
  expect(await s3.call('PUT', '/bucket/tagged?tagging', { body })).toMatchObject({ status: 200 })
  await pass(1)
  expect(await versions()).toEqual(['other STANDARD latest'])
})

test('An old version that becomes current again is old enough at the next midnight', async () => {
  await version('Enabled')
  await write('key')
  await pass(2)
  const newer = await write('key')
  await put(rule(days(5)))
  await pass(5)
  expect(await versions()).toEqual(['key STANDARD latest', 'key STANDARD'])
  await s3.call('DELETE', `/bucket/key?versionId=${newer.headers.get('x-amz-version-id')}`)
  await pass(1)
  expect(await versions()).toEqual(['key marker latest', 'key STANDARD'])
})

test('A marker goes that is left alone, and one that was put over nothing', async () => {
  await version('Enabled')
  const { headers } = await write('left')
  await s3.call('DELETE', '/bucket/left')
  await put(rule('<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>'))
  await pass(3)
  expect(await versions()).toEqual(['left marker latest', 'left STANDARD'])
  await s3.call('DELETE', `/bucket/left?versionId=${headers.get('x-amz-version-id')}`)
  await s3.call('DELETE', '/bucket/nothing')
  expect(await versions()).toEqual(['left marker latest', 'nothing marker latest'])
  await pass(1)
  expect(await versions()).toEqual([])
})

test('Versions that are too many go at the midnight behind the write that made them so', async () => {
  await version('Enabled')
  await write('key')
  await write('key')
  await put(rule(noncurrent(1, '<NewerNoncurrentVersions>1</NewerNoncurrentVersions>')))
  await pass(4)
  expect(await versions()).toHaveLength(2)
  await write('key')
  await pass(1)
  expect(await versions()).toHaveLength(2)
})

test('A bucket that has no lifecycle any more has no index either', async () => {
  await write('key')
  await s3.call('POST', '/bucket/key?uploads')
  await put(rule(days(9)))
  await s3.settle()
  const entries = async () => {
    let count = 0
    for (const kind of [indexedVersions, indexedUploads] as const) {
      for await (const _ of s3.database.entries<true, readonly PartType[]>(kind)) count++
    }
    return count
  }
  expect(await entries()).toBe(2)
  await s3.call('DELETE', '/bucket?lifecycle')
  await write('other')
  await pass(1)
  expect(await entries()).toBe(0)
})
