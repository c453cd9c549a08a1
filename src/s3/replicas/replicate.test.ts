import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { DeclaredIdentities } from '../access/identities.fixture.ts'
import { bucketLock } from '../records/buckets.ts'
import { openS3, type S3Fixture } from '../s3.fixture.ts'
import {
  configure,
  createVersioned,
  firstVersionRuleTo,
  ruleTo,
  statusOf,
  versionIdOf,
  versionsIn,
} from './replication.fixture.ts'

let s3: S3Fixture
let identities: DeclaredIdentities
beforeEach(async () => {
  identities = new DeclaredIdentities()
  s3 = await openS3('classic', identities)
  for (const bucket of ['source', 'target', 'third']) await createVersioned(s3, bucket)
})
afterEach(() => s3.close())

const day = 86_400_000

/** Nothing is replicated to the target meanwhile. */
function whileTargetIsHeld(meanwhile: () => Promise<void>): Promise<void> {
  return s3.database.locks.with([bucketLock('target', 'exclusive')], meanwhile)
}

test('A replica has the id, the date, metadata, tags and class of its source, and says what it is', async () => {
  await configure(s3, 'source', ruleTo('target'))
  const headers = {
    'x-amz-meta-a': 'b',
    'content-type': 'text/x',
    'x-amz-tagging': 'k=v',
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-website-redirect-location': '/there',
  }
  const id = versionIdOf(await s3.call('PUT', '/source/key', { body: 'body', headers }))
  s3.ambient.turn(5000)
  await s3.settle()
  const [source, replica] = [await s3.call('GET', '/source/key'), await s3.call('GET', '/target/key')]
  expect(replica.text).toBe('body')
  const compared = [
    'x-amz-version-id',
    'last-modified',
    'etag',
    'content-type',
    'x-amz-meta-a',
    'x-amz-storage-class',
    'x-amz-tagging-count',
    'x-amz-website-redirect-location',
  ]
  for (const name of compared) expect([name, replica.headers.get(name)]).toEqual([name, source.headers.get(name)])
  expect(versionIdOf(replica)).toBe(id)
  expect(source.headers.get('x-amz-replication-status')).toBe('COMPLETED')
  expect(replica.headers.get('x-amz-replication-status')).toBe('REPLICA')
})

test('The status is PENDING until the replica is there, and none where no rule matched', async () => {
  await s3.call('PUT', '/source/before', { body: 'x' })
  await configure(s3, 'source', ruleTo('target', { filter: '<Prefix>p/</Prefix>' }))
  await s3.call('PUT', '/source/other', { body: 'x' })
  await whileTargetIsHeld(async () => {
    await s3.call('PUT', '/source/p/key', { body: 'x' })
    expect(await statusOf(s3, '/source/p/key')).toBe('PENDING')
  })
  await s3.settle()
  expect(await statusOf(s3, '/source/p/key')).toBe('COMPLETED')
  for (const key of ['before', 'other']) expect(await statusOf(s3, `/source/${key}`)).toBeNull()
  expect(await versionsIn(s3, 'target')).toHaveLength(1)
})

test('What is replicated is told by what a write says: tags of the write, class, deletion', async () => {
  await configure(
    s3,
    'source',
    ruleTo('target', { filter: '<Tag><Key>k</Key><Value>v</Value></Tag>', markers: 'Disabled' }),
  )
  const put = (key: string, headers: Record<string, string>) => s3.call('PUT', `/source/${key}`, { body: 'x', headers })
  await put('tagged', { 'x-amz-tagging': 'k=v&l=w' })
  await put('other-value', { 'x-amz-tagging': 'k=w' })
  await put('archived', { 'x-amz-tagging': 'k=v', 'x-amz-storage-class': 'GLACIER' })
  await put('later', {})
  const body = '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>'
  await s3.call('PUT', '/source/later?tagging', { body })
  await s3.call('DELETE', '/source/tagged')
  await s3.settle()
  expect((await versionsIn(s3, 'target')).map((line) => line.split(' ').slice(0, 2))).toEqual([['tagged', 'Version']])
})

