/** A record as it is kept; no value: there is no such record. */
interface Entry {
  value: unknown
  /** Characters of its JSON. */
  size: number
}

/** What a generation holds at most; a record of more than an eighth of the characters is not kept. */
interface GenerationLimit {
  entries: number
  characters: number
}

/** A record that is written: frozen, and its JSON. */
export interface Written {
  value: unknown
  text: string
}

/**
 * What the records that were used last hold. LevelDB's `get` takes a mutex that its writer threads hold as well, and JSON must
 * be parsed: a small request reads a dozen records. An entry is replaced when a batch is written, never before: readers see
 * what is committed. They share one value, the writer's own where there was one, so it is frozen.
 *
 *   newer ──full──▶ older ──full──▶ forgotten        what is used in `older` moves to `newer`
 *
 * A generation is full when it has so many entries, or so many characters of JSON: a policy of 20 KB or a lifecycle of a thousand rules is
 * read by every request, and takes longer to parse than the rest of a small one.
 */
export class RecordCache {
  #newer = new Map<string, Entry>()
  #older = new Map<string, Entry>()
  /** Records that a commit is about to change, as they are, however large. */
  readonly #held = new Map<string, unknown>()
  readonly #limit: GenerationLimit
  readonly #largest: number
  /** Characters that were put into `newer`. */
  #size = 0

  constructor(limit: GenerationLimit) {
    this.#limit = limit
    this.#largest = limit.characters / 8
  }

  /** The record's value, or undefined when there is none; its JSON is read through `read` when it is not known. */
  get(name: string, read: () => string | undefined): unknown {
    const entry = this.#newer.get(name) ?? this.#fromOlder(name)
    if (entry) return entry.value
    if (this.#held.size > 0 && this.#held.has(name)) return this.#held.get(name)
    const text = read()
    return this.#put(name, text === undefined ? undefined : { value: frozen(JSON.parse(text)), text })
  }

  /** Keeps a record as it is, until it is written or forgotten. */
  hold(name: string, value: unknown): void {
    this.#held.set(name, value)
  }

  /** A batch was written: its records are kept, because they are often read next; of what was deleted only what was kept before. */
  written(name: string, record: Written | undefined): void {
    if (this.#held.size > 0) this.#held.delete(name)
    const entry = this.#newer.get(name)
    if (entry && this.#fits(record) && this.#size < this.#limit.characters) {
      // A Map that loses and gains an entry with every write would grow anew again and again.
      const size = record?.text.length ?? 0
      this.#size += size - entry.size
      entry.value = record?.value
      entry.size = size
      return
    }
    const wasKept = this.#newer.delete(name) || this.#older.delete(name)
    if (wasKept || record !== undefined) this.#put(name, record)
  }

  /** What a batch did that failed is not known. */
  forget(name: string): void {
    this.#held.delete(name)
    this.#newer.delete(name)
    this.#older.delete(name)
  }

  clear(): void {
    this.#held.clear()
    this.#newer.clear()
    this.#older.clear()
    this.#size = 0
  }

  /** An entry is in one generation alone: a copy left behind would outlive what is written next. */
  #fromOlder(name: string): Entry | undefined {
    const entry = this.#older.get(name)
    if (!entry) return undefined
    this.#older.delete(name)
    return this.#keep(name, entry)
  }

  /** @returns the value */
  #put(name: string, record: Written | undefined): unknown {
    if (this.#fits(record)) this.#keep(name, { value: record?.value, size: record?.text.length ?? 0 })
    return record?.value
  }

  /** That there is no such record is kept as well. */
  #fits(record: Written | undefined): boolean {
    return record === undefined || record.text.length <= this.#largest
  }

  #keep(name: string, entry: Entry): Entry {
    if (this.#newer.size >= this.#limit.entries || this.#size >= this.#limit.characters) {
      this.#older = this.#newer
      this.#newer = new Map()
      this.#size = 0
    }
    this.#newer.set(name, entry)
    this.#size += entry.size
    return entry
  }
}

/** Freezes a value of JSON, with all it holds. What is frozen already has been here. */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const name in value) frozen(value[name])
  return Object.freeze(value)
}
