import { expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { AwsError } from '../../aws/errors.ts'
import { isToBeSwept } from '../chores/key-sweep.ts'
import { openKms } from '../kms.fixture.ts'
import { keyAt, nextChange } from './key-at.ts'
import { keyRecords, storedKeys } from './key-store.ts'

const day = 24 * 3600 * 1000
type Kms = Awaited<ReturnType<typeof openKms>>

/** By a walk over all keys. */
async function nextByWalk({ database, ambient }: Kms): Promise<number | undefined> {
  const now = ambient.now()
  const moments: number[] = []
  for await (const record of storedKeys(database)) {
    const key = keyAt(record, now)
    if (key) moments.push(nextChange(key))
  }
  const next = Math.min(...moments)
  return Number.isFinite(next) ? next : undefined
}

/** Which keys a sweep would still have to do with; EXTERNAL ones are always looked at. */
async function leftToSweep({ database, ambient }: Kms): Promise<string[]> {
  const left: string[] = []
  for await (const record of storedKeys(database)) {
    if (record.origin === 'EXTERNAL' || record.multiRegion) continue
    if (isToBeSwept(record, keyAt(record, ambient.now()))) left.push(record.keyId)
  }
  return left
}

test('However often something falls due, all keys are walked through once', async () => {
  const kms = await openKms()
  const { call, createKey, ambient, database, service } = kms
  for (let count = 0; count < 5; count++) {
    const { id } = await createKey()
    await call('EnableKeyRotation', { KeyId: id, RotationPeriodInDays: 90 + count })
  }
  const cursor = jest.spyOn(database, 'cursor')
  for (let count = 0; count < 20; count++) {
    await service.sweep()
    ambient.turn(((await service.nextDue(ambient.now())) ?? 0) - ambient.now())
  }
  expect(cursor.mock.calls.filter(([kind]) => kind === keyRecords)).toHaveLength(1)
})

test('A key of S3’s own that is first used on the way rotates after its year', async () => {
  const { call, ambient, service } = await openKms()
  expect(await service.nextDue(ambient.now())).toBeUndefined()
  const made = ambient.now()
  await call('GenerateDataKey', { KeyId: 'alias/aws/s3', KeySpec: 'AES_256' }, { via: 's3' })
  expect(await service.nextDue(ambient.now())).toBe(made + 365 * day)
})

type Step = { does: string; which: number; days: number }

const steps: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom(
    'create',
    'rotate',
    'rotate no more',
    'rotate now',
    'delete',
    'keep',
    'disable',
    'enable',
    'replicate',
    'delete the replica',
    'sweep',
    'turn',
    'pass to what is due',
  ),
  which: fc.nat({ max: 3 }),
  days: fc.integer({ min: 7, max: 30 }),
})

class History {
  readonly ids: string[] = []
  readonly #kms: Kms

  constructor(kms: Kms) {
    this.#kms = kms
  }

  async take({ does, which, days }: Step): Promise<void> {
    const { call, createKey, ambient, service } = this.#kms
    const KeyId = this.ids[which % Math.max(1, this.ids.length)]
    const away = { region: 'eu-west-1' }
    const ways: Record<string, () => Promise<unknown> | undefined> = {
      create: async () => this.ids.push((await createKey({ MultiRegion: which % 2 === 1 })).id),
      rotate: () => call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 90 + days }),
      'rotate no more': () => call('DisableKeyRotation', { KeyId }),
      'rotate now': () => call('RotateKeyOnDemand', { KeyId }),
      delete: () => call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: days }),
      keep: () => call('CancelKeyDeletion', { KeyId }),
      disable: () => call('DisableKey', { KeyId }),
      enable: () => call('EnableKey', { KeyId }),
      replicate: () => call('ReplicateKey', { KeyId, ReplicaRegion: away.region }),
      'delete the replica': () => call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: days }, away),
      sweep: () => service.sweep(),
      turn: async () => ambient.turn(days * day),
      'pass to what is due': async () => {
        const next = await service.nextDue(ambient.now())
        if (next !== undefined) ambient.turn(next - ambient.now())
        await service.sweep()
        expect(await leftToSweep(this.#kms)).toEqual([])
      },
    }
    await ways[does]?.()?.catch((error) => {
      if (!(error instanceof AwsError)) throw error
    })
  }
}

test('What falls due next is what a walk over all keys finds, whatever became of them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (history) => {
      const kms = await openKms()
      const keys = new History(kms)
      await keys.take({ does: 'create', which: 0, days: 7 })
      await keys.take({ does: 'create', which: 1, days: 7 })
      for (const step of history) {
        await keys.take(step)
        expect(await kms.service.nextDue(kms.ambient.now())).toBe(await nextByWalk(kms))
      }
    }),
    { numRuns: 60 },
  )
})
