import { faultError, integer, required, structure, tooHigh, tooLow } from '../../protocol/shapes.ts'
import { notPendingDeletion } from '../key-state.ts'
import { arnOf, deletionCancelled, optionalSeconds, scheduledForDeletion, stateOf } from '../keys/key.ts'
import { putKey } from '../keys/key-store.ts'
import { kmsOperation } from '../operation.ts'
import { KeyId } from '../shapes.ts'

const window = { min: 7, max: 30 } as const

export const ScheduleKeyDeletion = kmsOperation({
  name: 'ScheduleKeyDeletion',
  input: structure({ KeyId: required(KeyId), PendingWindowInDays: integer({ min: 1, max: 365 }) }),
  readOnly: false,
  // The model says 1 to 365; the service takes 7 to 30 (API reference).
  check({ PendingWindowInDays: days = window.max }) {
    if (days < window.min) throw faultError([tooLow(days, window.min, ['PendingWindowInDays'])])
    if (days > window.max) throw faultError([tooHigh(days, window.max, ['PendingWindowInDays'])])
  },
  keys: (input) => [{ identifier: input.KeyId }],
  conditionKeys: ({ PendingWindowInDays: days = window.max }) => ({
    'kms:ScheduleKeyDeletionPendingWindowInDays': days,
  }),
  changesKeys: true,
  usableIn: notPendingDeletion,
  audit: { request: ['KeyId', 'PendingWindowInDays'], response: ['KeyId', 'KeyState', 'DeletionDate'] },
  handle({ transaction, now }, { input: { PendingWindowInDays = window.max }, targets: [target] }) {
    const key = scheduledForDeletion(target.key, now, PendingWindowInDays)
    putKey(transaction, key)
    const DeletionDate = optionalSeconds(key.deletionDate)
    return { output: { KeyId: arnOf(key), DeletionDate, KeyState: stateOf(key), PendingWindowInDays } }
  },
})

export const CancelKeyDeletion = kmsOperation({
  name: 'CancelKeyDeletion',
  input: structure({ KeyId: required(KeyId) }),
  readOnly: false,
  keys: (input) => [{ identifier: input.KeyId }],
  changesKeys: true,
  usableIn: ['PendingDeletion', 'PendingReplicaDeletion'],
  audit: { request: ['KeyId'], response: ['KeyId'] },
  handle({ transaction }, { targets: [{ key }] }) {
    putKey(transaction, deletionCancelled(key))
    return { output: { KeyId: arnOf(key) } }
  },
})
