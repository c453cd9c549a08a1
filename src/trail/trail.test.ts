import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { TurnableAmbient } from '../ambient.ts'
import { userCaller } from '../aws/caller.ts'
import { Database } from '../store/database.ts'
import type { CallOutcome } from './event.ts'
import type { AttributeKey } from './event-attributes.ts'
import { eventSpans } from './event-index.ts'
import type { Position } from './pages.ts'
import { openTrail, type Trail } from './trail.ts'

const accountId = '000000000000'
const region = 'us-east-1'
const keyArn = 'arn:aws:kms:us-east-1:000000000000:key/one'
const start = Date.UTC(2026, 0, 1, 12)
const day = 86_400_000

async function openFixture() {
  const database = await Database.open({})
  const ambient = new TurnableAmbient(start)
  return { database, ambient, trail: openTrail({ database, ambient, retentionDays: 90, keepsDataEvents: true }) }
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

/** What a lookup finds, by the ids of the requests. */
async function idsOf(trail: Trail, query: object = {}): Promise<string[]> {
  const { records } = await trail.lookup({ accountId, region, limit: 50, ...query })
  return records.map(({ requestID = '' }) => requestID)
}

test('Lookup shows the newest event first, also within one millisecond', async () => {
  const fixture = await openFixture()
  for (const requestId of ['a', 'b', 'c']) await record(fixture, { requestId })
  fixture.ambient.turn(1)
  await record(fixture, { requestId: 'd' })
  expect(await idsOf(fixture.trail)).toEqual(['d', 'c', 'b', 'a'])
})

test('The order within one millisecond goes on after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trail-'))
  const ambient = new TurnableAmbient(start)
  const seen: string[][] = []
  for (const requestId of ['a', 'b', 'c']) {
    const database = await Database.open({ folder })
    const trail = openTrail({ database, ambient, retentionDays: 90 })
    await record({ database, ambient, trail }, { requestId })
    seen.push(await idsOf(trail))
    await database.close()
  }
  expect(seen).toEqual([['a'], ['b', 'a'], ['c', 'b', 'a']])
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
  await record(fixture, { requestId: 'wanted', eventName: 'DisableKey', readOnly: false })
  await record(fixture, {
    requestId: 'other',
    eventName: 'CreateBucket',
    service: 's3',
    caller: userCaller(accountId, 'app', 'AKIAAPP'),
    resources: [{ accountId, type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::uploads' }],
  })
  const find = (key: AttributeKey, value: string) => idsOf(fixture.trail, { attribute: { key, value } })
  for (const { eventID, requestID } of (await fixture.trail.lookup({ accountId, region, limit: 2 })).records) {
    expect(await find('EventId', eventID)).toEqual([requestID])
  }
  expect(await find('EventId', fixture.ambient.uuid())).toEqual([])
  expect(await find('EventId', 'wanted')).toEqual([])
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
  for (const requestId of ['0', '1', '2', '3']) {
    await record(fixture, { requestId })
    fixture.ambient.turn(1000)
  }
  expect(await idsOf(fixture.trail, { startTime: start + 1000, endTime: start + 2000 })).toEqual(['2', '1'])
  expect(await idsOf(fixture.trail, { startTime: start + 4000 })).toEqual([])
  expect(await idsOf(fixture.trail, { startTime: 1e300 })).toEqual([])
  expect(await idsOf(fixture.trail, { endTime: -1e300 })).toEqual([])
  const attribute = { key: 'EventName', value: 'Decrypt' }
  expect(await idsOf(fixture.trail, { attribute, endTime: start + 1000 })).toEqual(['1', '0'])
})

test('An event in the last second of a range belongs to it, whatever its fraction', async () => {
  const fixture = await openFixture()
  for (const requestId of ['.0', '.4', '.8']) {
    await record(fixture, { requestId })
    fixture.ambient.turn(400)
  }
  await record(fixture, { requestId: 'next second' })
  for (const attribute of [undefined, { key: 'EventName', value: 'Decrypt' }]) {
    expect(await idsOf(fixture.trail, { attribute, endTime: start })).toEqual(['.8', '.4', '.0'])
    expect(await idsOf(fixture.trail, { attribute, endTime: start + 300 })).toEqual(['.8', '.4', '.0'])
    expect(await idsOf(fixture.trail, { attribute, endTime: start - 1 })).toEqual([])
    expect(await idsOf(fixture.trail, { attribute, endTime: start + 1000 })).toHaveLength(4)
  }
})

