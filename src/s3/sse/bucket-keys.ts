import type { Ambient } from '../../ambient.ts'

/*
 * S3 Bucket Keys: a data key of the bucket's, kept for a limited time of the emulator's clock and never across principals.
 *
 *   (bucket, KMS key, principal)        → a generated data key, for writes
 *   (bucket, encrypted key, principal)  → an opened one, for reads
 *
 * A reset ends them with the services that keep them. What is asked for at the same time is asked of KMS once; a refusal is not remembered.
 */

interface Entry<Value> {
  madeAt: number
  value: Promise<Value>
}

const mostEntries = 10_000

export class TimedCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #ambient: Ambient
  readonly #lifetime: number

  /** @param lifetime ms of the clock */
  constructor(ambient: Ambient, lifetime: number) {
    this.#ambient = ambient
    this.#lifetime = lifetime
  }

  /** What is cached under the name, or what `ask` answers. */
  get(name: readonly string[], ask: () => Promise<Value>): Promise<Value> {
    const joined = JSON.stringify(name)
    const entry = this.#entries.get(joined)
    if (entry && this.#ambient.now() < entry.madeAt + this.#lifetime) return entry.value
    return this.#set(joined, ask())
  }

  put(name: readonly string[], value: Value): void {
    this.#set(JSON.stringify(name), Promise.resolve(value))
  }

  #set(name: string, value: Promise<Value>): Promise<Value> {
    const entry = { madeAt: this.#ambient.now(), value }
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    this.#dropOld()
    value.catch(() => {
      if (this.#entries.get(name) === entry) this.#entries.delete(name)
    })
    return value
  }

  /** Entries stand in the order of their making. */
  #dropOld(): void {
    for (const [name, { madeAt }] of this.#entries) {
      const isOld = this.#ambient.now() >= madeAt + this.#lifetime
      if (!isOld && this.#entries.size <= mostEntries) return
      this.#entries.delete(name)
    }
  }
}
