import { required, structure } from '../../protocol/shapes.ts'
import { disabled, enabled } from '../keys/key.ts'
import { putKey } from '../keys/key-store.ts'
import { kmsOperation } from '../operation.ts'
import { KeyId } from '../shapes.ts'

export const EnableKey = kmsOperation({
  name: 'EnableKey',
  input: structure({ KeyId: required(KeyId) }),
  readOnly: false,
  keys: (input) => [{ identifier: input.KeyId }],
  changesKeys: true,
  usableIn: ['Enabled', 'Disabled', 'Unavailable'],
  audit: { request: ['KeyId'] },
  handle({ transaction, now }, { targets: [{ key }] }) {
    putKey(transaction, enabled(key, now))
    return undefined
  },
})

export const DisableKey = kmsOperation({
  name: 'DisableKey',
  input: structure({ KeyId: required(KeyId) }),
  readOnly: false,
  keys: (input) => [{ identifier: input.KeyId }],
  changesKeys: true,
  usableIn: ['Enabled', 'Disabled', 'Unavailable'],
  audit: { request: ['KeyId'] },
  handle({ transaction }, { targets: [{ key }] }) {
    putKey(transaction, disabled(key))
    return undefined
  },
})
