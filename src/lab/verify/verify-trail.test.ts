import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import { userCaller } from '../../aws/caller.ts'
import { openRootKey } from '../../root-key.ts'
import { Database } from '../../store/database.ts'
import { eventIdAt } from '../../trail/event-id.ts'
import { events, recordAt, storedEventOf } from '../../trail/stored-event.ts'
import { openTrail } from '../../trail/trail.ts'
import { Report } from './report.ts'
import { verifyRecords } from './verify-records.ts'
import { verifyTrail } from './verify-trail.ts'
import { openView } from './view.ts'

const accountId = '000000000000'
const region = 'us-east-1'

/** A trail of so many events, all of one moment: the clock stands. */
async function trailOf(count: number) {
  const database = await Database.open({})
  const ambient = new TurnableAmbient(Date.UTC(2026, 10, 30))
  const trail = openTrail({ database, ambient, retentionDays: 90 })
  await database.transact((transaction) => {
    for (let number = 0; number < count; number++) {
      trail.append(transaction, {
        caller: userCaller(accountId, 'test', 'test'),
        time: ambient.now(),
        service: 'kms',
        eventName: 'DescribeKey',
        region,
        clientAddress: '127.0.0.1',
        userAgent: 'agent',
        secure: false,
        requestId: ambient.uuid(),
        readOnly: true,
        requestParameters: {},
        responseElements: null,
      })
    }
  })
  const rootKey = await openRootKey(database, ambient)
  const verified = async () => {
    const view = await openView({ inProcess: { database, ambient }, rootKey, oldestEvent: () => trail.oldestKept() })
    const report = new Report({})
    await verifyRecords(view, report)
    await verifyTrail(view, report)
    await view.close()
    return report.verification()
  }
  return { database, ambient, verified }
}

test('Twenty thousand events of one moment are each read once: a clock that stands makes it no slower', async () => {
  const { verified } = await trailOf(20_000)
  expect(await verified()).toMatchObject({ ok: true, events: 20_000, faults: [] })
})

test('An event whose id says another time is not found by it', async () => {
  const { database, ambient, verified } = await trailOf(2)
  const wrong = eventIdAt(ambient.now() - 60_000, ambient.uuid())
  await database.transact(async (transaction) => {
    for await (const { key, value } of database.entries(events, { limit: 1 })) {
      transaction.put(events, key, storedEventOf({ ...recordAt(key, value), eventID: wrong }))
    }
  })
  expect((await verified()).faults).toEqual([{ kind: 'trail', where: wrong, message: 'is not found by its id' }])
})
