import type { Level } from './level.ts'

/*
 * LevelDB merges tables as new records come in; what is deleted beyond the newest keys (the oldest events) would stay on the disk for
 * long. So what is overwritten and deleted is counted for each kind of record, and a kind is compacted when
 * an eighth of it is garbage.
 *
 *   kind       event        object      blob …
 *   garbage    ▏            ██          ████      bytes, an estimate: what was there before is not read again
 *   compacted  no           yes         yes
 */

/** Of a kind's bytes, when it is compacted; and so much at least. */
const compactedShare = 1 / 8
const worthwhile = 2 << 20
/** A deleted record had about so many bytes. */
const deletedBytes = 512
const behindAll = '\xff'
/** Records that grew by more since all of them were compacted are compacted once after the start. */
const grownShare = 1.2
const grownBytes = 8 << 20

/** Counts the garbage of the records, and compacts where there is much. */
export class RecordGarbage {
  readonly #records: Level<string>
  readonly #bytes = new Map<string, number>()
  /** Whether what an earlier run left is taken care of. */
  #isOldGarbageGone = false

  constructor(records: Level<string>) {
    this.#records = records
  }

  /** @param text what takes the place of what was there; undefined: it is deleted */
  note(name: string, text: string | undefined): void {
    this.noteBytes(name.charAt(0), name.length + (text?.length ?? deletedBytes))
  }

  /** @param prefix of a kind of record */
  noteBytes(prefix: string, bytes: number): void {
    this.#bytes.set(prefix, (this.#bytes.get(prefix) ?? 0) + bytes)
  }

  /**
   * Compacts what is worth it: at the first call all records, where they have grown, since what an earlier run counted is lost and shows in
   * their size alone.
   * @param before bytes that all had when they were compacted last
   * @returns how many they have now, where all were compacted
   */
  async compactDue(before: number): Promise<number | undefined> {
    if (this.#isOldGarbageGone) {
      await this.compact()
      return undefined
    }
    this.#isOldGarbageGone = true
    if ((await this.size()) <= before * grownShare + grownBytes) return undefined
    await this.compactAll()
    return this.size()
  }

  /** Compacts the kinds of which enough is garbage. */
  async compact(): Promise<void> {
    for (const [prefix, bytes] of this.#bytes) {
      const end = String.fromCharCode(prefix.charCodeAt(0) + 1)
      const size = (await this.#records.approximateSize?.(prefix, end)) ?? 0
      if (bytes < Math.max(worthwhile, size * compactedShare)) continue
      this.#bytes.set(prefix, 0)
      await this.#records.compactRange?.(prefix, end)
    }
  }

  /** The bytes of all records in LevelDB's tables. */
  async size(): Promise<number> {
    return (await this.#records.approximateSize?.('', behindAll)) ?? 0
  }

  async compactAll(): Promise<void> {
    this.#bytes.clear()
    await this.#records.compactRange?.('', behindAll)
  }
}
