import type { EncryptionContext } from '../client.ts'

/*
 * The canonical form of an encryption context, bound to a ciphertext as AAD:
 *
 *   count u32 │ (length u32 │ key, UTF-8 │ length u32 │ value, UTF-8) × count, sorted bytewise by key
 *
 * Two contexts have the same form exactly when they hold the same pairs: case counts, order does not, composed and
 * decomposed letters differ. Empty and absent are the same.
 */
export function canonicalContext(context?: EncryptionContext): Buffer {
  if (context === undefined) return noPairs
  const pairs = Object.keys(context).map((key): [string, string] => [key, context[key] ?? ''])
  if (pairs.length > 1) pairs.sort(([a], [b]) => compareBytes(a, b))
  const size = pairs.reduce((sum, [key, value]) => sum + 8 + Buffer.byteLength(key) + Buffer.byteLength(value), 4)
  const form = Buffer.allocUnsafe(size)
  let offset = form.writeUInt32BE(pairs.length)
  for (const [key, value] of pairs) offset = writeText(form, value, writeText(form, key, offset))
  return form
}

const noPairs = Buffer.alloc(4)

/** The order of UTF-8, which is that of code points: units of a surrogate pair (0xd800 …) stand behind all others there. */
function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left === right) continue
    const [leftIsHalf, rightIsHalf] = [left >= 0xd800 && left <= 0xdfff, right >= 0xd800 && right <= 0xdfff]
    return leftIsHalf === rightIsHalf ? left - right : leftIsHalf ? 1 : -1
  }
  return a.length - b.length
}

/** @returns where the next begins */
function writeText(form: Buffer, text: string, offset: number): number {
  const length = form.write(text, offset + 4)
  form.writeUInt32BE(length, offset)
  return offset + 4 + length
}
