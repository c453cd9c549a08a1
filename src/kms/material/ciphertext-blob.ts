import { createCipheriv, createDecipheriv, hash, timingSafeEqual } from 'node:crypto'
import { hmac } from '../../crypto/hmac.ts'
import { remembering } from '../../protocol/remembered.ts'

/*
 * A CiphertextBlob of a symmetric key. Like AWS's it is opaque, names its key material, is 152 bytes longer than the plaintext, and
 * begins in base64 with AQICAH… (Encrypt) or AQIDAH… (data keys) (evidence: kms-ciphertext-form).
 *
 *   01 02 02|03 00 78 │ material id 32 │ 01 │ id form 1 │ key id 16 │ salt 32 │ commitment 32 │ 00 │ checksum 16 │ sealed n │ tag 16
 *
 * Per call: HKDF-Expand with SHA-512 (RFC 5869; material is uniform, so nothing is to be extracted) over label ‖ salt
 * gives an AES-256-GCM key and a commitment to it, so the nonce can be zero and no second key opens the same bytes.
 * AAD = everything before `sealed`, then the canonical encryption context. Not the ARN: replicas of a multi-Region key
 * share id and material and must open each other's blobs. The checksum (SHA-256 of what is before it, cut) is no
 * protection: it distinguishes a blob of ours that names an unknown key from bytes that are no blob.
 */

export type BlobPurpose = 'Encrypt' | 'DataKey'

/** What a blob says of itself before any key is touched. */
export interface BlobHeader {
  keyId: string
  /** 64 hex digits */
  materialId: string
}

/** Bytes a blob is longer than its plaintext; AWS's figure. */
export const overhead = 152

const tagLength = 16
const checksumLength = 16
const headerLength = overhead - tagLength
const offsets = { materialId: 5, format: 37, idForm: 38, keyId: 39, salt: 55, commitment: 87, checksum: 120 } as const
const format = 1
const purposeBytes: Record<BlobPurpose, number> = { Encrypt: 2, DataKey: 3 }
const zeroNonce = Buffer.alloc(12)
const firstBlock = Buffer.of(1)
const derivation = Buffer.from('s3kms-emu/ciphertext-blob/1')

/**
 * Seals a plaintext.
 * @param salt 32 fresh random bytes. Precondition: never used before with this material
 * @param context in canonical form
 */
export function sealBlob(
  purpose: BlobPurpose,
  { keyId, materialId }: BlobHeader,
  material: Uint8Array,
  salt: Uint8Array,
  plaintext: Uint8Array,
  context: Uint8Array,
): Buffer {
  const { key, commitment } = deriveKey(material, salt)
  const blob = Buffer.allocUnsafe(plaintext.length + overhead)
  blob.set(rememberedHead(`${purpose} ${keyId} ${materialId}`, () => headOf(purpose, { keyId, materialId })))
  blob.set(salt, offsets.salt)
  blob.set(commitment, offsets.commitment)
  blob[offsets.checksum - 1] = 0
  blob.write(checksumOf(blob), offsets.checksum, checksumLength, 'latin1')
  const cipher = createCipheriv('aes-256-gcm', key, zeroNonce)
  cipher.setAAD(Buffer.concat([blob.subarray(0, headerLength), context]))
  blob.set(cipher.update(plaintext), headerLength)
  cipher.final()
  blob.set(cipher.getAuthTag(), blob.length - tagLength)
  return blob
}

/** @returns undefined when the bytes are no blob of ours, or changed in what they say of themselves */
export function parseBlob(blob: Buffer): BlobHeader | undefined {
  if (blob.length < overhead || blob[offsets.format] !== format) return undefined
  if (checksumOf(blob) !== blob.toString('latin1', offsets.checksum, headerLength)) return undefined
  return { keyId: readKeyId(blob), materialId: blob.toString('hex', offsets.materialId, offsets.format) }
}

/**
 * Opens a blob whose header was parsed.
 * @returns undefined when it was changed, or sealed under another context or material
 */
export function openBlob(blob: Buffer, material: Uint8Array, context: Uint8Array): Buffer | undefined {
  const salt = blob.subarray(offsets.salt, offsets.commitment)
  const { key, commitment } = deriveKey(material, salt)
  if (!timingSafeEqual(commitment, blob.subarray(offsets.commitment, offsets.commitment + 32))) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, zeroNonce, { authTagLength: tagLength })
  decipher.setAAD(Buffer.concat([blob.subarray(0, headerLength), context]))
  decipher.setAuthTag(blob.subarray(blob.length - tagLength))
  const plaintext = decipher.update(blob.subarray(headerLength, blob.length - tagLength))
  try {
    decipher.final()
    return plaintext
  } catch {
    return undefined
  }
}

function deriveKey(material: Uint8Array, salt: Uint8Array): { key: Buffer; commitment: Buffer } {
  const derived = hmac('sha512', material, derivation, salt, firstBlock)
  return { key: derived.subarray(0, 32), commitment: derived.subarray(32) }
}

/** @returns Latin-1 */
function checksumOf(blob: Buffer): string {
  return hash('sha256', blob.subarray(0, offsets.checksum), 'binary').slice(0, checksumLength)
}

/** What all blobs of one key's material begin with: everything before the salt. */
function headOf(purpose: BlobPurpose, { keyId, materialId }: BlobHeader): Buffer {
  const head = Buffer.alloc(offsets.salt)
  head.set([1, 2, purposeBytes[purpose], 0, 0x78])
  head.write(materialId, offsets.materialId, 'hex')
  head[offsets.format] = format
  writeKeyId(head, keyId)
  return head
}

const rememberedHead = remembering<Buffer>(64)

/** Form 0: a UUID. Form 1: `mrk-` and 32 hex digits (multi-Region). */
function writeKeyId(blob: Buffer, keyId: string): void {
  const isMultiRegion = keyId.startsWith('mrk-')
  blob[offsets.idForm] = isMultiRegion ? 1 : 0
  blob.write(isMultiRegion ? keyId.slice(4) : keyId.replaceAll('-', ''), offsets.keyId, 'hex')
}

function readKeyId(blob: Buffer): string {
  const digits = blob.toString('hex', offsets.keyId, offsets.salt)
  if (blob[offsets.idForm] === 1) return `mrk-${digits}`
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    '-',
  )
}
