import { decodeKey, encodeKey, type KeyOf, type KeyPart, type PartType, type RecordKind } from '../../store/keyspace.ts'
import type { Range } from '../../store/range.ts'
import type { CheckedRecords, RecordCheck } from '../../store/record-check.ts'
import type { Entry, StoredRecords } from '../../store/state.ts'
import { checksByPrefix } from './record-checks.ts'

/** What a record turns out to be. */
export type Read =
  | { check: RecordCheck; key: KeyOf<readonly PartType[]>; value: unknown }
  | { fault: string }
  | 'retired'

const cachedValues = 256

/** Records as of a moment, each held against the shape of its kind before anybody gets it. */
export class RecordsOfMoment implements CheckedRecords {
  readonly #stored: StoredRecords
  readonly #checks = checksByPrefix()
  /** What several records need, as a bucket is. */
  readonly #values = new Map<string, unknown>()

  constructor(stored: StoredRecords) {
    this.#stored = stored
  }

  /** Reads a record as whoever reads it does, but for its relations to others. */
  read([name, text]: Entry): Read {
    const check = this.#checks.get(name.slice(0, 1))
    if (!check) return this.#checks.has(name.slice(0, 1)) ? 'retired' : { fault: 'it is of no kind that is known' }
    const key = keyIn(check.kind, name)
    if (!key) return { fault: 'its key is not one of its kind' }
    const parsed = valueIn(text)
    if (!parsed) return { fault: 'it is no JSON' }
    const fault = check.shape.fault(parsed.value)
    return fault === undefined
      ? { check, key, value: parsed.value }
      : { fault: fault.startsWith('is ') ? `it ${fault}` : fault }
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

function keyIn<Parts extends readonly PartType[]>(
  kind: RecordKind<unknown, Parts>,
  name: string,
): KeyOf<Parts> | undefined {
  try {
    const key = decodeKey(kind, name)
    return encodeKey(kind, key) === name ? key : undefined
  } catch {
    return undefined
  }
}

function valueIn(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
