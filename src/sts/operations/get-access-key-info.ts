import { accountOfAccessKey } from '../../identity/access-key-id.ts'
import { required, string, structure } from '../../protocol/shapes.ts'
import { stsErrors } from '../errors.ts'
import { stsOperation } from '../operation.ts'
import { requirePermission } from './get-federation-token.ts'

export const GetAccessKeyInfo = stsOperation({
  name: 'GetAccessKeyInfo',
  input: structure({ AccessKeyId: required(string({ min: 16, max: 128, pattern: '^[\\w]*$' })) }),
  openTo: 'session tokens',
  handle(call, { AccessKeyId }) {
    requirePermission(call, 'sts:GetAccessKeyInfo', '*')
    // Whose a key is tells the key itself, whether it is there or not; ids of fixture files are what they are.
    const { principals } = call.services
    const declared = principals.accountOf(AccessKeyId)
    const Account = declared ?? accountOfAccessKey(AccessKeyId)
    if (Account === undefined) throw stsErrors.ValidationError(`Invalid access key: ${AccessKeyId}`)
    return { Account }
  },
})
