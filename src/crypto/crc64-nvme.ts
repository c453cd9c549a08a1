import { wordsOf } from './crc32c.ts'

/**
 * CRC-64/NVME (NVM Express command set specification 1.0d, §5.2.1.3.4), eight bytes at a time as in crc32c.ts. JavaScript has
 * no fast 64-bit integers, so a crc is two halves of 32 bits, and so is each table entry:
 *
 *   (low, high) ──xor with eight bytes──▶ eight lookups in low tables  ──xor──▶ next low
 *                                     └─▶ eight lookups in high tables ──xor──▶ next high
 */
const polynomial = { low: 0xac4bc9b5, high: 0x9a6c9329 }
/** Made at first use: every start of the program would pay for them. */
let tables: { low: Int32Array; high: Int32Array } | undefined

function makeTables(): { low: Int32Array; high: Int32Array } {
  const [low, high] = [new Int32Array(8 * 256), new Int32Array(8 * 256)]
  for (let byte = 0; byte < 256; byte += 1) {
    let [lowHalf, highHalf] = [byte, 0]
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = -(lowHalf & 1)
      lowHalf = (lowHalf >>> 1) ^ (highHalf << 31) ^ (polynomial.low & odd)
      highHalf = (highHalf >>> 1) ^ (polynomial.high & odd)
    }
    low[byte] = lowHalf
    high[byte] = highHalf
  }
  for (let index = 256; index < low.length; index += 1) {
    const lowBefore = low[index - 256] ?? 0
    const highBefore = high[index - 256] ?? 0
    low[index] = (lowBefore >>> 8) ^ (highBefore << 24) ^ (low[lowBefore & 255] ?? 0)
    high[index] = (highBefore >>> 8) ^ (high[lowBefore & 255] ?? 0)
  }
  return { low, high }
}

/** A CRC-64/NVME in progress. */
export class Crc64Nvme {
  #low = -1
  #high = -1
  readonly #table

  constructor() {
    tables ??= makeTables()
    this.#table = tables
  }

  update(bytes: Uint8Array): void {
    const words = wordsOf(bytes)
    this.#throughBytes(bytes, 0, words.start)
    this.#throughWords(words.view)
    this.#throughBytes(bytes, words.start + words.view.length * 4, bytes.length)
  }

  /** Eight bytes, big-endian. */
  digest(): Buffer {
    const digest = Buffer.alloc(8)
    digest.writeInt32BE(~this.#high, 0)
    digest.writeInt32BE(~this.#low, 4)
    return digest
  }

  #throughBytes(bytes: Uint8Array, from: number, to: number): void {
    const table = this.#table
    for (let index = from; index < to; index += 1) {
      const entry = (this.#low ^ (bytes[index] ?? 0)) & 255
      this.#low = (this.#low >>> 8) ^ (this.#high << 24) ^ (table.low[entry] ?? 0)
      this.#high = (this.#high >>> 8) ^ (table.high[entry] ?? 0)
    }
  }

  #throughWords(words: Int32Array): void {
    const { low: lows, high: highs } = this.#table
    let low = this.#low
    let high = this.#high
    for (let index = 0; index < words.length; index += 2) {
      const first = low ^ (words[index] ?? 0)
      const second = high ^ (words[index + 1] ?? 0)
      const a = 1792 + (first & 255)
      const b = 1536 + ((first >>> 8) & 255)
      const c = 1280 + ((first >>> 16) & 255)
      const d = 1024 + (first >>> 24)
      const e = 768 + (second & 255)
      const f = 512 + ((second >>> 8) & 255)
      const g = 256 + ((second >>> 16) & 255)
      const h = second >>> 24
      low =
        (lows[a] ?? 0) ^
        (lows[b] ?? 0) ^
        (lows[c] ?? 0) ^
        (lows[d] ?? 0) ^
        (lows[e] ?? 0) ^
        (lows[f] ?? 0) ^
        (lows[g] ?? 0) ^
        (lows[h] ?? 0)
      high =
        (highs[a] ?? 0) ^
        (highs[b] ?? 0) ^
        (highs[c] ?? 0) ^
        (highs[d] ?? 0) ^
        (highs[e] ?? 0) ^
        (highs[f] ?? 0) ^
        (highs[g] ?? 0) ^
        (highs[h] ?? 0)
    }
    this.#low = low
    this.#high = high
  }
}
