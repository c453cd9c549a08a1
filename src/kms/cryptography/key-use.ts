import { kmsErrors } from '../errors.ts'
import type { KeyRecord } from '../keys/key.ts'
import { keySpecs } from '../keys/key-specs.ts'
import type { KmsCall } from '../operation.ts'

/** @throws AwsError InvalidKeyUsageException when key and algorithm do not go together (evidence: kms-key-usage) */
export function requireAlgorithm(key: KeyRecord, algorithm: string): void {
  const algorithms = keySpecs[key.keySpec].algorithms[key.keyUsage] ?? []
  if (algorithms.includes(algorithm)) return
  throw kmsErrors.InvalidKeyUsageException(`Algorithm ${algorithm} is incompatible with key spec ${key.keySpec}.`)
}

/** The key's current material. Keys that a fixture only declared have none. */
export function materialOf(call: KmsCall, key: KeyRecord): Buffer {
  const { currentMaterialId } = key
  const material = currentMaterialId && call.services.materials.open(call.transaction, key, currentMaterialId)
  if (material) return material
  throw kmsErrors.UnsupportedOperationException(
    `A key of the key spec ${key.keySpec} has material here only with the option --asymmetric-keys.`,
  )
}

/** Attested enclaves cannot be told from others here, so nothing is encrypted to one. */
export function refuseRecipient(recipient: object | undefined): void {
  if (!recipient) return
  throw kmsErrors.UnsupportedOperationException('Recipient is not supported: there is no Nitro attestation.')
}
