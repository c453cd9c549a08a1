import { structure } from '../../protocol/shapes.ts'
import { kmsErrors } from '../errors.ts'
import { type KmsOperation, kmsOperation } from '../operation.ts'

/** The rest of the KMS API, by CloudTrail's `readOnly`: known by name, refused, and recorded like any other call. */
const names = {
  true: ['Decapsulate', 'DescribeCustomKeyStores', 'Encapsulate'],
  false: [
    'ConnectCustomKeyStore',
    'CreateCustomKeyStore',
    'DeleteCustomKeyStore',
    'DisconnectCustomKeyStore',
    'UpdateCustomKeyStore',
  ],
} as const

export const unsupportedOperations: readonly KmsOperation[] = [
  ...names.true.map((name) => unsupported(name, true)),
  ...names.false.map((name) => unsupported(name, false)),
]

function unsupported(name: string, readOnly: boolean): KmsOperation {
  return kmsOperation({
    name,
    input: structure({}),
    readOnly,
    audit: { request: [] },
    handle() {
      throw kmsErrors.UnsupportedOperationException(`${name} is not supported by this emulator.`)
    },
  })
}
