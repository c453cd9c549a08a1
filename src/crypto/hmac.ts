import { createHmac, hash } from 'node:crypto'

/*
 * HMAC (RFC 2104) out of Node's one-shot hash:
 *
 *   HMAC(key, text) = H(key ⊕ opad ‖ H(key ⊕ ipad ‖ text))        key no longer than a block of H
 *
 * Half the time of `createHmac`, which makes an OpenSSL context and an object to be collected for every message; a request
 * takes up to ten. Both inputs are laid out in one buffer each. What does not fit goes to `createHmac`.
 */

const sizes = { sha256: { block: 64, digest: 32 }, sha512: { block: 128, digest: 64 } } as const

export type HmacHash = keyof typeof sizes
/** Text counts as UTF-8. */
export type HmacPart = string | Uint8Array

const largestText = 4096
const innerPad = Buffer.alloc(sizes.sha512.block, 0x36)
const outerPad = Buffer.alloc(sizes.sha512.block, 0x5c)
const inner = Buffer.alloc(sizes.sha512.block + largestText)
const outer = Buffer.alloc(sizes.sha512.block + sizes.sha512.digest)
const wholeOuter = { sha256: outer.subarray(0, sizes.sha256.block + sizes.sha256.digest), sha512: outer } as const

/** The HMAC of the parts, one behind the other. */
export function hmac(algorithm: HmacHash, key: Uint8Array, ...parts: HmacPart[]): Buffer {
  return Buffer.from(hmacText(algorithm, key, parts, 'binary'), 'latin1')
}

/** The same, as text. */
export function hmacText(
  algorithm: HmacHash,
  key: Uint8Array,
  parts: readonly HmacPart[],
  encoding: 'binary' | 'hex' | 'base64',
): string {
  const { block, digest } = sizes[algorithm]
  if (key.length > block || largestLength(parts) > largestText) return hmacOfLong(algorithm, key, parts, encoding)
  writePads(key)
  const end = writeParts(parts, block)
  outer.write(hash(algorithm, inner.subarray(0, end), 'binary'), block, digest, 'latin1')
  return hash(algorithm, wholeOuter[algorithm], encoding)
}

/** Bytes that the parts have at most. */
function largestLength(parts: readonly HmacPart[]): number {
  let length = 0
  for (const part of parts) length += typeof part === 'string' ? part.length * 3 : part.length
  return length
}

function writePads(key: Uint8Array): void {
  inner.set(innerPad)
  outer.set(outerPad)
  for (let index = 0; index < key.length; index++) {
    const byte = key[index] ?? 0
    inner[index] = byte ^ 0x36
    outer[index] = byte ^ 0x5c
  }
}

/** @returns where the parts end */
function writeParts(parts: readonly HmacPart[], begin: number): number {
  let at = begin
  for (const part of parts) {
    if (typeof part === 'string') {
      at += inner.write(part, at)
      continue
    }
    inner.set(part, at)
    at += part.length
  }
  return at
}

function hmacOfLong(
  algorithm: HmacHash,
  key: Uint8Array,
  parts: readonly HmacPart[],
  encoding: 'binary' | 'hex' | 'base64',
): string {
  const running = createHmac(algorithm, key)
  for (const part of parts) running.update(part)
  return running.digest(encoding)
}
