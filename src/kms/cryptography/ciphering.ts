import type { EncryptionContext } from '../client.ts'
import { kmsErrors } from '../errors.ts'
import type { KeyRecord } from '../keys/key.ts'
import { type BlobHeader, type BlobPurpose, openBlob, parseBlob, sealBlob } from '../material/ciphertext-blob.ts'
import { canonicalContext } from '../material/encryption-context.ts'
import { decryptRsa, encryptRsa, isRsaEncryption, longestPlaintext } from '../material/private-keys.ts'
import type { KmsCall } from '../operation.ts'
import { materialOf, requireAlgorithm } from './key-use.ts'

/*
 * Encryption under a KMS key, whatever its kind: symmetric keys make a CiphertextBlob that names key and material, RSA keys
 * bare RSAES-OAEP, which names nothing: to decrypt it one has to say the key and the algorithm.
 */

export const symmetric = 'SYMMETRIC_DEFAULT'

/** What a call encrypts or decrypts. */
export interface Ciphering {
  key: KeyRecord
  algorithm: string
  bytes: Buffer
  context?: EncryptionContext
}

/** What a call decrypts. */
export interface Deciphering extends Ciphering {
  /** Of a symmetric ciphertext; it names the key. */
  header?: BlobHeader
}

/** An outcome; asymmetric keys have no material id. */
export interface Ciphered {
  bytes: Buffer
  materialId?: string
}

/** @throws AwsError InvalidKeyUsageException, ValidationException */
export function encrypt(call: KmsCall, { key, algorithm, bytes, context }: Ciphering): Ciphered {
  requireAlgorithm(key, algorithm)
  if (!isRsaEncryption(algorithm)) return seal(call, key, 'Encrypt', bytes, context)
  refuseContext(context)
  const longest = longestPlaintext(key.keySpec, algorithm)
  if (bytes.length > longest) {
    throw kmsErrors.ValidationException(
      `Algorithm ${algorithm} and key spec ${key.keySpec} cannot encrypt data larger than ${longest} bytes.`,
    )
  }
  return { bytes: encryptRsa(materialOf(call, key), algorithm, bytes) }
}

/** @throws AwsError InvalidKeyUsageException, InvalidCiphertextException */
export function decrypt(call: KmsCall, { key, algorithm, header, bytes, context }: Deciphering): Ciphered {
  requireAlgorithm(key, algorithm)
  if (header) return open(call, key, header, bytes, context)
  if (!isRsaEncryption(algorithm)) throw kmsErrors.InvalidCiphertextException()
  refuseContext(context)
  const plaintext = decryptRsa(materialOf(call, key), algorithm, bytes)
  if (!plaintext) throw kmsErrors.InvalidCiphertextException()
  return { bytes: plaintext }
}

/** Seals bytes under the key's current material. Precondition: the key is symmetric and enabled. */
export function seal(
  call: KmsCall,
  key: KeyRecord,
  purpose: BlobPurpose,
  plaintext: Uint8Array,
  context?: EncryptionContext,
): Required<Ciphered> {
  const materialId = key.currentMaterialId
  const material = materialId && call.services.materials.open(call.transaction, key, materialId)
  if (!materialId || !material) throw new Error(`The key ${key.keyId} has no material`)
  const header = { keyId: key.keyId, materialId }
  const salt = call.services.ambient.randomBytes(32)
  return { bytes: sealBlob(purpose, header, material, salt, plaintext, canonicalContext(context)), materialId }
}

/** Opens a blob of the key. Precondition: its header names this key. */
function open(call: KmsCall, key: KeyRecord, header: BlobHeader, blob: Buffer, context?: EncryptionContext): Ciphered {
  const material = call.services.materials.open(call.transaction, key, header.materialId)
  const plaintext = material && openBlob(blob, material, canonicalContext(context))
  if (!plaintext) throw kmsErrors.InvalidCiphertextException()
  return { bytes: plaintext, materialId: header.materialId }
}

/**
 * What a ciphertext says of itself. Those of other algorithms than the symmetric one name no key.
 * @throws AwsError InvalidCiphertextException
 */
export function readHeader(blob: Buffer, algorithm: string): BlobHeader | undefined {
  if (algorithm !== symmetric) return undefined
  const header = parseBlob(blob)
  if (!header) throw kmsErrors.InvalidCiphertextException()
  return header
}

/** The materials used, as the event shows them. Asymmetric keys have one material for ever: it has no id. */
export function materialIds(ids: Record<string, string | undefined>): Record<string, string> | undefined {
  let known: Record<string, string> | undefined
  for (const name in ids) {
    const id = ids[name]
    if (id === undefined) continue
    known ??= {}
    known[name] = id
  }
  return known
}

/** Only symmetric encryption binds a context (Encrypt's API reference; AWS's words for the refusal are not known). */
function refuseContext(context: EncryptionContext | undefined): void {
  if (!context || Object.keys(context).length === 0) return
  throw kmsErrors.ValidationException('An encryption context is valid only with a symmetric encryption KMS key.')
}
