import { controlRoute } from '../route.ts'
import { wholeNumber } from '../whole-number.ts'

/** An object as it lies in the store. */
export const inspect = controlRoute({
  name: 'inspect',
  method: 'GET',
  path: '/inspect',
  summary:
    'An object as it lies in the store: scheme, KMS key, encrypted data key, encryption context, parts, first bytes of ciphertext, and the calls of KMS about it. Never plaintext or a key.',
  guard: 'machine',
  parameters: {
    uri: {
      in: 'query',
      type: 'string',
      required: true,
      summary: '`s3://bucket/key`, or `s3://bucket/key?versionId=…`.',
    },
    limit: {
      in: 'query',
      type: 'string',
      summary:
        'How many calls are shown, the newest ones: 1 to 1,000; 20 where it is not named. `callCount` says how many there are.',
    },
  },
  run: (controls, { uri, limit }) => controls.inspect(uri, { limit: wholeNumber('limit', limit, 1, 1000) }),
})
