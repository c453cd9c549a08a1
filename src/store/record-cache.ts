interface Entry {
  /** JSON, until somebody asks for the value; undefined: there is no record. */
  text: string | undefined
  value?: unknown
}

/**
 * What the records that were used last hold. LevelDB's `get` takes a mutex that its writer threads hold as well, and JSON must
 * be parsed: a small request reads a dozen records. An entry is replaced when a batch is written, never before: readers see
 * what is committed. They share one value, so it is frozen.
 *
 *   newer ──full──▶ older ──full──▶ forgotten        what is used in `older` moves to `newer`
 */
export class RecordCache {
  #newer = new Map<string, Entry>()
  #older = new Map<string, Entry>()
  readonly #capacity: number
  readonly #largest: number

  /** @param capacity entries of each generation. @param largest characters of a record that is still kept */
  constructor(capacity: number, largest: number) {
    this.#capacity = capacity
    this.#largest = largest
  }

  /** The record's value, or undefined when there is none; its text is read through `read` when it is not known. */
  get(name: string, read: () => string | undefined): unknown {
    return parsedOf(this.#newer.get(name) ?? this.#fromOlder(name) ?? this.#put(name, read()))
  }

  /** A batch was written: what is kept of its keys is replaced, what is not kept stays so. */
  written(name: string, text: string | undefined): void {
    if (this.#newer.delete(name) || this.#older.delete(name)) this.#put(name, text)
  }

  /** What a batch did that failed is not known. */
  forget(name: string): void {
    this.#newer.delete(name)
    this.#older.delete(name)
  }

  clear(): void {
    this.#newer.clear()
    this.#older.clear()
  }

  /** An entry is in one generation alone: a copy left behind would outlive what is written next. */
  #fromOlder(name: string): Entry | undefined {
    const entry = this.#older.get(name)
    if (!entry) return undefined
    this.#older.delete(name)
    return this.#keep(name, entry)
  }

  #put(name: string, text: string | undefined): Entry {
    const entry = { text }
    return text !== undefined && text.length > this.#largest ? entry : this.#keep(name, entry)
  }

  #keep(name: string, entry: Entry): Entry {
    if (this.#newer.size >= this.#capacity) {
      this.#older = this.#newer
      this.#newer = new Map()
    }
    this.#newer.set(name, entry)
    return entry
  }
}

function parsedOf(entry: Entry): unknown {
  if (entry.text === undefined) return entry.value
  entry.value = frozen(JSON.parse(entry.text))
  entry.text = undefined
  return entry.value
}

function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}
