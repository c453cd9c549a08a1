import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  day,
  deletionCancelled,
  disabled,
  enabled,
  type KeyRecord,
  materialsOf,
  scheduledForDeletion,
  stateOf,
} from './key.ts'
import { keyAt } from './key-at.ts'

const created = Date.UTC(2026, 0, 1)

const fresh: KeyRecord = {
  keyId: '12345678-1234-1234-1234-123456789012',
  accountId: '111122223333',
  region: 'us-east-1',
  description: '',
  keySpec: 'SYMMETRIC_DEFAULT',
  keyUsage: 'ENCRYPT_DECRYPT',
  origin: 'AWS_KMS',
  keyManager: 'CUSTOMER',
  creationDate: created,
  enabled: true,
  policy: '',
  tags: [],
  currentMaterialId: 'a'.repeat(64),
}

type Change = (key: KeyRecord, now: number) => KeyRecord
const changes: Record<string, Change> = {
  disable: (key) => disabled(key),
  enable: (key, now) => enabled(key, now),
  schedule: (key, now) => (key.deletionDate === undefined ? scheduledForDeletion(key, now, 7) : key),
  cancel: (key) => (key.deletionDate === undefined ? key : deletionCancelled(key)),
  rotateYearly: (key, now) => ({ ...key, rotation: { periodInDays: 365, nextDate: now + 365 * day } }),
  rotateOften: (key, now) => ({ ...key, rotation: { periodInDays: 90, nextDate: now + 90 * day } }),
  stopRotating: (key) => ({ ...key, rotation: undefined }),
  rotateNow: (key, now) => ({ ...key, onDemandRotation: key.onDemandRotation ?? now }),
}
const life = fc.array(fc.tuple(fc.constantFrom(...Object.keys(changes)), fc.integer({ min: 0, max: 200 })), {
  maxLength: 12,
})

/** The key after changes, so many days apart; undefined when it was gone before the last of them. */
function lived(steps: readonly (readonly [string, number])[], look?: (key: KeyRecord, now: number) => KeyRecord) {
  let now = created
  let record = fresh
  for (const [name, days] of steps) {
    now += days * day
    const key = keyAt(record, now)
    if (!key) return undefined
    record = changes[name]?.(key, now) ?? key
    if (look) record = look(record, now)
  }
  return { record, now }
}

test('whoever looks and stores what he saw in between changes nothing of what comes later', () => {
  fc.assert(
    fc.property(life, fc.nat(1000), fc.nat(1000), (steps, first, second) => {
      const outcome = lived(steps)
      if (!outcome) return
      const { record, now } = outcome
      const between = keyAt(record, now + first * day)
      const later = now + (first + second) * day
      expect(between && keyAt(between, later)).toEqual(keyAt(record, later))
    }),
  )
})

test('material is only ever added: what once was the current one stays the key’s', () => {
  fc.assert(
    fc.property(life, (steps) => {
      let known: string[] = []
      lived(steps, (key, now) => {
        const ids = materialsOf(keyAt(key, now) ?? key).map(({ materialId }) => materialId)
        expect(ids.slice(0, known.length)).toEqual(known)
        expect(new Set(ids).size).toBe(ids.length)
        known = ids
        return key
      })
    }),
  )
})

test('a key with nothing due is the very record: looking costs nothing', () => {
  expect(keyAt(fresh, created + 10_000 * day)).toBe(fresh)
})

test('rotations due at once come in the order of their dates', () => {
  const rotation = { periodInDays: 90, nextDate: created + 90 * day }
  const key = keyAt({ ...fresh, rotation, onDemandRotation: created + 100 * day }, created + 200 * day)
  expect(key && materialsOf(key).map(({ rotationType }) => rotationType)).toEqual([
    undefined,
    'AUTOMATIC',
    'ON_DEMAND',
    'AUTOMATIC',
  ])
  expect(key?.currentMaterialId).toBe(key?.materials?.at(-1)?.materialId)
})

test('nothing rotates while the key is disabled, and only once when it is enabled again', () => {
  const rotating = disabled({ ...fresh, rotation: { periodInDays: 90, nextDate: created + 90 * day } })
  const late = created + 1000 * day
  const asleep = keyAt(rotating, late) ?? fresh
  expect(materialsOf(asleep)).toHaveLength(1)
  const awake = keyAt(enabled(asleep, late), late) ?? fresh
  expect(materialsOf(awake)).toHaveLength(2)
  expect(awake.rotation?.nextDate).toBe(late + 90 * day)
})

test('a primary key’s days begin when its last replica is gone', () => {
  const multiRegion = {
    primaryRegion: 'us-east-1',
    replicas: [
      { region: 'eu-west-1', deletionDate: created + 8 * day },
      { region: 'ap-south-1', deletionDate: created + 20 * day },
    ],
  }
  const primary = scheduledForDeletion({ ...fresh, multiRegion }, created, 7)
  const stateAfter = (days: number) => {
    const key = keyAt(primary, created + days * day)
    return key && stateOf(key)
  }
  expect([19, 20, 26, 27].map(stateAfter)).toEqual([
    'PendingReplicaDeletion',
    'PendingDeletion',
    'PendingDeletion',
    undefined,
  ])
})
