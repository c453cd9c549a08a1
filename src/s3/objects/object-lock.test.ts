import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { openS3, type Reply, type S3Fixture } from '../s3.fixture.ts'
import { bypassesGovernance, checkDeletable, checkRetentionChange } from './object-lock.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/plain')
  await s3.call('PUT', '/plain/key', { body: 'before' })
  await s3.call('PUT', '/locked', { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } })
})
afterEach(() => s3.close())

type Headers = Record<string, string>
const mode = 'x-amz-object-lock-mode'
const until = 'x-amz-object-lock-retain-until-date'
const hold = 'x-amz-object-lock-legal-hold'
const bypass = { 'x-amz-bypass-governance-retention': 'true' }
const far = '2090-01-01T00:00:00.000Z'
const outcome = ({ status, code }: Reply) => [status, code]
const md5 = (text: string) => ({ 'content-md5': createHash('md5').update(text).digest('base64') })
const protectedWords = 'Access Denied because object protected by object lock.'

async function put(headers: Headers = {}): Promise<string> {
  const reply = await s3.call('PUT', '/locked/key', { body: 'x', headers: { ...headers, ...md5('x') } })
  expect(reply.status).toBe(200)
  return reply.headers.get('x-amz-version-id') ?? ''
}

const send = (query: string, body: string, headers: Headers = {}) =>
  s3.call('PUT', `/locked/key?${query}`, { body, headers })
const retention = (name: string, date: string) =>
  `<Retention><Mode>${name}</Mode><RetainUntilDate>${date}</RetainUntilDate></Retention>`
const configuration = (rule: string) =>
  `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}</ObjectLockConfiguration>`
const rule = (content: string) => `<Rule><DefaultRetention>${content}</DefaultRetention></Rule>`
const configure = (bucket: string, body: string) =>
  s3.call('PUT', `/${bucket}?object-lock`, { body, headers: md5(body) })
const remove = (versionId: string, headers: Headers = {}) =>
  s3.call('DELETE', `/locked/key?versionId=${versionId}`, { headers })

test.each<[Headers, string, string]>([
  [
    { [mode]: 'GOVERNANCE' },
    'InvalidArgument',
    'must both be supplied</Message><ArgumentName>x-amz-object-lock-retain',
  ],
  [{ [until]: far }, 'InvalidArgument', 'must both be supplied</Message><ArgumentName>x-amz-object-lock-mode'],
  [{ [mode]: 'governance', [until]: far }, 'InvalidArgument', 'Unknown wormMode directive.'],
  [{ [mode]: 'GOVERNANCE', [until]: 'tomorrow' }, 'InvalidArgument', 'must be provided in ISO 8601 format'],
  [{ [mode]: 'GOVERNANCE', [until]: '2990-02-31T00:00:00Z' }, 'InvalidArgument', 'must be provided in ISO 8601 format'],
  [{ [mode]: 'GOVERNANCE', [until]: '2001-01-01T00:00:00Z' }, 'InvalidArgument', 'must be in the future!'],
  [{ [hold]: 'off' }, 'InvalidArgument', 'Legal Hold must be either of'],
  [{ [hold]: 'OFF' }, 'InvalidRequest', 'Bucket is missing ObjectLockConfiguration'],
  [{ [mode]: 'COMPLIANCE', [until]: far }, 'InvalidRequest', 'Bucket is missing ObjectLockConfiguration'],
])('A write into a bucket without a lock with %j gets S3’s own answer', async (headers, code, words) => {
  const copy = { 'x-amz-copy-source': '/plain/key' }
  for (const reply of [
    await s3.call('PUT', '/plain/key', { headers }),
    await s3.call('POST', '/plain/key?uploads', { headers }),
    await s3.call('PUT', '/plain/copy', { headers: { ...headers, ...copy } }),
  ]) {
    expect(outcome(reply)).toEqual([400, code])
    expect(reply.text).toContain(words)
  }
  expect((await s3.call('GET', '/plain/key')).text).toBe('before')
})

test.each(['true', 'false'])(
  'x-amz-bypass-governance-retention: %s on a deletion in a bucket without a lock is refused',
  async (value) => {
    const headers = { 'x-amz-bypass-governance-retention': value }
    const body = '<Delete><Object><Key>key</Key></Object></Delete>'
    for (const reply of [
      await s3.call('DELETE', '/plain/key', { headers }),
      await s3.call('POST', '/plain?delete', { body, headers: { ...headers, ...md5(body) } }),
    ]) {
      expect(reply.status).toBe(400)
      expect(await reply.xml('Error')).toMatchObject({
        Code: 'InvalidArgument',
        Message: 'x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.',
      })
    }
  },
)

