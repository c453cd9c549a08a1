import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openS3, type S3Fixture } from '../../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  for (const storageClass of ['GLACIER', 'DEEP_ARCHIVE', 'STANDARD_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR']) {
    await s3.call('PUT', `/bucket/${storageClass}`, { body: 'cold', headers: { 'x-amz-storage-class': storageClass } })
  }
  s3.ambient.turn(nineOClock - s3.ambient.now())
})
afterEach(() => s3.close())

const nineOClock = Date.parse('2026-09-21T09:00:00Z')
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const request = (days: number | string, tier?: string) =>
  `<RestoreRequest><Days>${days}</Days>${tier ? `<GlacierJobParameters><Tier>${tier}</Tier></GlacierJobParameters>` : ''}</RestoreRequest>`

async function restore(body: string, key = 'GLACIER') {
  const { status, code } = await s3.call('POST', `/bucket/${key}?restore`, { body })
  return [status, code]
}

const read = async (key = 'GLACIER') => {
  const { status, headers } = await s3.call('GET', `/bucket/${key}`)
  return [status, headers.get('x-amz-restore')]
}
const header = async (key = 'GLACIER') => (await s3.call('HEAD', `/bucket/${key}`)).headers.get('x-amz-restore')
const until = (date: string) => `ongoing-request="false", expiry-date="${date} 00:00:00 GMT"`

test('A copy is asked for, comes, can be read, and goes', async () => {
  expect(await header()).toBeNull()
  expect(await restore(request(1, 'Expedited'))).toEqual([202, undefined])
  expect(await header()).toBe('ongoing-request="true"')
  expect((await read())[0]).toBe(403)
  s3.ambient.turn(5 * minute)
  expect(await read()).toEqual([200, until('Wed, 23 Sep 2026')])
  expect((await s3.call('HEAD', '/bucket/GLACIER')).headers.get('x-amz-storage-class')).toBe('GLACIER')
  s3.ambient.turn(Date.parse('2026-09-23T00:00:00Z') - s3.ambient.now() - 1)
  expect((await read())[0]).toBe(200)
  s3.ambient.turn(1)
  expect((await read())[0]).toBe(403)
  expect(await header()).toBeNull()
  expect(await restore(request(1))).toEqual([202, undefined])
})

test.each([
  ['GLACIER', 'Expedited', 5 * minute],
  ['GLACIER', 'Standard', 5 * hour],
  ['GLACIER', undefined, 5 * hour],
  ['GLACIER', 'Bulk', 12 * hour],
  ['DEEP_ARCHIVE', 'Standard', 12 * hour],
  ['DEEP_ARCHIVE', 'Bulk', 48 * hour],
])('Of %s by the tier %s it is there after %d ms', async (key, tier, time) => {
  await restore(request(1, tier), key)
  s3.ambient.turn(time - 1)
  expect((await read(key))[0]).toBe(403)
  s3.ambient.turn(1)
  expect((await read(key))[0]).toBe(200)
})

test('What is restored may be copied, and a copy of another class is out of the archive', async () => {
  await restore(request(2, 'Expedited'))
  s3.ambient.turn(5 * minute)
  const headers = { 'x-amz-copy-source': '/bucket/GLACIER', 'x-amz-storage-class': 'STANDARD' }
  expect((await s3.call('PUT', '/bucket/GLACIER', { headers })).status).toBe(200)
  expect(await read()).toEqual([200, null])
})

test('Of days without number a copy stays until the last day that a date can name', async () => {
  expect(await restore(request(2 ** 31 - 1, 'Expedited'))).toEqual([202, undefined])
  s3.ambient.turn(5 * minute)
  expect(await header()).toBe(until('Fri, 31 Dec 9999'))
  const list = await s3.call('GET', '/bucket?list-type=2', {
    headers: { 'x-amz-optional-object-attributes': 'RestoreStatus' },
  })
  expect(list.text).toContain('<RestoreExpiryDate>9999-12-31T00:00:00.000Z<')
})

test('A copy that is there gets other days, more or fewer, at once', async () => {
  await restore(request(5, 'Expedited'))
  s3.ambient.turn(5 * minute)
  expect(await restore(request(1))).toEqual([200, undefined])
  expect(await header()).toBe(until('Wed, 23 Sep 2026'))
  s3.ambient.turn(day)
  expect(await restore(request(7))).toEqual([200, undefined])
  expect(await read()).toEqual([200, until('Wed, 30 Sep 2026')])
})

