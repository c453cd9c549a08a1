import { structure } from '../../protocol/shapes.ts'
import { refuseRecipient } from '../cryptography/key-use.ts'
import { kmsErrors } from '../errors.ts'
import { kmsOperation } from '../operation.ts'
import { CustomKeyStoreId, NumberOfBytes, Recipient } from '../shapes.ts'

export const GenerateRandom = kmsOperation({
  name: 'GenerateRandom',
  input: structure({ NumberOfBytes, CustomKeyStoreId, Recipient }),
  readOnly: true,
  differs: 'Recipient and custom key stores are refused.',
  check(input) {
    if (input.NumberOfBytes === undefined) throw kmsErrors.ValidationException('NumberOfBytes is required.')
    if (input.CustomKeyStoreId) throw kmsErrors.UnsupportedOperationException('Custom key stores are not supported.')
    refuseRecipient(input.Recipient)
  },
  audit: { request: ['NumberOfBytes'] },
  handle: ({ services }, { input }) => ({
    output: { Plaintext: services.ambient.randomBytes(input.NumberOfBytes ?? 0) },
  }),
})
