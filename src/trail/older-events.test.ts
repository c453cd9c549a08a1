import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../ambient.ts'
import { userCaller } from '../aws/caller.ts'
import { Database } from '../store/database.ts'
import { type KeyOf, recordKind } from '../store/keyspace.ts'
import { indexOlderEvents } from './older-events.ts'
import { recordOf } from './record.ts'
import { events, last, storedEventOf } from './stored-event.ts'
import { openTrail } from './trail.ts'

const accountId = '000000000000'
const region = 'us-east-1'
const attributeParts = ['string', 'string', 'string', 'string', 'integer', 'integer'] as const
const eventAttributes = recordKind<0>()('eventAttribute', attributeParts)

/** A trail as it was written when an event's name had an entry of its own, and its id told nothing. */
async function olderStore(ambient: TurnableAmbient, count: number): Promise<Database> {
  const database = await Database.open({})
  for (let index = 0; index < count; index++) {
    const outcome = {
      caller: userCaller(accountId, 'test', 'test'),
      time: ambient.now() + index,
      service: 'kms' as const,
      eventName: index % 2 === 0 ? 'Encrypt' : 'Decrypt',
      region,
      clientAddress: '127.0.0.1',
      userAgent: 'agent',
      secure: false,
      requestId: `request-${index}`,
      readOnly: true,
      requestParameters: null,
      responseElements: null,
    }
    const order: [number, number] = [last - outcome.time, last - index]
    const name: KeyOf<typeof attributeParts> = [accountId, region, 'EventName', outcome.eventName, ...order]
    await database.transact((transaction) => {
      transaction.put(events, [accountId, region, ...order], storedEventOf(recordOf(outcome, `event-${index}`)))
      transaction.put(eventAttributes, name, 0)
    })
  }
  return database
}

test('Events of an older store are found by their attributes, ids included, and their old index is gone', async () => {
  const ambient = new TurnableAmbient()
  const database = await olderStore(ambient, 600)
  await indexOlderEvents(database)
  const trail = openTrail({ database, ambient, retentionDays: 90 })
  const byName = await trail.lookup({
    accountId,
    region,
    attribute: { key: 'EventName', value: 'Encrypt' },
    limit: 600,
  })
  expect(byName.records).toHaveLength(300)
  const byId = await trail.lookup({ accountId, region, attribute: { key: 'EventId', value: 'event-41' }, limit: 10 })
  expect(byId.records.map(({ requestID }) => requestID)).toEqual(['request-41'])
  for await (const { key } of database.entries(eventAttributes)) throw new Error(`${key} is left`)
})

test('A store whose events are indexed is not read again', async () => {
  const database = await Database.open({})
  await indexOlderEvents(database)
  const left: KeyOf<typeof attributeParts> = [accountId, region, 'EventName', 'Encrypt', 1, 1]
  await database.transact((transaction) => transaction.put(eventAttributes, left, 0))
  await indexOlderEvents(database)
  expect(database.get(eventAttributes, left)).toBe(0)
})
