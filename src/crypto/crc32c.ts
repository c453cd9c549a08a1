/**
 * CRC-32C (Castagnoli; RFC 3720, appendix B.4), eight bytes at a time:
 *
 *   crc ──xor with bytes 0–3──▶ four lookups ┐
 *         bytes 4–7         ──▶ four lookups ┴─xor──▶ next crc        ("slicing by 8", Kounavis and Berry)
 *
 * Table k holds what a byte does to the crc when k more bytes follow it.
 */
const polynomial = 0x82f63b78
/** Made at first use: every start of the program would pay for them. */
let tables: Int32Array | undefined

/** Eight tables of 256 words, one behind the other. */
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
  let crc = throughBytes(tables, bytes, 0, words.start, ~value)
  crc = throughWords(tables, words.view, crc)
  return ~throughBytes(tables, bytes, words.start + words.view.length * 4, bytes.length, crc) >>> 0
}

/** The aligned middle of some bytes, a multiple of eight, as 32-bit words (little-endian, as every machine Node runs on). */
function wordsOf(bytes: Uint8Array): { start: number; view: Int32Array } {
  const start = Math.min(bytes.length, (4 - (bytes.byteOffset & 3)) & 3)
  const length = ((bytes.length - start) >>> 3) * 2
  return {
    start,
    view: length === 0 ? new Int32Array(0) : new Int32Array(bytes.buffer, bytes.byteOffset + start, length),
  }
}

function throughBytes(table: Int32Array, bytes: Uint8Array, from: number, to: number, start: number): number {
  let crc = start
  for (let index = from; index < to; index += 1) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[index] ?? 0)) & 255] ?? 0)
  }
  return crc
}

function throughWords(table: Int32Array, words: Int32Array, start: number): number {
  let crc = start
  for (let index = 0; index < words.length; index += 2) {
    const low = crc ^ (words[index] ?? 0)
    const high = words[index + 1] ?? 0
    crc =
      (table[1792 + (low & 255)] ?? 0) ^
      (table[1536 + ((low >>> 8) & 255)] ?? 0) ^
      (table[1280 + ((low >>> 16) & 255)] ?? 0) ^
      (table[1024 + (low >>> 24)] ?? 0) ^
      (table[768 + (high & 255)] ?? 0) ^
      (table[512 + ((high >>> 8) & 255)] ?? 0) ^
      (table[256 + ((high >>> 16) & 255)] ?? 0) ^
      (table[high >>> 24] ?? 0)
  }
  return crc
}
