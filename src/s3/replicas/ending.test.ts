import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { DeclaredIdentities } from '../access/identities.fixture.ts'
import { notifications } from '../notifications/notification-record.ts'
import { bucketLock } from '../records/buckets.ts'
import { objectRecords } from '../records/object-record.ts'
import { dueKeyOf, dueReplications } from '../replication/due-replications.ts'
import { storedReplication } from '../replication/replication-rules.ts'
import { openS3, type S3Fixture } from '../s3.fixture.ts'
import { configure, createVersioned, role, ruleTo, statusOf, versionIdOf, versionsIn } from './replication.fixture.ts'

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

function setVersioning(bucket: string, status: string) {
  const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`
  return s3.call('PUT', `/${bucket}?versioning`, { body })
}

async function eventsOf(bucket: string) {
  const found: { eventName: string; replicationEventData?: object }[] = []
  for await (const { value } of s3.database.entries(notifications)) {
    const { Records } = value.message as { Records?: { eventName: string }[] }
    if (value.bucket === bucket && Records) found.push(...Records)
  }
  return found
}

function notify(bucket: string, event: string) {
  const queue = `<QueueConfiguration><Queue>arn:aws:sqs:us-east-1:000000000000:q</Queue><Event>${event}</Event></QueueConfiguration>`
  const body = `<NotificationConfiguration>${queue}</NotificationConfiguration>`
  return s3.call('PUT', `/${bucket}?notification`, { body })
}

const metrics = '<Metrics><Status>Enabled</Status></Metrics>'

test('A rule with metrics tells of what failed, with the reason; others do not', async () => {
  await notify('source', 's3:Replication:*')
  await setVersioning('third', 'Enabled')
  await configure(s3, 'source', ruleTo('target') + ruleTo('third', { priority: 1, destination: metrics }))
  for (const bucket of ['target', 'third']) await setVersioning(bucket, 'Suspended')
  const requestTime = new Date(s3.ambient.now()).toISOString()
  await s3.call('PUT', '/source/key', { body: 'x' })
  await s3.settle()
  expect(await eventsOf('source')).toMatchObject([
    {
      eventName: 'Replication:OperationFailedReplication',
      userIdentity: { principalId: 's3.amazonaws.com' },
      requestParameters: { sourceIPAddress: 's3.amazonaws.com' },
      s3: { bucket: { ownerIdentity: { principalId: '000000000000' } }, object: { key: 'key', size: 1 } },
      replicationEventData: {
        replicationRuleId: 'third',
        destinationBucket: 'arn:aws:s3:::third',
        s3Operation: 'OBJECT_PUT',
        requestTime,
        failureReason: 'DstBucketUnversioned',
      },
    },
  ])
})

test('The destination tells of replicas and markers in the name of the role', async () => {
  await notify('target', 's3:ObjectCreated:*')
  await configure(s3, 'source', ruleTo('target'))
  await s3.call('PUT', '/source/key', { body: 'x' })
  await s3.settle()
  expect(await eventsOf('target')).toMatchObject([
    {
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: expect.stringMatching(/^AWS:AROA\w+:s3-replication$/) },
    },
  ])
})

test('Lifecycle leaves alone what was not replicated, and what it does is not replicated', async () => {
  const rules = '<Rule><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>'
  const body = `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  await s3.call('PUT', '/source?lifecycle', { body, headers })
  await configure(s3, 'source', ruleTo('target') + ruleTo('third', { priority: 1, filter: '<Prefix>f</Prefix>' }))
  await setVersioning('third', 'Suspended')
  await s3.call('PUT', '/source/failed', { body: 'x' })
  await s3.call('PUT', '/source/replicated', { body: 'x' })
  await s3.settle()
  s3.ambient.turn(3 * day)
  await s3.settle()
  const kinds = async (bucket: string) =>
    (await versionsIn(s3, bucket)).map((line) => line.split(' ').slice(0, 2).join(' '))
  expect(await kinds('source')).toEqual(['failed Version', 'replicated DeleteMarker', 'replicated Version'])
  expect(await kinds('target')).toEqual(['failed Version', 'replicated Version'])
})

/** An object that was written and is due, but whose body is lost: nothing could be done in the moment between. */
async function makeDueWithoutBody(rules: string): Promise<void> {
  await s3.call('PUT', '/source/key', { body: 'x'.repeat(10_000) })
  await s3.database.bodies.clear()
  await configure(s3, 'source', rules)
  const record = s3.database.get(objectRecords, ['source', 'key'])
  const [rule] = s3.database.get(storedReplication.records, ['source', 'replication'])?.Rules ?? []
  if (!record || !rule) throw new Error('nothing was written')
  await s3.database.transact((transaction) => {
    const place = dueKeyOf({ bucket: 'source', key: 'key', versionId: record.versionId, destination: 'target' })
    const since = s3.ambient.now()
    transaction.put(dueReplications, place, { role, rule, change: 'version', since, attempts: 0, notBefore: 0 })
    const replication = { destinations: { target: 'PENDING' } } as const
    transaction.put(objectRecords, ['source', 'key'], { ...record, replication })
  })
}

test('What is due when the configuration goes fails', async () => {
  await makeDueWithoutBody(ruleTo('target'))
  await s3.call('DELETE', '/source?replication')
  await s3.settle()
  expect(await statusOf(s3, '/source/key')).toBe('FAILED')
})

test('What is damaged is tried again with growing pauses, is late by the clock, and is given up after a day', async () => {
  await notify('source', 's3:Replication:*')
  const inTime =
    '<ReplicationTime><Status>Enabled</Status><Time><Minutes>15</Minutes></Time></ReplicationTime><Metrics><Status>Enabled</Status><EventThreshold><Minutes>15</Minutes></EventThreshold></Metrics>'
  await makeDueWithoutBody(ruleTo('target', { destination: inTime }))
  await s3.settle()
  const due = async () => {
    for await (const { value } of s3.database.entries(dueReplications)) return value
    return undefined
  }
  expect(await due()).toMatchObject({ attempts: 1, notBefore: s3.ambient.now() + 1000 })
  expect(await statusOf(s3, '/source/key')).toBe('PENDING')
  s3.ambient.turn(16 * 60_000)
  await s3.settle()
  expect(await due()).toMatchObject({ attempts: 2, hasMissedThreshold: true })
  s3.ambient.turn(2 * day)
  await s3.settle()
  expect(await due()).toBeUndefined()
  expect(await statusOf(s3, '/source/key')).toBe('FAILED')
  expect((await eventsOf('source')).map(({ eventName }) => eventName)).toEqual([
    'Replication:OperationMissedThreshold',
    'Replication:OperationFailedReplication',
  ])
})

test('A version that went meanwhile is no longer due', async () => {
  await configure(s3, 'source', ruleTo('target'))
  await whileTargetIsHeld(async () => {
    const id = versionIdOf(await s3.call('PUT', '/source/key', { body: 'x' }))
    await s3.call('DELETE', `/source/key?versionId=${id}`)
  })
  await s3.settle()
  expect(await versionsIn(s3, 'target')).toEqual([])
  for await (const _ of s3.database.entries(dueReplications)) throw new Error('something is due')
})
