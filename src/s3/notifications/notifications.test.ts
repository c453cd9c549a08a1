import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import { createLog } from '../../log.ts'
import { Database, settings } from '../../store/database.ts'
import { ConfigurationStore } from '../records/configurations.ts'
import { formEncoded } from './messages.ts'
import { keptNotifications } from './notification-record.ts'
import { Notifications } from './notifications.ts'
import { readNotifications } from './read-notifications.ts'

let database: Database
beforeEach(async () => {
  database = await Database.open({})
})
afterEach(() => database.close())

/** As a start of the emulator opens them. */
function open(): Notifications {
  const log = createLog({ level: 'silent', json: false, now: () => 0, write: () => undefined })
  return new Notifications({
    database,
    ambient: new TurnableAmbient(),
    configurations: new ConfigurationStore(database),
    log,
  })
}

const ids = { requestId: 'R', hostId: 'H' }

/** In commits of fifty. */
async function tell(notifications: Notifications, count: number): Promise<void> {
  for (let told = 0; told < count; told += 50) {
    const arns = Array<string>(Math.min(50, count - told)).fill('arn:aws:sqs:us-east-1:1:q')
    await database.transact((transaction) => notifications.stageTest(transaction, 'bucket', arns, ids))
  }
}

async function numbers(): Promise<number[]> {
  const { notifications } = await readNotifications(database, { limit: 100_000 })
  return notifications.map(({ number }) => number)
}

test('The newest ten thousand of a run are kept, and of earlier runs at most as many in all after the next start', async () => {
  const first = open()
  await tell(first, keptNotifications + 50)
  const kept = await numbers()
  expect(kept).toHaveLength(keptNotifications)
  expect((kept.at(-1) ?? 0) - (kept[0] ?? 0)).toBe(keptNotifications - 1)
  const second = open()
  await tell(second, 10)
  const both = await numbers()
  expect(both).toHaveLength(keptNotifications + 10)
  expect(both).toEqual([...both].sort((a, b) => a - b))
  await second.sweep()
  expect(await numbers()).toEqual(both.slice(10))
})

test('What is discarded, or fails to commit, tells nothing and takes no number that another would have', async () => {
  const notifications = open()
  const transaction = database.transaction()
  notifications.stageTest(transaction, 'bucket', ['arn'], ids)
  transaction.discard()
  await transaction.commit()
  expect(await numbers()).toEqual([])
  await tell(notifications, 2)
  const [one = 0, two] = await numbers()
  expect(two).toBe(one + 1)
})

test('Where there never was a notification nothing is written, and nothing is looked for', async () => {
  const notifications = open()
  await notifications.sweep()
  await notifications.settle()
  await notifications.close()
  expect(database.get(settings, ['notification-runs'])).toBeUndefined()
})

test.each([
  ['a b/c', 'a+b/c'],
  ['@&=+$,;:?#%', '%40%26%3D%2B%24%2C%3B%3A%3F%23%25'],
  ["!'()*~-._", '%21%27%28%29*%7E-._'],
  ['ü€😀', '%C3%BC%E2%82%AC%F0%9F%98%80'],
])('The key %s is told as %s', (key, encoded) => {
  expect(formEncoded(key)).toBe(encoded)
})