test('An attribute finds the same events as a look at all of them, page after page', async () => {
  const fixture = await openFixture()
  const names = ['Encrypt', 'Decrypt', 'DisableKey']
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ step: fc.integer({ min: -40, max: 70 }), name: fc.constantFrom(...names) }), {
        minLength: 1,
        maxLength: 30,
      }),
      fc.record({
        name: fc.constantFrom(...names, 'None'),
        from: fc.nat(200),
        to: fc.nat(200),
        limit: fc.constantFrom(1, 3, 50),
      }),
      async (calls, { name, from, to, limit }) => {
        fixture.ambient.turn(day)
        const began = fixture.ambient.now()
        for (const call of calls) {
          fixture.ambient.turn(call.step)
          await record(fixture, { eventName: call.name })
        }
        const range = { accountId, region, startTime: began - 100 + from, endTime: began + 1000 + to }
        const all = (await fixture.trail.lookup({ ...range, limit: 100 })).records
        const found: string[] = []
        let after: Position | undefined
        do {
          const attribute = { key: 'EventName', value: name } as const
          const page = await fixture.trail.lookup({ ...range, attribute, after, limit })
          found.push(...page.records.map(({ eventID }) => eventID))
          after = page.next
        } while (after)
        expect(found).toEqual(all.filter(({ eventName }) => eventName === name).map(({ eventID }) => eventID))
      },
    ),
    { numRuns: 60 },
  )
})

test('An event is found by its attributes although the commit of the first of its kind never came', async () => {
  const { database, ambient, trail } = await openFixture()
  trail.append(database.transaction(), outcomeAt(ambient))
  const discarded = database.transaction()
  trail.append(discarded, outcomeAt(ambient))
  discarded.discard()
  await discarded.commit()
  await record({ database, ambient, trail }, { requestId: 'committed' })
  expect(await idsOf(trail, { attribute: { key: 'EventName', value: 'Decrypt' } })).toEqual(['committed'])
})

test('Pages follow one another without a gap, while new events come in', async () => {
  const fixture = await openFixture()
  for (let index = 0; index < 25; index++) await record(fixture, { requestId: `${index}` })
  for (const attribute of [undefined, { key: 'EventName', value: 'Decrypt' } as const]) {
    const before = await idsOf(fixture.trail, { attribute })
    const seen: string[] = []
    let after: Position | undefined
    do {
      const page = await fixture.trail.lookup({ accountId, region, attribute, after, limit: 10 })
      seen.push(...page.records.map(({ requestID = '' }) => requestID))
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
  await record(fixture, { requestId: 'young' })
  expect(await idsOf(fixture.trail)).toEqual(['young'])
  expect(await fixture.trail.prune()).toBe(601)
  expect(await fixture.trail.prune()).toBe(0)
  fixture.ambient.turn(-91 * day)
  expect(await idsOf(fixture.trail)).toEqual(['young'])
  expect(await idsOf(fixture.trail, { attribute: { key: 'EventName', value: 'Decrypt' } })).toEqual(['young'])
  const times = new Set<number>()
  for await (const { key } of fixture.database.entries(eventSpans)) times.add(key[4])
  expect(times.size).toBe(1)
})

test('Prune leaves the index alone that younger events of the same span stand in', async () => {
  const fixture = await openFixture()
  await record(fixture, { requestId: 'old' })
  fixture.ambient.turn(20)
  await record(fixture, { requestId: 'young' })
  fixture.ambient.turn(90 * day - 10)
  await fixture.trail.prune()
  expect(await idsOf(fixture.trail, { attribute: { key: 'EventName', value: 'Decrypt' } })).toEqual(['young'])
})

test('All events are those of LookupEvents and data events in one order, page after page', async () => {
  const fixture = await openFixture()
  const { database, ambient, trail } = fixture
  for (const [index, requestId] of ['a', 'b', 'c', 'd', 'e', 'f', 'g'].entries()) {
    if (index % 3 === 0) ambient.turn(1)
    if (index % 2 === 0) await record(fixture, { requestId })
    else await database.transact((transaction) => trail.appendDataEvent(transaction, outcomeAt(ambient, { requestId })))
  }
  const found: (string | undefined)[] = []
  let after: Position | undefined
  do {
    const page = await trail.allEvents({ accountId, region, limit: 2, after })
    found.push(...page.records.map(({ requestID }) => requestID))
    after = page.next
  } while (after)
  expect(found).toEqual(['g', 'f', 'e', 'd', 'c', 'b', 'a'])
  expect((await trail.dataEvents({ accountId, region, limit: 9 })).records).toHaveLength(3)
})