test.each([
  ['', 'MalformedXML', 400],
  ['<ObjectLockConfiguration/>', 'MalformedXML', 400],
  [
    '<ObjectLockConfiguration><ObjectLockEnabled>Disabled</ObjectLockEnabled></ObjectLockConfiguration>',
    'MalformedXML',
    400,
  ],
  [configuration('<Rule/>'), 'MalformedXML', 400],
  [configuration(rule('')), 'MalformedXML', 400],
  [configuration(rule('<Mode>GOVERNANCE</Mode>')), 'MalformedXML', 400],
  [configuration(rule('<Mode>governance</Mode><Days>1</Days>')), 'MalformedXML', 400],
  [configuration(rule('<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>')), 'MalformedXML', 400],
  [configuration(rule('<Mode>GOVERNANCE</Mode><Days>0</Days>')), 'InvalidArgument', 400],
  [configuration(rule('<Mode>GOVERNANCE</Mode><Years>-1</Years>')), 'InvalidArgument', 400],
  [configuration(rule('<Mode>GOVERNANCE</Mode><Days>36501</Days>')), 'InvalidArgument', 400],
  [configuration(rule('<Mode>GOVERNANCE</Mode><Years>101</Years>')), 'InvalidArgument', 400],
])('The configuration %j is refused with %s', async (body, code, status) => {
  expect(outcome(await configure('locked', body))).toEqual([status, body === '' ? 'MissingRequestBodyError' : code])
  expect((await s3.call('GET', '/locked?object-lock')).text).not.toContain('Rule')
})

test('A lock needs versions, and keeps them: Suspended is refused', async () => {
  const refused = await configure('plain', configuration(''))
  expect(outcome(refused)).toEqual([409, 'InvalidBucketState'])
  expect((await s3.call('GET', '/plain?object-lock')).code).toBe('ObjectLockConfigurationNotFoundError')
  const versioning = (status: string) => `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`
  expect((await s3.call('PUT', '/plain?versioning', { body: versioning('Enabled') })).status).toBe(200)
  expect((await configure('plain', configuration(''))).status).toBe(200)
  const suspended = await s3.call('PUT', '/plain?versioning', { body: versioning('Suspended') })
  expect(outcome(suspended)).toEqual([409, 'InvalidBucketState'])
  expect((await s3.call('PUT', '/plain?versioning', { body: versioning('Enabled') })).status).toBe(200)
})

test('A bucket that is made with a lock has versions, and says that MFA Delete is off', async () => {
  const versioning = await s3.call('GET', '/locked?versioning')
  expect(await versioning.xml('VersioningConfiguration')).toMatchObject({ Status: 'Enabled', MfaDelete: 'Disabled' })
  const lock = await s3.call('GET', '/locked?object-lock')
  expect(await lock.xml('ObjectLockConfiguration')).toMatchObject({ ObjectLockEnabled: 'Enabled' })
})

