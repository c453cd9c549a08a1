import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../ambient.ts'
import { userCaller } from '../aws/caller.ts'
import { Database } from '../store/database.ts'
import type { CallOutcome } from './event.ts'
import { type AttributeKey, openTrail, type Position, type Trail } from './trail.ts'

const accountId = '000000000000'
const region = 'us-east-1'
const keyArn = 'arn:aws:kms:us-east-1:000000000000:key/one'
const start = Date.UTC(2026, 0, 1, 12)
const day = 86_400_000

async function openFixture() {
  const database = await Database.open({})
  const ambient = new TurnableAmbient(start)
  return { database, ambient, trail: openTrail({ database, ambient, retentionDays: 90 }) }
}

type EnvelopeFixture = Awaited<ReturnType<typeof openFixture>>

function outcomeAt(ambient: TurnableAmbient, changes: Partial<CallOutcome> = {}): CallOutcome {
  return {
    caller: userCaller(accountId, 'test', 'test'),
    time: ambient.now(),
    service: 'kms',
    eventName: 'Decrypt',
    region,
    clientAddress: '127.0.0.1',
    userAgent: 'agent',
    secure: false,
    requestId: ambient.uuid(),
    eventId: ambient.uuid(),
    readOnly: true,
    requestParameters: {},
    responseElements: null,
    resources: [{ accountId, type: 'AWS::KMS::Key', ARN: keyArn }],
    ...changes,
  }
}

async function record(
  { database, ambient, trail }: EnvelopeFixture,
  changes: Partial<CallOutcome> = {},
): Promise<void> {
  await database.transact((transaction) => trail.append(transaction, outcomeAt(ambient, changes)))
}

async function idsOf(trail: Trail, query: object = {}): Promise<string[]> {
  const { records } = await trail.lookup({ accountId, region, limit: 50, ...query })
  return records.map(({ eventID }) => eventID)
}

test('Lookup shows the newest event first, also within one millisecond', async () => {
  const fixture = await openFixture()
  for (const eventId of ['a', 'b', 'c']) await record(fixture, { eventId })
  fixture.ambient.turn(1)
  await record(fixture, { eventId: 'd' })
  expect(await idsOf(fixture.trail)).toEqual(['d', 'c', 'b', 'a'])
})

test('The order within one millisecond goes on after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trail-'))
  const ambient = new TurnableAmbient(start)
  for (const eventId of ['a', 'b', 'c']) {
    const database = await Database.open({ folder })
    const trail = openTrail({ database, ambient, retentionDays: 90 })
    await record({ database, ambient, trail }, { eventId })
    if (eventId === 'c') expect(await idsOf(trail)).toEqual(['c', 'b', 'a'])
    await database.close()
  }
  await rm(folder, { recursive: true })
})

test('An event is seen only once its transaction is committed', async () => {
  const { database, ambient, trail } = await openFixture()
  const transaction = database.transaction()
  trail.append(transaction, outcomeAt(ambient))
  expect(await idsOf(trail)).toEqual([])
  await transaction.commit()
  expect(await idsOf(trail)).toHaveLength(1)
})

test('Each of the eight attributes finds its events and no others', async () => {
  const fixture = await openFixture()
  await record(fixture, { eventId: 'wanted', eventName: 'DisableKey', readOnly: false })
  await record(fixture, {
    eventId: 'other',
    eventName: 'CreateBucket',
    service: 's3',
    caller: userCaller(accountId, 'app', 'AKIAAPP'),
    resources: [{ accountId, type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::uploads' }],
  })
  const find = (key: AttributeKey, value: string) => idsOf(fixture.trail, { attribute: { key, value } })
  expect(await find('EventId', 'wanted')).toEqual(['wanted'])
  expect(await find('EventName', 'DisableKey')).toEqual(['wanted'])
  expect(await find('EventName', 'Disable')).toEqual([])
  expect(await find('Username', 'test')).toEqual(['wanted'])
  expect(await find('AccessKeyId', 'AKIAAPP')).toEqual(['other'])
  expect(await find('ResourceName', keyArn)).toEqual(['wanted'])
  expect(await find('ResourceName', 'uploads')).toEqual(['other'])
  expect(await find('ResourceType', 'AWS::S3::Bucket')).toEqual(['other'])
  expect(await find('EventSource', 'kms.amazonaws.com')).toEqual(['wanted'])
  expect(await find('ReadOnly', 'false')).toEqual(['wanted'])
})

test('A time range includes both of its ends', async () => {
  const fixture = await openFixture()
  for (const eventId of ['0', '1', '2', '3']) {
    await record(fixture, { eventId })
    fixture.ambient.turn(1000)
  }
  expect(await idsOf(fixture.trail, { startTime: start + 1000, endTime: start + 2000 })).toEqual(['2', '1'])
  expect(await idsOf(fixture.trail, { startTime: start + 4000 })).toEqual([])
  expect(await idsOf(fixture.trail, { startTime: 1e300 })).toEqual([])
  expect(await idsOf(fixture.trail, { endTime: -1e300 })).toEqual([])
  const attribute = { key: 'EventName', value: 'Decrypt' }
  expect(await idsOf(fixture.trail, { attribute, endTime: start + 1000 })).toEqual(['1', '0'])
})

test('Pages follow one another without a gap, while new events come in', async () => {
  const fixture = await openFixture()
  for (let index = 0; index < 25; index++) await record(fixture, { eventId: `${index}` })
  for (const attribute of [undefined, { key: 'EventName', value: 'Decrypt' } as const]) {
    const before = await idsOf(fixture.trail, { attribute })
    const seen: string[] = []
    let after: Position | undefined
    do {
      const page = await fixture.trail.lookup({ accountId, region, attribute, after, limit: 10 })
      seen.push(...page.records.map(({ eventID }) => eventID))
      after = page.next
      await record(fixture)
    } while (after)
    expect(seen).toEqual(before)
  }
})

test('Accounts and Regions do not see each other', async () => {
  const fixture = await openFixture()
  await record(fixture, { region: 'eu-west-1' })
  expect(await idsOf(fixture.trail)).toEqual([])
  expect(await idsOf(fixture.trail, { region: 'eu-west-1' })).toHaveLength(1)
})

test('A call on a key of another account is recorded in both, tied by sharedEventID', async () => {
  const fixture = await openFixture()
  await record(fixture, { caller: userCaller('111122223333', 'Bob', 'AKIABOB') })
  const [own] = (await fixture.trail.lookup({ accountId: '111122223333', region, limit: 1 })).records
  const [foreign] = (await fixture.trail.lookup({ accountId, region, limit: 1 })).records
  expect(own?.sharedEventID).toBeDefined()
  expect(foreign?.sharedEventID).toBe(own?.sharedEventID)
  expect(foreign?.eventID).not.toBe(own?.eventID)
  expect(foreign?.userIdentity.type).toBe('AWSAccount')
})

test('What is older than the retention is not shown, and prune removes it with its index', async () => {
  const fixture = await openFixture()
  for (let index = 0; index < 600; index++) await record(fixture)
  await record(fixture, { region: 'eu-west-1' })
  fixture.ambient.turn(91 * day)
  await record(fixture, { eventId: 'young' })
  expect(await idsOf(fixture.trail)).toEqual(['young'])
  expect(await fixture.trail.prune()).toBe(601)
  expect(await fixture.trail.prune()).toBe(0)
  fixture.ambient.turn(-91 * day)
  expect(await idsOf(fixture.trail)).toEqual(['young'])
  expect(await idsOf(fixture.trail, { attribute: { key: 'EventName', value: 'Decrypt' } })).toEqual(['young'])
})
