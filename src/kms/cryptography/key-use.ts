import { kmsErrors } from '../errors.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import { keySpecs } from '../keys/key-specs.ts'
import type { KmsCall } from '../operation.ts'

/** @throws AwsError InvalidKeyUsageException when key and algorithm do not go together (evidence: kms-key-usage) */
export function requireAlgorithm(key: KeyRecord, algorithm: string): void {
  const algorithms = keySpecs[key.keySpec].algorithms[key.keyUsage] ?? []
  if (algorithms.includes(algorithm)) return
  throw kmsErrors.InvalidKeyUsageException(`Algorithm ${algorithm} is incompatible with key spec ${key.keySpec}.`)
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