test.each([
  ['V1', firstVersionRuleTo('target'), ['DeleteMarker', 'Version']],
  ['V2, enabled', ruleTo('target'), ['DeleteMarker', 'Version']],
  ['V2, disabled', ruleTo('target', { markers: 'Disabled' }), ['Version']],
])('Delete markers by a rule of %s; the deletion of a version never', async (_, rule, kinds) => {
  await configure(s3, 'source', rule)
  const id = versionIdOf(await s3.call('PUT', '/source/key', { body: 'x' }))
  const marker = versionIdOf(await s3.call('DELETE', '/source/key'))
  await s3.settle()
  const found = await versionsIn(s3, 'target')
  expect(found.map((line) => line.split(' ')[1])).toEqual(kinds)
  expect(found.every((line) => line.includes(id) || line.includes(marker))).toBe(true)
  await s3.call('DELETE', `/source/key?versionId=${id}`)
  await s3.call('DELETE', `/source/key?versionId=${marker}`)
  await s3.settle()
  expect(await versionsIn(s3, 'target')).toEqual(found)
})

test('Replicas are not replicated again', async () => {
  await configure(s3, 'source', ruleTo('target'))
  await configure(s3, 'target', ruleTo('third'))
  await s3.call('PUT', '/source/key', { body: 'x' })
  await s3.settle()
  expect(await versionsIn(s3, 'target')).toHaveLength(1)
  expect(await versionsIn(s3, 'third')).toEqual([])
})

test('Each destination gets its replica by the rule of the highest priority; COMPLETED when all have it', async () => {
  const rules = [
    ruleTo('target', { id: 'low', priority: 1, destination: '<StorageClass>ONEZONE_IA</StorageClass>' }),
    ruleTo('target', { id: 'high', priority: 2, destination: '<StorageClass>STANDARD_IA</StorageClass>' }),
    ruleTo('third', { priority: 3, destination: '<StorageClass>STANDARD</StorageClass>' }),
  ]
  await configure(s3, 'source', rules.join(''))
  await s3.call('PUT', '/source/key', { body: 'x', headers: { 'x-amz-storage-class': 'REDUCED_REDUNDANCY' } })
  await s3.settle()
  const classOf = async (bucket: string) => (await s3.call('HEAD', `/${bucket}/key`)).headers.get('x-amz-storage-class')
  expect([await classOf('target'), await classOf('third')]).toEqual(['STANDARD_IA', null])
  expect(await statusOf(s3, '/source/key')).toBe('COMPLETED')
  await setVersioning('third', 'Suspended')
  await s3.call('PUT', '/source/key', { body: 'y' })
  await s3.settle()
  expect(await statusOf(s3, '/source/key')).toBe('FAILED')
  expect(await versionsIn(s3, 'target')).toHaveLength(2)
})

function setVersioning(bucket: string, status: string) {
  const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`
  return s3.call('PUT', `/${bucket}?versioning`, { body })
}

test('Parts stay parts, with their checksums; a copy and a form are replicated too', async () => {
  await configure(s3, 'source', ruleTo('target'))
  const begun = await s3.call('POST', '/source/parts?uploads', { headers: { 'x-amz-checksum-algorithm': 'SHA256' } })
  const uploadId = /<UploadId>(.*?)</.exec(begun.text)?.[1]
  const bodies = ['a'.repeat(5 << 20), 'b']
  const parts: string[] = []
  for (const [index, body] of bodies.entries()) {
    const checksum = createHash('sha256').update(body).digest('base64')
    const headers = { 'x-amz-checksum-sha256': checksum }
    const part = await s3.call('PUT', `/source/parts?uploadId=${uploadId}&partNumber=${index + 1}`, { body, headers })
    parts.push(
      `<Part><PartNumber>${index + 1}</PartNumber><ETag>${part.headers.get('etag')}</ETag><ChecksumSHA256>${checksum}</ChecksumSHA256></Part>`,
    )
  }
  const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`
  expect(await s3.call('POST', `/source/parts?uploadId=${uploadId}`, { body })).toMatchObject({ status: 200 })
  await s3.call('PUT', '/source/copy', { headers: { 'x-amz-copy-source': 'source/parts' } })
  await s3.settle()
  const headers = { 'x-amz-checksum-mode': 'ENABLED' }
  const heads = await Promise.all(
    ['source', 'target'].map((bucket) => s3.call('HEAD', `/${bucket}/parts?partNumber=2`, { headers })),
  )
  for (const name of ['etag', 'content-length', 'x-amz-mp-parts-count', 'x-amz-checksum-sha256']) {
    expect([name, heads[1]?.headers.get(name)]).toEqual([name, heads[0]?.headers.get(name)])
  }
  expect((await s3.call('GET', '/target/parts')).text === bodies.join('')).toBe(true)
  expect((await s3.call('GET', '/target/copy')).text === bodies.join('')).toBe(true)
})

