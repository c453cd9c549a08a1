import type { EncryptionContext } from '../client.ts'

/*
 * The canonical form of an encryption context, bound to a ciphertext as AAD:
 *
 *   count u32 │ (length u32 │ key, UTF-8 │ length u32 │ value, UTF-8) × count, sorted bytewise by key
 *
 * Two contexts have the same form exactly when they hold the same pairs: case counts, order does not, composed and
 * decomposed letters differ. Empty and absent are the same.
 */
export function canonicalContext(context: EncryptionContext = {}): Buffer {
  const pairs = Object.keys(context).map((key): [string, string] => [key, context[key] ?? ''])
  if (pairs.length > 1) pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const size = pairs.reduce((sum, [key, value]) => sum + 8 + Buffer.byteLength(key) + Buffer.byteLength(value), 4)
  const form = Buffer.allocUnsafe(size)
  let offset = form.writeUInt32BE(pairs.length)
  for (const [key, value] of pairs) offset = writeText(form, value, writeText(form, key, offset))
  return form
}

/** @returns where the next begins */
function writeText(form: Buffer, text: string, offset: number): number {
  const length = form.write(text, offset + 4)
  form.writeUInt32BE(length, offset)
  return offset + 4 + length
}
