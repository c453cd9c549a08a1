import { wordsOf } from './crc32c.ts'

/**
 * CRC-64/NVME (NVM Express command set specification 1.0d, §5.2.1.3.4), eight bytes at a time as in crc32c.ts. JavaScript has
 * no fast 64-bit integers, so a crc is two halves of 32 bits, and so is each table entry:
 *
 *   (low, high) ──xor with eight bytes──▶ eight lookups in low tables  ──xor──▶ next low
 *                                     └─▶ eight lookups in high tables ──xor──▶ next high
 */
const polynomial = { low: 0xac4bc9b5, high: 0x9a6c9329 }
let tables: { low: Int32Array; high: Int32Array } | undefined

function makeTables(): { low: Int32Array; high: Int32Array } {
  const [low, high] = [new Int32Array(8 * 256), new Int32Array(8 * 256)]
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = { low: byte, high: 0 }
    for (let bit = 0; bit < 8; bit += 1) crc = dividedOnce(crc)
    low[byte] = crc.low
    high[byte] = crc.high
  }
  for (let index = 256; index < low.length; index += 1) {
    const [lowBefore = 0, highBefore = 0] = [low[index - 256], high[index - 256]]
    low[index] = (lowBefore >>> 8) ^ (highBefore << 24) ^ (low[lowBefore & 255] ?? 0)
    high[index] = (highBefore >>> 8) ^ (high[lowBefore & 255] ?? 0)
  }
  return { low, high }
}

function dividedOnce({ low, high }: { low: number; high: number }): { low: number; high: number } {
  const [nextLow, nextHigh] = [(low >>> 1) ^ (high << 31), high >>> 1]
  return low & 1
    ? { low: nextLow ^ polynomial.low, high: nextHigh ^ polynomial.high }
    : { low: nextLow, high: nextHigh }
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
      const first = low ^ (words[index] as number)
      const second = high ^ (words[index + 1] as number)
      const a = 1792 + (first & 255)
      const b = 1536 + ((first >>> 8) & 255)
      const c = 1280 + ((first >>> 16) & 255)
      const d = 1024 + (first >>> 24)
      const e = 768 + (second & 255)
      const f = 512 + ((second >>> 8) & 255)
      const g = 256 + ((second >>> 16) & 255)
      const h = second >>> 24
      low =
        (lows[a] as number) ^
        (lows[b] as number) ^
        (lows[c] as number) ^
        (lows[d] as number) ^
        (lows[e] as number) ^
        (lows[f] as number) ^
        (lows[g] as number) ^
        (lows[h] as number)
      high =
        (highs[a] as number) ^
        (highs[b] as number) ^
        (highs[c] as number) ^
        (highs[d] as number) ^
        (highs[e] as number) ^
        (highs[f] as number) ^
        (highs[g] as number) ^
        (highs[h] as number)
    }
    this.#low = low
    this.#high = high
  }
}
