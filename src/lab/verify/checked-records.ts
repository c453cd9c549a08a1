import { decodeKey, encodeKey, type KeyOf, type KeyPart, type PartType, type RecordKind } from '../../store/keyspace.ts'
import type { Range } from '../../store/range.ts'
import type { CheckedRecords } from '../../store/record-check.ts'
import type { Entry, StoredRecords } from '../../store/state.ts'
import { keyIn, type Read, RecordReader } from './record-reader.ts'

const cachedValues = 256

/** Records as of a moment, each held against the shape of its kind before anybody gets it. */
export class RecordsOfMoment implements CheckedRecords {
  readonly #stored: StoredRecords
  readonly #reader = new RecordReader()
  /** What several records need, as a bucket is. */
  readonly #values = new Map<string, unknown>()

  constructor(stored: StoredRecords) {
    this.#stored = stored
  }

  /** As whoever reads it does, but for its relations to others. */
  read(entry: Entry): Read {
    return this.#reader.read(entry)
  }

  isMissing<Parts extends readonly PartType[]>(kind: RecordKind<unknown, Parts>, key: KeyOf<Parts>): boolean {
    const name = encodeKey(kind, key)
    return !this.#values.has(name) && this.#stored.text(name) === undefined
  }

  get<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, key: KeyOf<Parts>): Value | undefined {
    const name = encodeKey(kind, key)
    if (this.#values.has(name)) return this.#values.get(name) as Value
    const text = this.#stored.text(name)
    const value = text === undefined ? undefined : this.#valueOf<Value>([name, text])
    if (value === undefined) return undefined
    if (this.#values.size >= cachedValues) this.#values.clear()
    this.#values.set(name, value)
    return value
  }

  async *entries<Value, Parts extends readonly PartType[]>(
    kind: RecordKind<Value, Parts>,
    range: Range = {},
  ): AsyncGenerator<{ key: KeyOf<Parts>; value: Value }> {
    for await (const page of this.#stored.pages(kind, range)) {
      for (const entry of page) {
        const value = this.#valueOf<Value>(entry)
        if (value !== undefined) yield { key: decodeKey(kind, entry[0]), value }
      }
    }
  }

  async *keys<Parts extends readonly PartType[]>(
    kind: RecordKind<unknown, Parts>,
    within: readonly KeyPart[] = [],
  ): AsyncGenerator<KeyOf<Parts>> {
    for await (const page of this.#stored.pages(kind, { within })) {
      for (const [name] of page) {
        const key = keyIn(kind, name)
        if (key) yield key
      }
    }
  }

  #valueOf<Value>(entry: Entry): Value | undefined {
    const read = this.read(entry)
    return read !== 'retired' && 'check' in read ? (read.value as Value) : undefined
  }
}
