import { kmsErrors } from '../errors.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import { type KeySpec, keySpecs, materialLengths } from '../keys/key-specs.ts'
import { hasKeyPair } from '../material/private-keys.ts'
import type { KmsCall } from '../operation.ts'

/** @throws AwsError InvalidKeyUsageException when key and algorithm do not go together (evidence: kms-key-usage) */
export function requireAlgorithm(key: KeyRecord, algorithm: string): void {
  const algorithms = keySpecs[key.keySpec].algorithms[key.keyUsage] ?? []
  if (algorithms.includes(algorithm)) return
  throw kmsErrors.InvalidKeyUsageException(`Algorithm ${algorithm} is incompatible with key spec ${key.keySpec}.`)
}

/**
 * Whether keys of the key spec can be made here, or be given material.
 * @throws AwsError UnsupportedOperationException
 */
export function requireOffered({ asymmetricKeys }: KmsCall['services'], keySpec: KeySpec): void {
  const hasPair = hasKeyPair(keySpec)
  if (materialLengths[keySpec] !== undefined || (asymmetricKeys && hasPair)) return
  const offered = 'only symmetric encryption keys (SYMMETRIC_DEFAULT) and HMAC keys can be created'
  const option = hasPair ? ', unless the emulator is started with --asymmetric-keys' : ''
  const why = asymmetricKeys ? 'no key of this key spec can be made here' : `${offered}${option}`
  throw kmsErrors.UnsupportedOperationException(`KeySpec ${keySpec} is not supported: ${why}.`)
}

/** The refusal of a data key under an RSA key: not in the words for another key usage (evidence: kms-data-key-asymmetric). */
export const noDataKey = 'You cannot generate a data key with an asymmetric CMK'

/** The key's current material. Keys that a fixture only declared have none. */
export function materialOf(call: KmsCall, key: KeyRecord): Buffer {
  const { currentMaterialId } = key
  const material = currentMaterialId && call.services.materials.open(call.transaction, key, currentMaterialId)
  if (material) return material
  const why = call.services.asymmetricKeys
    ? 'it was declared while the emulator ran without the option --asymmetric-keys, or no such key can be made here'
    : 'a key of this key spec has it here only with the option --asymmetric-keys'
  throw kmsErrors.UnsupportedOperationException(`${arnOf(key)} (${key.keySpec}) has no key material: ${why}.`)
}

/** Attestation documents cannot be verified here, so nothing is encrypted to an enclave. */
export function refuseRecipient(recipient: object | undefined): void {
  if (!recipient) return
  throw kmsErrors.UnsupportedOperationException('Recipient is not supported: there is no Nitro attestation.')
}
