import { createCipheriv, createHash } from 'node:crypto'
import type { Ambient } from '../../ambient.ts'

/*
 * Chance that follows from a seed:
 *
 *   SHA-256(seed, start of the store) ──▶ key of AES-256-CTR over zeros ──▶ one stream of bytes
 *
 * The same calls, one after another, take the same bytes of it: ids, key material, data keys and salts are the same in every run. Who
 * knows the seed knows every key.
 */

const poolSize = 8192
/** What is made before a store is counted: its own key. */
const beforeStarts = -1

/** A machine's clock, with chance of a seed in the place of its own. */
export class SeededAmbient implements Ambient {
  readonly isRepeatable = true
  readonly #machine: Ambient
  readonly #seed: string
  #next: () => Buffer
  #pool: Buffer = Buffer.alloc(0)
  #used = 0

  constructor(machine: Ambient, seed: string) {
    this.#machine = machine
    this.#seed = seed
    this.#next = keystream(seed, beforeStarts)
  }

  /**
   * Begins anew, for a store that is opened.
   * @param start how often that store was opened before: what a second run makes must not have the ids of what the first one made
   */
  begin(start: number): void {
    this.#next = keystream(this.#seed, start)
    this.#pool = Buffer.alloc(0)
    this.#used = 0
  }

  randomBytes(length: number): Buffer {
    const bytes = Buffer.alloc(length)
    for (let filled = 0; filled < length; ) {
      if (this.#used === this.#pool.length) {
        this.#pool = this.#next()
        this.#used = 0
      }
      const copied = this.#pool.copy(bytes, filled, this.#used)
      filled += copied
      this.#used += copied
    }
    return bytes
  }

  /** Of version 4 (RFC 9562, 5.4). */
  uuid(): string {
    const bytes = this.randomBytes(16)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }

  now(): number {
    return this.#machine.now()
  }

  onTurn(listener: () => void): () => void {
    return this.#machine.onTurn(listener)
  }
}

function keystream(seed: string, start: number): () => Buffer {
  const key = createHash('sha256').update(`s3kms-emu seed\0${seed}\0${start}`).digest()
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  const zeros = Buffer.alloc(poolSize)
  return () => cipher.update(zeros)
}
