import { createCipheriv, createHash } from 'node:crypto'

/**
 * Chance that a seed repeats. Streams of different names are independent of each other, so a scenario does the same whether
 * it runs alone or among others.
 */
export class Chance {
  #seed
  #stream
  #pool = Buffer.alloc(0)
  #at = 0

  /** @param {string} seed */
  constructor(seed) {
    this.#seed = seed
    const digest = createHash('sha256').update(seed).digest()
    this.#stream = createCipheriv('aes-128-ctr', digest.subarray(0, 16), digest.subarray(16))
  }

  /** An independent stream. */
  fork(name) {
    return new Chance(`${this.#seed}/${name}`)
  }

  /** A whole number, 0 ≤ n < limit ≤ 2³². */
  int(limit) {
    if (this.#at + 4 > this.#pool.length) {
      this.#pool = this.#stream.update(Buffer.alloc(1024))
      this.#at = 0
    }
    const number = this.#pool.readUInt32LE(this.#at)
    this.#at += 4
    return Math.floor((number / 2 ** 32) * limit)
  }

  between(least, most) {
    return least + this.int(most - least + 1)
  }

  /** True once in `count` times. */
  oneIn(count) {
    return this.int(count) === 0
  }

  pick(list) {
    return list[this.int(list.length)]
  }

  bytes(length) {
    return this.#stream.update(Buffer.alloc(length))
  }
}

/** Bytes that a name alone tells, so that whoever reads them can say whether they are right. */
export function bytesOf(name, length) {
  return new Chance(name).bytes(length)
}

export function digestOf(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}
