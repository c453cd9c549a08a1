import { required, string, structure } from '../../protocol/shapes.ts'
import { stsErrors } from '../errors.ts'
import { stsOperation } from '../operation.ts'
import { requirePermission } from './get-federation-token.ts'

/** Neither S3 nor KMS encodes what it says of a refusal, on AWS neither: no message that comes here was given out. */
export const DecodeAuthorizationMessage = stsOperation({
  name: 'DecodeAuthorizationMessage',
  input: structure({ EncodedMessage: required(string({ min: 1, max: 10_240 })) }),
  openTo: 'session tokens',
  handle(call) {
    requirePermission(call, 'sts:DecodeAuthorizationMessage', '*')
    throw stsErrors.InvalidAuthorizationMessageException('The authorization message is invalid.')
  },
})