test('A default locks every new version from when it is written, an upload from its beginning; what is said counts first', async () => {
  await configure('locked', configuration(rule('<Mode>COMPLIANCE</Mode><Years>1</Years>')))
  s3.ambient.turn(Date.UTC(2027, 1, 28) - s3.ambient.now())
  await put()
  const head = await s3.call('HEAD', '/locked/key')
  expect([head.headers.get(mode), head.headers.get(until)]).toEqual(['COMPLIANCE', '2028-02-28T00:00:00.000Z'])
  await put({ [hold]: 'OFF' })
  const held = await s3.call('HEAD', '/locked/key')
  expect([held.headers.get(mode), held.headers.get(hold)]).toEqual([null, 'OFF'])
  const begun = await s3.call('POST', '/locked/up?uploads')
  const { UploadId } = await begun.xml('InitiateMultipartUploadResult')
  s3.ambient.turn(86_400_000)
  const target = `/locked/up?partNumber=1&uploadId=${UploadId}`
  expect(outcome(await s3.call('PUT', target, { body: 'p' }))).toEqual([400, 'InvalidRequest'])
  const part = await s3.call('PUT', target, { body: 'p', headers: md5('p') })
  const list = `<Part><PartNumber>1</PartNumber><ETag>${part.headers.get('etag')}</ETag></Part>`
  const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`
  expect((await s3.call('POST', `/locked/up?uploadId=${UploadId}`, { body })).status).toBe(200)
  expect((await s3.call('HEAD', '/locked/up')).headers.get(until)).toBe('2028-02-28T00:00:00.000Z')
})

test('A locked body without a digest is refused', async () => {
  const reply = await s3.call('PUT', '/locked/key', { body: 'x', headers: { [hold]: 'ON' } })
  expect(outcome(reply)).toEqual([400, 'InvalidRequest'])
  expect(reply.text).toContain('HTTP header is required for Put Object requests with Object Lock parameters')
})

test('A copy inherits no lock', async () => {
  await put({ [hold]: 'ON' })
  await s3.call('PUT', '/locked/copy', { headers: { 'x-amz-copy-source': '/locked/key' } })
  expect((await s3.call('HEAD', '/locked/copy')).headers.get(hold)).toBeNull()
})

test('A marker is put over a locked version, and removed; the version stays, by DeleteObjects too', async () => {
  const versionId = await put({ [mode]: 'GOVERNANCE', [until]: far })
  const marker = await s3.call('DELETE', '/locked/key')
  expect([marker.status, marker.headers.get('x-amz-delete-marker')]).toEqual([204, 'true'])
  expect((await remove(marker.headers.get('x-amz-version-id') ?? '')).status).toBe(204)
  const refused = await remove(versionId)
  expect(outcome(refused)).toEqual([403, 'AccessDenied'])
  expect(refused.text).toContain(protectedWords)
  const free = await put({ [hold]: 'OFF' })
  const item = (id: string) => `<Object><Key>key</Key><VersionId>${id}</VersionId></Object>`
  const body = `<Delete>${item(versionId)}${item(free)}</Delete>`
  const many = await s3.call('POST', '/locked?delete', { body, headers: md5(body) })
  expect(await many.xml('DeleteResult')).toMatchObject({
    Deleted: { Key: 'key', VersionId: free },
    Error: { Key: 'key', VersionId: versionId, Code: 'AccessDenied', Message: protectedWords },
  })
  expect((await remove(versionId, bypass)).status).toBe(204)
})

test('A hold keeps a version whatever the mode and the bypass; a retention that is over keeps nothing and stays to be read', async () => {
  const versionId = await put({ [mode]: 'GOVERNANCE', [until]: far })
  expect((await send(`legal-hold&versionId=${versionId}`, '<LegalHold><Status>ON</Status></LegalHold>')).status).toBe(
    200,
  )
  expect(outcome(await remove(versionId, bypass))).toEqual([403, 'AccessDenied'])
  s3.ambient.turn(Date.parse(far) - s3.ambient.now())
  expect(outcome(await remove(versionId, bypass))).toEqual([403, 'AccessDenied'])
  expect((await send('legal-hold', '<LegalHold><Status>OFF</Status></LegalHold>')).status).toBe(200)
  expect((await s3.call('GET', '/locked/key?legal-hold')).text).toContain('<Status>OFF</Status>')
  expect((await s3.call('GET', '/locked/key?retention')).text).toContain(`<RetainUntilDate>${far}</RetainUntilDate>`)
  expect((await remove(versionId)).status).toBe(204)
})

test.each([
  ['GOVERNANCE', retention('GOVERNANCE', '2091-01-01T00:00:00Z'), {}, 200],
  ['GOVERNANCE', retention('GOVERNANCE', '2089-01-01T00:00:00Z'), {}, 403],
  ['GOVERNANCE', retention('GOVERNANCE', '2089-01-01T00:00:00Z'), bypass, 200],
  ['GOVERNANCE', retention('COMPLIANCE', '2091-01-01T00:00:00Z'), {}, 403],
  ['GOVERNANCE', retention('COMPLIANCE', '2091-01-01T00:00:00Z'), bypass, 200],
  ['GOVERNANCE', '<Retention/>', {}, 403],
  ['GOVERNANCE', '<Retention/>', bypass, 200],
  ['COMPLIANCE', retention('COMPLIANCE', '2091-01-01T00:00:00Z'), {}, 200],
  ['COMPLIANCE', retention('COMPLIANCE', '2089-01-01T00:00:00Z'), bypass, 403],
  ['COMPLIANCE', retention('GOVERNANCE', '2091-01-01T00:00:00Z'), bypass, 403],
  ['COMPLIANCE', '<Retention/>', bypass, 403],
])('A %s retention that is to become %s with %j is answered %d', async (present, body, headers, status) => {
  await put({ [mode]: present, [until]: far })
  const reply = await send('retention', body, headers)
  expect(reply.status).toBe(status)
  if (status === 403) expect(reply.text).toContain(protectedWords)
  const expected = status === 403 ? retention(present, far) : body
  const read = await s3.call('GET', '/locked/key?retention')
  const date = /<RetainUntilDate>(.*?)<\/Ret/.exec(expected)?.[1]
  expect(date === undefined ? read.code : read.text).toContain(
    date === undefined ? 'NoSuchObjectLockConfiguration' : new Date(date).toISOString(),
  )
})

test.each([
  ['retention', '<Retention><Mode>GOVERNANCE</Mode></Retention>', 'MalformedXML', ''],
  ['retention', retention('governance', far), 'MalformedXML', ''],
  ['retention', retention('GOVERNANCE', '2020-01-01T00:00:00Z'), 'InvalidArgument', 'Tue Dec 31 16:00:00 PST 2019'],
  ['legal-hold', '<LegalHold/>', 'MalformedXML', ''],
  ['legal-hold', '<LegalHold><Status>on</Status></LegalHold>', 'MalformedXML', ''],
])('PUT ?%s with %s is refused with %s', async (query, body, code, words) => {
  await put()
  const reply = await send(query, body)
  expect(outcome(reply)).toEqual([400, code])
  expect(reply.text).toContain(words)
})

test.each([
  ['GET', '/plain/key?retention', 400, 'InvalidRequest'],
  ['GET', '/plain/key?legal-hold', 400, 'InvalidRequest'],
  ['GET', '/locked/key?retention', 404, 'NoSuchObjectLockConfiguration'],
  ['GET', '/locked/key?legal-hold', 404, 'NoSuchObjectLockConfiguration'],
  ['GET', '/locked/missing?retention', 404, 'NoSuchKey'],
  ['GET', '/locked/deleted?retention', 405, 'MethodNotAllowed'],
  ['GET', '/nowhere/key?retention', 404, 'NoSuchBucket'],
])('%s %s is answered %d %s', async (method, target, status, code) => {
  await put()
  await s3.call('DELETE', '/locked/deleted')
  expect(outcome(await s3.call(method, target))).toEqual([status, code])
})

test('A version that is gone has no lock', async () => {
  const versionId = await put()
  await remove(versionId)
  await put()
  const reply = await s3.call('GET', `/locked/key?legal-hold&versionId=${versionId}`)
  expect(outcome(reply)).toEqual([404, 'NoSuchVersion'])
})

test('Deleting is refused exactly while a hold or a retention protects, and a change never weakens what COMPLIANCE protects', () => {
  const retentions = fc.record({
    mode: fc.constantFrom('GOVERNANCE' as const, 'COMPLIANCE' as const),
    retainUntil: fc.integer({ min: 0, max: 20 }),
  })
  const locks = fc.record({
    retention: fc.option(retentions, { nil: undefined }),
    legalHold: fc.constantFrom(undefined, 'ON' as const, 'OFF' as const),
  })
  const passes = (act: () => void) => {
    try {
      act()
      return true
    } catch {
      return false
    }
  }
  fc.assert(
    fc.property(locks, fc.option(retentions, { nil: undefined }), fc.boolean(), (lock, asked, bypasses) => {
      const now = 10
      const { retention: present, legalHold } = lock
      const isRetained = present !== undefined && present.retainUntil > now
      const stands = isRetained && (present.mode === 'COMPLIANCE' || !bypasses)
      expect(passes(() => checkDeletable(lock, bypasses, now))).toBe(legalHold !== 'ON' && !stands)
      const isChanged = passes(() => checkRetentionChange(present, asked, bypasses, now))
      const isKept = asked?.mode === present?.mode && (asked?.retainUntil ?? 0) >= (present?.retainUntil ?? 0)
      expect(isChanged).toBe(!stands || isKept)
    }),
  )
})

test('Only a bucket with a lock has a bypass', () => {
  const locked = {
    name: 'a',
    region: 'r',
    ownerAccountId: '',
    creationDate: 0,
    objectOwnership: 'ObjectWriter',
  } as const
  expect(bypassesGovernance({ ...locked, objectLock: {} }, { 'x-amz-bypass-governance-retention': 'True' })).toBe(true)
  expect(bypassesGovernance({ ...locked, objectLock: {} }, {})).toBe(false)
})
