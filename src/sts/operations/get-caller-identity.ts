import { structure } from '../../protocol/shapes.ts'
import { stsOperation } from '../operation.ts'

/** Needs no permission on AWS either: whoever can sign may ask who they are. */
export const GetCallerIdentity = stsOperation({
  name: 'GetCallerIdentity',
  input: structure({}),
  openTo: 'everybody',
  handle: ({ caller }) => ({ Arn: caller.arn, UserId: caller.principalId, Account: caller.accountId }),
})