const customerKey = Buffer.alloc(32, 7)
const sseC = {
  'x-amz-server-side-encryption-customer-algorithm': 'AES256',
  'x-amz-server-side-encryption-customer-key': customerKey.toString('base64'),
  'x-amz-server-side-encryption-customer-key-md5': createHash('md5').update(customerKey).digest('base64'),
}

test('An object under a customer’s key is copied sealed, into other Regions too, and opens with the same key alone', async () => {
  await createVersioned(s3, 'abroad', { region: 'eu-west-1' })
  await configure(s3, 'source', ruleTo('target') + ruleTo('abroad', { priority: 1 }))
  const body = 'secret'.repeat(100_000)
  await s3.call('PUT', '/source/key', { body, headers: sseC })
  await s3.call('PUT', '/source/small', { body: 'x', headers: sseC })
  await s3.settle()
  for (const [bucket, region] of [
    ['target', 'us-east-1'],
    ['abroad', 'eu-west-1'],
  ] as const) {
    expect(await statusOf(s3, '/source/key', sseC)).toBe('COMPLETED')
    const got = await s3.call('GET', `/${bucket}/key`, { headers: sseC, region })
    expect(got.text === body).toBe(true)
    expect((await s3.call('GET', `/${bucket}/small`, { headers: sseC, region })).text).toBe('x')
    expect((await s3.call('GET', `/${bucket}/key`, { region })).status).toBe(400)
  }
  // Tags of it may change: nobody needs the key for that.
  const tags = '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>'
  await s3.call('PUT', '/source/small?tagging', { body: tags })
  await s3.settle()
  expect((await s3.call('GET', '/target/small?tagging')).text).toContain('<Key>k</Key>')
})

test('A bucket that blocks customers’ keys gets no replica of such an object', async () => {
  const rule =
    '<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule>'
  const body = `<ServerSideEncryptionConfiguration>${rule}</ServerSideEncryptionConfiguration>`
  expect(await s3.call('PUT', '/target?encryption', { body })).toMatchObject({ status: 200 })
  await configure(s3, 'source', ruleTo('target'))
  await s3.call('PUT', '/source/key', { body: 'x', headers: sseC })
  await s3.call('PUT', '/source/plain', { body: 'x' })
  await s3.settle()
  expect(await statusOf(s3, '/source/key', sseC)).toBe('FAILED')
  // A plain object gets the default.
  const headers = (await s3.call('HEAD', '/target/plain')).headers
  expect(headers.get('x-amz-server-side-encryption')).toBe('AES256')
})

test('Later tags and ACLs follow, and the status is PENDING meanwhile; what is only in the replica does not stay', async () => {
  await configure(s3, 'source', ruleTo('target'))
  await s3.call('PUT', '/source/key', { body: 'x', headers: { 'x-amz-tagging': 'a=1&b=2' } })
  await s3.settle()
  const body = '<Tagging><TagSet><Tag><Key>a</Key><Value>3</Value></Tag></TagSet></Tagging>'
  await whileTargetIsHeld(async () => {
    await s3.call('PUT', '/source/key?tagging', { body })
    await s3.call('PUT', '/source/key?acl', { headers: { 'x-amz-acl': 'public-read' } })
    expect(await statusOf(s3, '/source/key')).toBe('PENDING')
  })
  await s3.settle()
  expect(await statusOf(s3, '/source/key')).toBe('COMPLETED')
  const tags = (bucket: string) => s3.call('GET', `/${bucket}/key?tagging`).then(({ text }) => text)
  expect(await tags('target')).toBe(await tags('source'))
  expect((await s3.call('GET', '/target/key?acl')).text).toContain('AllUsers')
  expect(await s3.call('GET', '/target/key', { caller: 'anonymous' })).toMatchObject({ status: 200 })
  await s3.call('DELETE', '/source/key?tagging')
  await s3.settle()
  expect(await tags('target')).not.toContain('<Tag>')
})

