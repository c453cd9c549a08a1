import { ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'

let journey: Journey
beforeAll(async () => {
  journey = await startJourney()
})
afterAll(() => journey.stop())

const day = 86_400_000

test('Once the clock is turned and all has settled, the trail tells of a deleted key, at the moment it was due', async () => {
  const key = await journey.createKey()
  const { DeletionDate } = await journey.kms.send(
    new ScheduleKeyDeletionCommand({ KeyId: key, PendingWindowInDays: 7 }),
  )
  journey.turn(8 * day)
  await journey.settle()
  const deletions = (await journey.records()).filter(({ eventName }) => eventName === 'DeleteKey')
  expect(deletions).toHaveLength(1)
  const due = Math.floor((DeletionDate?.getTime() ?? 0) / 1000) * 1000
  expect(Date.parse(deletions[0]?.eventTime ?? '')).toBe(due)
})
