import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto'
import { type HmacPart, hmac, hmacText } from './hmac.ts'

/*
 * Sealing in two forms:
 *
 *   seal         key, nonce (12 B)           → ciphertext ‖ tag (16 B)          AES-256-GCM; the caller never gives a pair twice
 *   sealSalted   secret, salt (32 B random)  → salt ‖ ciphertext ‖ tag (16 B)   any number of keys and short texts under one secret,
 *                                                                               each bound to associated data
 *
 *     ciphertext = text ⊕ stream           stream = HMAC(secret, info ‖ salt ‖ 01) ‖ HMAC(secret, info ‖ salt ‖ 02) ‖ …
 *     tag        = HMAC(secret, info ‖ salt ‖ 00 ‖ u32 length of the associated data ‖ associated data ‖ ciphertext), cut
 *
 * Encrypt-then-MAC with one pseudorandom function, its inputs distinguished by the byte after the salt. A cipher object of Node's
 * costs as much as four such HMACs, and every small object has several keys and texts.
 */

export const tagSize = 16
export const saltSize = 32
/** Bytes that one salt can seal: a stream's blocks are numbered by one byte. */
const largestSalted = 255 * 32
const firstBlock = Buffer.of(1)

/** The bytes are not what was sealed: changed, or sealed under another key or for another purpose. */
export class NotAuthentic extends Error {
  constructor() {
    super('The sealed bytes do not authenticate')
  }
}

/**
 * A key of 32 bytes for one purpose: HKDF-Expand with SHA-256 (RFC 5869) over purpose ‖ salt. One block is all it takes: an HMAC.
 * @param secret uniform, as all keys made here are: nothing is to be extracted (RFC 5869, §3.3)
 * @param salt of one length for a purpose
 */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, info: string): Buffer {
  return hmac('sha256', secret, info, salt, firstBlock)
}

/** HKDF-Extract with SHA-256: a uniform secret out of one that somebody else chose. */
export function extractSecret(chosen: Uint8Array, salt: Uint8Array): Buffer {
  return hmac('sha256', salt, chosen)
}

/** @param target where the result goes, of its very length; a new buffer when not given */
export function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  target: Buffer = Buffer.allocUnsafe(plaintext.length + tagSize),
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagSize })
  target.set(cipher.update(plaintext))
  cipher.final()
  target.set(cipher.getAuthTag(), plaintext.length)
  return target
}

/** @throws NotAuthentic */
export function open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Buffer {
  const end = sealed.length - tagSize
  if (end < 0) throw new NotAuthentic()
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagSize })
  decipher.setAuthTag(sealed.subarray(end))
  const plaintext = decipher.update(sealed.subarray(0, end))
  try {
    decipher.final()
  } catch {
    throw new NotAuthentic()
  }
  return plaintext
}

/**
 * Seals a key or a short text.
 * @param salt fresh and random, never used before
 * @param plaintext up to {@link largestSalted} bytes
 */
export function sealSalted(
  secret: Uint8Array,
  salt: Uint8Array,
  info: HmacPart,
  associated: string,
  plaintext: Uint8Array,
): Buffer {
  if (plaintext.length > largestSalted) throw new RangeError(`${plaintext.length} bytes are no short text`)
  const sealed = Buffer.allocUnsafe(saltSize + plaintext.length + tagSize)
  const end = saltSize + plaintext.length
  sealed.set(salt)
  sealed.set(plaintext, saltSize)
  const ciphertext = sealed.subarray(saltSize, end)
  addStream(secret, salt, info, ciphertext)
  sealed.write(tagOf(secret, salt, info, associated, ciphertext), end, tagSize, 'latin1')
  return sealed
}

/** @throws NotAuthentic */
export function openSalted(secret: Uint8Array, info: HmacPart, associated: string, sealed: Uint8Array): Buffer {
  const end = sealed.length - tagSize
  if (end < saltSize) throw new NotAuthentic()
  const salt = sealed.subarray(0, saltSize)
  const text = Buffer.from(sealed.subarray(saltSize, end))
  const tag = Buffer.from(tagOf(secret, salt, info, associated, text), 'latin1').subarray(0, tagSize)
  if (!timingSafeEqual(tag, sealed.subarray(end))) throw new NotAuthentic()
  addStream(secret, salt, info, text)
  return text
}

/** Exclusive or with the stream, in place: seals and opens. */
function addStream(secret: Uint8Array, salt: Uint8Array, info: HmacPart, text: Uint8Array): void {
  for (let at = 0, number = 1; at < text.length; number++) {
    const parts = [info, salt, number === 1 ? firstBlock : Buffer.of(number)]
    const block = hmacText('sha256', secret, parts, 'binary')
    for (let index = 0; index < block.length && at < text.length; index++, at++) {
      text[at] = (text[at] ?? 0) ^ block.charCodeAt(index)
    }
  }
}

/** 00 and a length: an HMAC copies it, so one serves all. */
const lengthPart = Buffer.alloc(5)

/** @returns Latin-1, of which the first {@link tagSize} bytes are the tag */
function tagOf(
  secret: Uint8Array,
  salt: Uint8Array,
  info: HmacPart,
  associated: string,
  ciphertext: Uint8Array,
): string {
  lengthPart.writeUInt32BE(Buffer.byteLength(associated), 1)
  return hmacText('sha256', secret, [info, salt, lengthPart, associated, ciphertext], 'binary')
}
