import { boolean, required, structure } from '../../protocol/shapes.ts'
import { refuseLockout } from '../calls/permission.ts'
import { kmsErrors } from '../errors.ts'
import { checkPolicyDocument } from '../keys/key-policy.ts'
import { putKey } from '../keys/key-store.ts'
import { type KmsOperation, kmsOperation } from '../operation.ts'
import { pageOf, positionOfMarker } from '../pages.ts'
import { KeyId, Limit, Marker, Policy, PolicyName } from '../shapes.ts'

/** The only policy a key has. */
const onlyPolicy = 'default'

export const GetKeyPolicy = kmsOperation({
  name: 'GetKeyPolicy',
  input: structure({ KeyId: required(KeyId), PolicyName }),
  readOnly: true,
  keys: (input) => [{ identifier: input.KeyId }],
  audit: { request: ['KeyId', 'PolicyName'] },
  handle(_call, { input, targets: [{ key }] }) {
    requireOnlyPolicy(input.PolicyName)
    return { output: { Policy: key.policy, PolicyName: onlyPolicy } }
  },
})

export const PutKeyPolicy: KmsOperation = kmsOperation({
  name: 'PutKeyPolicy',
  differs: 'It counts at once. The principals it names need not exist.',
  input: structure({
    KeyId: required(KeyId),
    PolicyName,
    Policy: required(Policy),
    BypassPolicyLockoutSafetyCheck: boolean(),
  }),
  readOnly: false,
  check: (input) => checkPolicyDocument(input.Policy),
  keys: (input) => [{ identifier: input.KeyId }],
  conditionKeys: ({ BypassPolicyLockoutSafetyCheck: bypasses = false }) => ({
    'kms:BypassPolicyLockoutSafetyCheck': bypasses,
  }),
  changesKeys: true,
  audit: { request: ['KeyId', 'PolicyName', 'Policy', 'BypassPolicyLockoutSafetyCheck'] },
  handle(call, { input, targets: [{ key }] }) {
    requireOnlyPolicy(input.PolicyName)
    refuseLockout(PutKeyPolicy, call, input, key)
    putKey(call.transaction, { ...key, policy: input.Policy })
    return undefined
  },
})

export const ListKeyPolicies = kmsOperation({
  name: 'ListKeyPolicies',
  input: structure({ KeyId: required(KeyId), Limit, Marker }),
  readOnly: true,
  keys: (input) => [{ identifier: input.KeyId }],
  audit: { request: ['KeyId', 'Limit', 'Marker'] },
  async handle(_call, { input }) {
    const names = positionOfMarker(input.Marker) === undefined ? [onlyPolicy] : []
    const { rows, ...paging } = await pageOf(names, input.Limit ?? 100, (name) => name)
    return { output: { PolicyNames: rows, ...paging } }
  },
})

function requireOnlyPolicy(name: string = onlyPolicy): void {
  if (name !== onlyPolicy) throw kmsErrors.NotFoundException('No such policy exists')
}
