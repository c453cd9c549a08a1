import { beforeAll, expect, test } from '@jest/globals'
import { trails } from '../../cloudtrail/records/kinds.ts'
import { eventSpans } from '../../trail/event-index.ts'
import { undeliveredEvents } from '../../trail/recorders.ts'
import { events } from '../../trail/stored-event.ts'
import { type DamageRow, type SoundStore, soundStore, toldOf } from './sound-store.fixture.ts'
import type { Damage } from './verify.fixture.ts'

/* A store that is damaged in one way, and what is told of it: that, and nothing else. */

let sound: SoundStore

beforeAll(async () => {
  sound = await soundStore()
})

const account = '000000000000'
const region = 'us-east-1'

const rows: DamageRow[] = [
  {
    name: 'a key that no event tells of',
    damage: (damage) => dropMaking(damage, sound.keyId),
    told: [/^trail arn:aws:kms:us-east-1:000000000000:key\/.*: no event says that it was made/],
  },
  {
    name: 'a multi-Region key that no event tells of',
    damage: (damage) => dropMaking(damage, sound.multiRegionKeyId),
    told: [/^trail arn:aws:kms:us-east-1:000000000000:key\/mrk-.*: no event says that it was made/],
  },
  {
    name: 'an event that is not found by its name',
    async damage(damage) {
      const [entry] = (await damage.all(eventSpans)).filter(
        ([, , key, value]) => key === 'EventName' && value === 'CreateAlias',
      )
      if (entry) await damage.drop(eventSpans, entry)
    },
    told: [/^trail [0-9a-f-]{36}: is not found by its EventName/],
  },
  {
    name: 'an entry of the index that leads nowhere',
    damage: (damage) =>
      damage.put(
        eventSpans,
        [
          account,
          region,
          'EventName',
          'Nothing',
          Math.floor(Number.MAX_SAFE_INTEGER / 32) - Math.floor(Date.UTC(2026, 10, 30) / 32),
        ],
        0,
      ),
    told: [/^trail 000000000000 us-east-1: 1 entries of the index lead to no event/],
  },
  {
    name: 'an event that waits for a trail’s file, and is missing',
    async damage(damage) {
      const [waiting] = await damage.all(undeliveredEvents)
      if (!waiting) throw new Error('None waits')
      const [id, own, inRegion, sequence] = waiting
      await damage.put(undeliveredEvents, [id, own, inRegion, sequence + 1000], damage.get(undeliveredEvents, waiting))
    },
    told: [
      /^trail undelivered .*: waits for the files of arn:aws:cloudtrail:.*trail\/trail, and there is no such event/,
    ],
  },
  {
    name: 'a trail under another name',
    damage: (damage) => damage.amend(trails, [account, region, 'trail'], (trail) => ({ ...trail, name: 'other' })),
    told: [/^record arn:aws:cloudtrail:.*trail\/other: is the record of another trail/],
  },
]

/** Takes the event away by which a key was made. */
async function dropMaking(damage: Damage, keyId: string): Promise<void> {
  for (const key of await damage.all(events)) {
    const [, , name, , , , , , , , , resources] = damage.get(events, key)
    const isIt = name === 'CreateKey' && resources?.some(({ ARN }) => ARN.includes(`us-east-1:${account}:key/${keyId}`))
    if (isIt) await damage.drop(events, key)
  }
}

test.each(rows.map((row) => [row.name, row] as const))('%s is told', async (_, row) => {
  const told = await toldOf(sound, row)
  for (const pattern of row.told) expect(told).toContainEqual(expect.stringMatching(pattern))
  expect(told.filter((line) => !row.told.some((pattern) => pattern.test(line)))).toEqual([])
})
