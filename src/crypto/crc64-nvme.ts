import { capacity, layout, moduleBytes, slices } from './crc64-nvme-module.ts'

/** CRC-64/NVME (NVM Express command set specification 1.0d, §5.2.1.3.4), reflected, in two halves. */
const polynomial = { low: 0xac4bc9b5, high: 0x9a6c9329 }
/** Made at first use: every start of the program would pay for it. */
let engine: Engine | undefined

/** The compiled loop with its memory: each call brings what it needs, so all checksums in progress use it in turn. */
interface Engine {
  run: (length: number) => void
  bytes: Uint8Array
  /** Low half, high half (little-endian, as WebAssembly and every machine Node runs on). */
  crc: Int32Array
}

function makeEngine(): Engine {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()))
  const { memory, run } = exports
  if (!(memory instanceof WebAssembly.Memory) || typeof run !== 'function')
    throw new Error('The module exports neither')
  writeTables(new Int32Array(memory.buffer, 0, slices * 512))
  return {
    run: (length) => run(length),
    bytes: new Uint8Array(memory.buffer, layout.bytes, capacity),
    crc: new Int32Array(memory.buffer, layout.crc, 2),
  }
}

/** Table k behind table k - 1, each entry low half first. */
function writeTables(words: Int32Array): void {
  for (let byte = 0; byte < 256; byte += 1) {
    let [low, high] = [byte, 0]
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = -(low & 1)
      low = (low >>> 1) ^ (high << 31) ^ (polynomial.low & odd)
      high = (high >>> 1) ^ (polynomial.high & odd)
    }
    words[2 * byte] = low
    words[2 * byte + 1] = high
  }
  for (let index = 512; index < words.length; index += 2) {
    const [low = 0, high = 0] = words.subarray(index - 512, index - 510)
    const entry = 2 * (low & 255)
    words[index] = (low >>> 8) ^ (high << 24) ^ (words[entry] ?? 0)
    words[index + 1] = (high >>> 8) ^ (words[entry + 1] ?? 0)
  }
}

/** A CRC-64/NVME in progress. */
export class Crc64Nvme {
  #low = -1
  #high = -1
  readonly #engine: Engine

  constructor() {
    engine ??= makeEngine()
    this.#engine = engine
  }

  update(bytes: Uint8Array): void {
    const { run, bytes: input, crc } = this.#engine
    crc[0] = this.#low
    crc[1] = this.#high
    for (let from = 0; from < bytes.length; from += capacity) {
      const piece = bytes.subarray(from, from + capacity)
      input.set(piece)
      run(piece.length)
    }
    this.#low = crc[0]
    this.#high = crc[1]
  }

  /** Eight bytes, big-endian. */
  digest(): Buffer {
    const digest = Buffer.allocUnsafe(8)
    digest.writeInt32BE(~this.#high, 0)
    digest.writeInt32BE(~this.#low, 4)
    return digest
  }
}
