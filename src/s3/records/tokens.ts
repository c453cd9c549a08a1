import { createHash } from 'node:crypto'

/*
 * Continuation tokens: opaque to clients, and distinguishable from anything else they may send.
 *
 *   base64url │ 4 bytes of SHA-256(text) │ text, UTF-8
 */

const proofLength = 4

export function encodeToken(text: string): string {
  const bytes = Buffer.from(text)
  return Buffer.concat([proofOf(bytes), bytes]).toString('base64url')
}

/** @returns undefined when the token was not made by {@link encodeToken} */
export function decodeToken(token: string): string | undefined {
  const bytes = Buffer.from(token, 'base64url')
  const text = bytes.subarray(proofLength)
  // Node passes over what is no base64.
  if (bytes.toString('base64url') !== token) return undefined
  if (bytes.length < proofLength || !proofOf(text).equals(bytes.subarray(0, proofLength))) return undefined
  return text.toString('utf8')
}

function proofOf(text: Uint8Array): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, proofLength)
}
