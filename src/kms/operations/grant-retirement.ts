import { required, string, structure } from '../../protocol/shapes.ts'
import { invalidGrantId, kmsErrors } from '../errors.ts'
import { deleteGrant, findGrant, type GrantRecord } from '../grants/grant-store.ts'
import { readGrantToken } from '../grants/grant-tokens.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import { findKey } from '../keys/key-store.ts'
import { type KeyDemand, type KmsCall, kmsOperation } from '../operation.ts'
import { DryRun, GrantId, KeyId } from '../shapes.ts'

export const RetireGrant = kmsOperation({
  name: 'RetireGrant',
  differs: 'It counts at once.',
  input: structure({ GrantToken: string({ min: 1, max: 8192 }), KeyId, GrantId, DryRun }),
  readOnly: false,
  keys: (input, call) => [demandOfRetired(input, call)],
  permission: 'grant',
  alsoAsks(call, { input, targets: [{ key }] }) {
    const retires = retiredGrant(call, input, key)
    const { EncryptionContextEquals, EncryptionContextSubset } = retires.constraints ?? {}
    const encryptionContext = { ...EncryptionContextEquals, ...EncryptionContextSubset }
    return [{ action: 'kms:RetireGrant', resource: arnOf(key), key, encryptionContext, retires }]
  },
  changesKeys: true,
  audit: { request: ['KeyId', 'GrantId'] },
  handle(call, { input, targets: [{ key }] }) {
    const grant = retiredGrant(call, input, key)
    deleteGrant(call.transaction, grant)
    return { additionalEventData: { grantId: grant.grantId } }
  },
})

export const RevokeGrant = kmsOperation({
  name: 'RevokeGrant',
  differs: 'It counts at once.',
  input: structure({ KeyId: required(KeyId), GrantId: required(GrantId), DryRun }),
  readOnly: false,
  keys: (input) => [{ identifier: input.KeyId }],
  changesKeys: true,
  audit: { request: ['KeyId', 'GrantId'] },
  handle({ transaction }, { input: { GrantId: grantId }, targets: [{ key }] }) {
    const grant = findGrant(transaction, { ...key, grantId })
    if (!grant) throw invalidGrantId()
    deleteGrant(transaction, grant)
    return undefined
  },
})

interface RetireInput {
  GrantToken?: string
  KeyId?: string
  GrantId?: string
}

function demandOfRetired({ GrantToken, KeyId: identifier, GrantId: grantId }: RetireInput, call: KmsCall): KeyDemand {
  if (GrantToken === undefined) {
    if (identifier !== undefined && grantId !== undefined) return { identifier }
    throw kmsErrors.ValidationException('Either a grant token or a key ARN and a grant id must be given.')
  }
  const address = readGrantToken(call.services.rootKey, GrantToken)
  const key = address && findKey(call.transaction, call.place.region, address.keyId, call.now)
  if (!key || address.region !== key.region) throw kmsErrors.InvalidGrantTokenException('Invalid grant token.')
  return { identifier: arnOf(key) }
}

/** @throws AwsError InvalidGrantIdException, InvalidGrantTokenException */
function retiredGrant(
  { transaction, services }: KmsCall,
  { GrantToken, GrantId: grantId = '' }: RetireInput,
  key: KeyRecord,
): GrantRecord {
  const address = GrantToken === undefined ? { ...key, grantId } : readGrantToken(services.rootKey, GrantToken)
  const grant = address && findGrant(transaction, address)
  if (grant) return grant
  throw GrantToken === undefined ? invalidGrantId() : kmsErrors.InvalidGrantTokenException('Invalid grant token.')
}
