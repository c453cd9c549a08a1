import type { EncryptionContext } from './client.ts'

/*
 * The canonical form of an encryption context, bound to a ciphertext as AAD:
 *
 *   count u32 │ (length u32 │ key, UTF-8 │ length u32 │ value, UTF-8) × count, sorted bytewise by key
 *
 * Two contexts have the same form exactly when they hold the same pairs: case counts, order does not, composed and
 * decomposed letters differ. Empty and absent are the same.
 */
export function canonicalContext(context: EncryptionContext | undefined): Buffer {
  const pairs = Object.entries(context ?? {}).map(([key, value]) => [Buffer.from(key), Buffer.from(value)] as const)
  if (pairs.length > 1) pairs.sort(([a], [b]) => Buffer.compare(a, b))
  return Buffer.concat([
    u32(pairs.length),
    ...pairs.flatMap(([key, value]) => [u32(key.length), key, u32(value.length), value]),
  ])
}

function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}