test('Changes of a replica go back only where its bucket asks for it, and the version is made nowhere', async () => {
  await configure(s3, 'source', ruleTo('target'))
  await configure(s3, 'target', ruleTo('source'))
  await s3.call('PUT', '/source/key', { body: 'x' })
  await s3.settle()
  const tag = (value: string) =>
    s3.call('PUT', '/target/key?tagging', {
      body: `<Tagging><TagSet><Tag><Key>k</Key><Value>${value}</Value></Tag></TagSet></Tagging>`,
    })
  await tag('one')
  await s3.settle()
  expect((await s3.call('GET', '/source/key?tagging')).text).not.toContain('one')
  const criteria = '<ReplicaModifications><Status>Enabled</Status></ReplicaModifications>'
  await configure(s3, 'target', ruleTo('source', { criteria }))
  await s3.database.locks.with([bucketLock('source', 'exclusive')], async () => {
    await tag('two')
    expect(await statusOf(s3, '/target/key')).toBe('PENDING')
  })
  await s3.settle()
  expect((await s3.call('GET', '/source/key?tagging')).text).toContain('two')
  expect([await statusOf(s3, '/source/key'), await statusOf(s3, '/target/key')]).toEqual(['COMPLETED', 'REPLICA'])
  const [id] = /[^ ]{32}/.exec((await versionsIn(s3, 'source'))[0] ?? '') ?? []
  await s3.call('DELETE', `/source/key?versionId=${id}`)
  await tag('three')
  await s3.settle()
  expect(await versionsIn(s3, 'source')).toEqual([])
  expect(await statusOf(s3, '/target/key')).toBe('FAILED')
})

test('Locks are replicated, into buckets with Object Lock alone; a default retention locks what has none', async () => {
  const locked = { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } }
  for (const bucket of ['locked', 'vault']) await createVersioned(s3, bucket, locked)
  const period = '<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>3</Days></DefaultRetention></Rule>'
  const body = `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${period}</ObjectLockConfiguration>`
  const md5 = (text: string) => ({ 'content-md5': createHash('md5').update(text).digest('base64') })
  await s3.call('PUT', '/vault?object-lock', { body, headers: md5(body) })
  await configure(s3, 'locked', ruleTo('vault') + ruleTo('target', { priority: 1 }))
  const until = new Date(Math.floor(s3.ambient.now() / 1000) * 1000 + 10 * day).toISOString()
  const lock = {
    'x-amz-object-lock-mode': 'COMPLIANCE',
    'x-amz-object-lock-retain-until-date': until,
    'x-amz-object-lock-legal-hold': 'ON',
  }
  await s3.call('PUT', '/locked/held', { body: 'x', headers: { ...lock, ...md5('x') } })
  await s3.call('PUT', '/locked/free', { body: 'x' })
  await s3.settle()
  const held = (await s3.call('HEAD', '/vault/held')).headers
  for (const [name, value] of Object.entries(lock)) expect([name, held.get(name)]).toEqual([name, value])
  expect((await s3.call('HEAD', '/vault/free')).headers.get('x-amz-object-lock-mode')).toBe('GOVERNANCE')
  // The other destination has no Object Lock.
  expect(await statusOf(s3, '/locked/held')).toBe('FAILED')
  expect(await versionsIn(s3, 'target')).toEqual([])
  const off = '<LegalHold><Status>OFF</Status></LegalHold>'
  await s3.call('PUT', '/locked/held?legal-hold', { body: off, headers: md5(off) })
  await s3.settle()
  expect((await s3.call('HEAD', '/vault/held')).headers.get('x-amz-object-lock-legal-hold')).toBe('OFF')
})
