import { controlRoute } from '../route.ts'

/** An object as it lies in the store. */
export const inspect = controlRoute({
  name: 'inspect',
  method: 'GET',
  path: '/inspect',
  summary:
    'An object as it lies in the store: scheme, KMS key, encrypted data key, encryption context, parts, first bytes of ciphertext, and the calls of KMS about it. Never plaintext or a key.',
  guard: 'machine',
  parameters: {
    uri: { in: 'query', type: 'string', summary: '`s3://bucket/key`, or `s3://bucket/key?versionId=…`.' },
  },
  run: (controls, { uri = '' }) => controls.inspect(uri),
})
