import { createHash, timingSafeEqual } from 'node:crypto'

/*
 * EMSA-PSS (RFC 8017, 9.1) over a digest that was made elsewhere: node:crypto signs and verifies messages only.
 *
 *   M' = 0 × 8 ‖ digest ‖ salt      H = hash(M')      DB = 0 … 01 ‖ salt
 *   encoded = DB xor MGF1(H) ‖ H ‖ bc, its first bit 0
 *
 * The salt is as long as the digest, as KMS makes it.
 */

/** The bytes that raw RSA then signs, as many as the modulus has. */
export function encodePss(hash: string, digest: Uint8Array, salt: Uint8Array, length: number): Buffer {
  const seal = sealOf(hash, digest, salt)
  const block = Buffer.alloc(length - seal.length - 1)
  block[block.length - salt.length - 1] = 1
  block.set(salt, block.length - salt.length)
  const masked = mask(hash, seal, block)
  return Buffer.concat([masked, seal, Buffer.of(0xbc)])
}

/** Whether the bytes raw RSA brought back are the encoding of this digest. */
export function isPssOf(hash: string, digest: Uint8Array, encoded: Buffer): boolean {
  const size = digest.length
  if (encoded.length < 2 * size + 2 || encoded.at(-1) !== 0xbc || (encoded[0] ?? 0) & 0x80) return false
  const seal = encoded.subarray(encoded.length - size - 1, encoded.length - 1)
  const block = mask(hash, seal, encoded.subarray(0, encoded.length - size - 1))
  const saltBegin = block.length - size
  const padding = block.subarray(0, saltBegin - 1)
  if (padding.some((byte) => byte !== 0) || block[saltBegin - 1] !== 1) return false
  return timingSafeEqual(sealOf(hash, digest, block.subarray(saltBegin)), seal)
}

function sealOf(hash: string, digest: Uint8Array, salt: Uint8Array): Buffer {
  return createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest()
}

/** Exclusive or with MGF1(seed); the first bit is 0, as the modulus has one bit more than the encoding. */
function mask(hash: string, seed: Uint8Array, block: Uint8Array): Buffer {
  const masked = Buffer.from(block)
  for (let offset = 0, counter = 0; offset < masked.length; counter++) {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(counter)
    for (const byte of createHash(hash).update(seed).update(number).digest()) {
      // Behind its end an array of bytes takes nothing.
      masked[offset] = (masked[offset] ?? 0) ^ byte
      offset++
    }
  }
  masked[0] = (masked[0] ?? 0) & 0x7f
  return masked
}