test('While it is on its way only a faster tier for the same days is let in', async () => {
  await restore(request(3, 'Bulk'))
  const again = [409, 'RestoreAlreadyInProgress']
  expect(await restore(request(3, 'Bulk'))).toEqual(again)
  expect(await restore(request(4, 'Standard'))).toEqual(again)
  expect(await restore(request(3, 'Standard'))).toEqual([202, undefined])
  expect(await restore(request(3, 'Bulk'))).toEqual(again)
  s3.ambient.turn(5 * hour)
  expect((await read())[0]).toBe(200)
})

test.each([
  ['', 'GLACIER', 400, 'MalformedXML', 'not well-formed'],
  ['<RestoreRequest/>', 'GLACIER', 400, 'MalformedXML', 'not well-formed'],
  [request('99999999999'), 'GLACIER', 400, 'MalformedXML', 'not well-formed'],
  [request(1, 'Slow'), 'GLACIER', 400, 'MalformedXML', 'not well-formed'],
  ['<RestoreRequest><Days>1</Days><Tier>Bulk</Tier></RestoreRequest>', 'GLACIER', 400, 'MalformedXML', 'not well'],
  [request(0), 'GLACIER', 400, 'InvalidArgument', 'restoration days should be at least 1'],
  [request(1, 'Expedited'), 'DEEP_ARCHIVE', 403, 'InvalidTier', 'Retrieval option is not supported'],
  [request(1), 'STANDARD_IA', 403, 'InvalidObjectState', 'Restore is not allowed for the object'],
  [request(1), 'GLACIER_IR', 403, 'InvalidObjectState', 'Restore is not allowed for the object'],
  [request(1), 'INTELLIGENT_TIERING', 400, 'InvalidRequest', 'Days cannot be specified for objects in the INT'],
  ['<RestoreRequest/>', 'INTELLIGENT_TIERING', 403, 'InvalidObjectState', 'Restore is not allowed'],
  ['<RestoreRequest><Type>SELECT</Type></RestoreRequest>', 'GLACIER', 405, 'MethodNotAllowed', 'not allowed'],
  ['<RestoreRequest><Type>SELECT</Type></RestoreRequest>', 'STANDARD_IA', 403, 'InvalidObjectState', 'not allowed'],
  [request(1), 'none', 404, 'NoSuchKey', 'does not exist'],
])('RestoreObject with %s of %s is %d %s', async (body, key, status, code, words) => {
  const reply = await s3.call('POST', `/bucket/${key}?restore`, { body })
  expect([reply.status, reply.code]).toEqual([status, code])
  expect(reply.text).toContain(words)
})

test('Lists tell of copies when they are asked', async () => {
  await restore(request(1, 'Expedited'))
  await restore(request(1), 'DEEP_ARCHIVE')
  s3.ambient.turn(5 * minute)
  const headers = { 'x-amz-optional-object-attributes': 'RestoreStatus' }
  for (const target of ['/bucket', '/bucket?list-type=2', '/bucket?versions']) {
    const { text } = await s3.call('GET', target, { headers })
    const expiry = '<RestoreExpiryDate>2026-09-23T00:00:00.000Z</RestoreExpiryDate>'
    expect(text.match(/<RestoreStatus>.*?<\/RestoreStatus>/g)).toEqual([
      '<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>',
      `<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress>${expiry}</RestoreStatus>`,
    ])
    expect((await s3.call('GET', target)).text).not.toContain('RestoreStatus')
    const wrong = await s3.call('GET', target, { headers: { 'x-amz-optional-object-attributes': 'Tags' } })
    expect([wrong.status, wrong.code]).toEqual([400, 'InvalidArgument'])
  }
})

test('A version is restored by its id; a delete marker is not', async () => {
  const enabled = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  await s3.call('PUT', '/bucket?versioning', { body: enabled })
  const { headers } = await s3.call('DELETE', '/bucket/GLACIER')
  const marker = headers.get('x-amz-version-id')
  expect(await restore(request(1))).toEqual([404, 'NoSuchKey'])
  const ofMarker = await s3.call('POST', `/bucket/GLACIER?restore&versionId=${marker}`, { body: request(1) })
  expect([ofMarker.status, ofMarker.code]).toEqual([405, 'MethodNotAllowed'])
  const reply = await s3.call('POST', '/bucket/GLACIER?restore&versionId=null', { body: request(1, 'Expedited') })
  expect([reply.status, reply.headers.get('x-amz-version-id')]).toEqual([202, 'null'])
  s3.ambient.turn(5 * minute)
  expect((await s3.call('GET', '/bucket/GLACIER?versionId=null')).text).toBe('cold')
})
