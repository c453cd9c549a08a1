/**
 * CRC-32C (Castagnoli; RFC 3720, appendix B.4), eight bytes at a time:
 *
 *   crc ──xor with bytes 0–3──▶ four lookups ┐
 *         bytes 4–7         ──▶ four lookups ┴─xor──▶ next crc        ("slicing by 8", Kounavis and Berry)
 *
 * Table k tells what a byte does to the crc when k more bytes follow it.
 */
const polynomial = 0x82f63b78
let tables: Int32Array | undefined

/** Eight tables of 256 words, one behind the other; made at first use. */
function makeTables(): Int32Array {
  const words = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0)
    words[byte] = crc
  }
  for (let index = 256; index < words.length; index += 1) {
    const before = words[index - 256] ?? 0
    words[index] = (before >>> 8) ^ (words[before & 255] ?? 0)
  }
  return words
}

/**
 * Continues a CRC-32C.
 * @param value of the bytes before; 0 at the start
 * @returns an unsigned 32-bit number
 */
export function crc32c(bytes: Uint8Array, value = 0): number {
  tables ??= makeTables()
  const words = wordsOf(bytes)
  let crc = throughBytes(bytes, 0, words.start, ~value, tables)
  crc = throughWords(words.view, crc, tables)
  return ~throughBytes(bytes, words.start + words.view.length * 4, bytes.length, crc, tables) >>> 0
}

/** The aligned middle of some bytes, a multiple of eight, as 32-bit words (little-endian, as every machine Node runs on). */
export function wordsOf(bytes: Uint8Array): { start: number; view: Int32Array } {
  const start = Math.min(bytes.length, (4 - (bytes.byteOffset & 3)) & 3)
  const length = ((bytes.length - start) >>> 3) * 2
  return {
    start,
    view: length === 0 ? new Int32Array(0) : new Int32Array(bytes.buffer, bytes.byteOffset + start, length),
  }
}

function throughBytes(bytes: Uint8Array, from: number, to: number, start: number, table: Int32Array): number {
  let crc = start
  for (let index = from; index < to; index += 1) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[index] ?? 0)) & 255] ?? 0)
  }
  return crc
}

function throughWords(words: Int32Array, start: number, table: Int32Array): number {
  let crc = start
  for (let index = 0; index < words.length; index += 2) {
    const low = crc ^ (words[index] as number)
    const high = words[index + 1] as number
    crc =
      (table[1792 + (low & 255)] as number) ^
      (table[1536 + ((low >>> 8) & 255)] as number) ^
      (table[1280 + ((low >>> 16) & 255)] as number) ^
      (table[1024 + (low >>> 24)] as number) ^
      (table[768 + (high & 255)] as number) ^
      (table[512 + ((high >>> 8) & 255)] as number) ^
      (table[256 + ((high >>> 16) & 255)] as number) ^
      (table[high >>> 24] as number)
  }
  return crc
}
