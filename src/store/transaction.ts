import type { BatchOperation } from './coalesced-writes.ts'
import { encodeKey, type KeyOf, type PartType, type RecordKind } from './keyspace.ts'
import type { Range } from './range.ts'
import { frozen, type Written } from './record-cache.ts'

export interface Reader {
  /** The record, frozen: whoever reads it next gets the very same value. */
  get<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, key: KeyOf<Parts>): Value | undefined
  entries<Value, Parts extends readonly PartType[]>(
    kind: RecordKind<Value, Parts>,
    range?: Range,
  ): AsyncIterable<{ key: KeyOf<Parts>; value: Value }>
}

/**
 * Changes that become visible together or not at all. `get` sees the transaction's own writes; `entries` shows what is
 * committed only. Locks are the caller's business (`database.locks`). A transaction that is not committed leaves no trace.
 */
export interface Transaction extends Reader {
  /** @param value frozen from here on: whoever reads the record gets it */
  put<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, key: KeyOf<Parts>, value: Value): void
  /** As `put`, for a record whose key is new: nobody has asked for it, nor does before the commit. */
  add<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, key: KeyOf<Parts>, value: Value): void
  delete<Parts extends readonly PartType[]>(kind: RecordKind<unknown, Parts>, key: KeyOf<Parts>): void
  /**
   * Has readers see a record that is changed or deleted here as it is, until all of the commit is shown: of records that are found one
   * through another. A commit is written before it is shown, and who knows one of them already would find the next one changed.
   */
  hold<Parts extends readonly PartType[]>(kind: RecordKind<unknown, Parts>, key: KeyOf<Parts>): void
  /** Called when the commit begins, to stage what must have its place in the order of commits. */
  beforeCommit(action: () => void): void
  /** Called once the commit is written, and never when it is not: for what memory knows of the store. */
  afterCommit(action: () => void): void
  /** Drops all that was staged so far. */
  discard(): void
  /** Resolves once LevelDB has the batch: from then on it survives `kill -9`. */
  commit(): Promise<void>
}

/** Records by their names, as a transaction leaves them; undefined where they are deleted. */
export type Changes = ReadonlyMap<string, Written | undefined>
/** A record under a new key: its name, and its JSON. */
export type Addition = [name: string, text: string]

/** What a transaction needs of its database. */
export interface Backing {
  /** The record of that name, as it is committed. */
  read(name: string): unknown
  /** Keeps the record as it is for readers, until it is shown anew or forgotten. */
  hold(name: string): void
  /** Resolves once LevelDB has all of them, in one batch. */
  write(changes: Changes, additions: readonly Addition[]): Promise<void>
  /** Shows readers what was written. */
  show(changes: Changes): void
  /** What became of a write that failed is not known. */
  forget(changes: Changes): void
}

/** What is staged until the commit. */
export class StagedTransaction implements Transaction {
  readonly #committed: Reader
  readonly #backing: Backing
  #changes = new Map<string, Written | undefined>()
  #additions: Addition[] = []
  #actions: (() => void)[] = []
  #lastStages: (() => void)[] | undefined
  #held: string[] | undefined

  /** @param committed shows what is committed */
  constructor(committed: Reader, backing: Backing) {
    this.#committed = committed
    this.#backing = backing
  }

  get<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, key: KeyOf<Parts>): Value | undefined {
    const name = encodeKey(kind, key)
    const value = this.#changes.has(name) ? this.#changes.get(name)?.value : this.#backing.read(name)
    return value as Value | undefined
  }

  entries<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, range?: Range) {
    return this.#committed.entries(kind, range)
  }

  put<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, key: KeyOf<Parts>, value: Value): void {
    this.#changes.set(encodeKey(kind, key), { value: frozen(value), text: JSON.stringify(value) })
  }

  add<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, key: KeyOf<Parts>, value: Value): void {
    this.#additions.push([encodeKey(kind, key), JSON.stringify(value)])
  }

  delete<Parts extends readonly PartType[]>(kind: RecordKind<unknown, Parts>, key: KeyOf<Parts>): void {
    this.#changes.set(encodeKey(kind, key), undefined)
  }

  hold<Parts extends readonly PartType[]>(kind: RecordKind<unknown, Parts>, key: KeyOf<Parts>): void {
    this.#held ??= []
    this.#held.push(encodeKey(kind, key))
  }

  beforeCommit(action: () => void): void {
    this.#lastStages ??= []
    this.#lastStages.push(action)
  }

  afterCommit(action: () => void): void {
    this.#actions.push(action)
  }

  discard(): void {
    this.#changes.clear()
    this.#additions = []
    this.#actions = []
    this.#lastStages = undefined
    this.#held = undefined
  }

  async commit(): Promise<void> {
    if (this.#lastStages) {
      for (const stage of this.#lastStages) stage()
      this.#lastStages = undefined
    }
    const [changes, additions, actions] = [this.#changes, this.#additions, this.#actions]
    if (this.#held) this.#holdAll(this.#held, changes)
    if (changes.size > 0) this.#changes = new Map()
    this.#additions = []
    this.#actions = []
    if (changes.size + additions.length > 0) {
      try {
        await this.#backing.write(changes, additions)
      } catch (error) {
        this.#backing.forget(changes)
        throw error
      }
      this.#backing.show(changes)
    }
    for (const action of actions) action()
  }

  /** Only of what is changed: nothing else is ever shown anew. */
  #holdAll(names: readonly string[], changes: Changes): void {
    this.#held = undefined
    for (const name of names) if (changes.has(name)) this.#backing.hold(name)
  }
}

/** The changes as LevelDB takes them. */
export function operationsOf(changes: Changes, additions: readonly Addition[]): BatchOperation<string>[] {
  const operations: BatchOperation<string>[] = []
  for (const [name, record] of changes) operations.push(operationOf(name, record?.text))
  for (const [name, text] of additions) operations.push(operationOf(name, text))
  return operations
}

function operationOf(key: string, value: string | undefined): BatchOperation<string> {
  return value === undefined ? { type: 'del', key } : { type: 'put', key, value }
}
