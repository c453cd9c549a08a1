import { CreateKeyCommand, DescribeKeyCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms'
import { expect } from '@jest/globals'
import { failureOf, type Journey } from '../../emulator.ts'
import { refusalOf, type Story } from '../lab.ts'

const day = 86_400_000

export const clockStories: Story[] = [
  {
    name: 'A key that is deleted in seven days is gone after eight, and its end stands in the trail at its own moment',
    async tell({ lab, journey }) {
      const KeyId = await journey.createKey()
      const deletion = new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })
      const { DeletionDate } = await journey.kms.send(deletion)
      expect(await lab.clock.advance('8d')).toMatchObject({ isStanding: false, ahead: 8 * day })
      expect(await lab.clock.show()).toMatchObject({ isStanding: false, ahead: 8 * day })
      const { code } = await failureOf(journey.kms.send(new DescribeKeyCommand({ KeyId })))
      expect(code).toBe('NotFoundException')
      const gone = (await journey.records()).filter(({ eventName }) => eventName === 'DeleteKey')
      const moment = `${DeletionDate?.toISOString().slice(0, 19)}Z`
      expect(gone).toMatchObject([{ eventTime: moment, resources: [{ ARN: KeyId }] }])
    },
  },
  {
    name: 'While the clock stands all has one time, and it goes on from there',
    async tell({ lab, journey }) {
      const { time, isStanding } = await lab.clock.freeze()
      expect(isStanding).toBe(true)
      const first = await created(journey)
      await nextMillisecond()
      expect([first, await created(journey)]).toEqual([time, time])
      expect(await lab.clock.run()).toMatchObject({ isStanding: false })
      await nextMillisecond()
      expect(Date.parse(await created(journey))).toBeGreaterThan(Date.parse(time))
    },
  },
  {
    name: 'The clock is set to a moment, and not to one before what has happened',
    async tell({ lab, journey }) {
      expect((await lab.clock.set('2099-06-01T00:00:00Z')).time).toMatch(/^2099-06-01T00:00:0/)
      expect(await created(journey)).toMatch(/^2099-06-01/)
      expect(await refusalOf(lab.clock.set('2099-05-31T00:00:00Z'))).toBe(
        'The clock does not go back where something has happened: reset the emulator first, or load a snapshot of before',
      )
      expect(await refusalOf(lab.clock.advance('soon'))).toBe(
        "'soon' is no duration: 30d, 12h, 1d12h30m, 90s, 250ms; w are weeks",
      )
    },
  },
]

/** When a key was created that is created now. */
async function created({ kms }: Journey): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  return KeyMetadata?.CreationDate?.toISOString() ?? ''
}

async function nextMillisecond(): Promise<void> {
  const begun = Date.now()
  while (Date.now() === begun) await new Promise((resolve) => setImmediate(resolve))
}
