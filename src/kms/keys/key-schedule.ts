import type { Reader } from '../../store/database.ts'
import type { KeyRecord } from './key.ts'
import { keyAt, nextChange } from './key-at.ts'
import { regionsOf, storedKey, storedKeys } from './key-store.ts'

/*
 * When the clock changes which key. One walk over all keys finds it; from then on a key is read again when somebody has changed it:
 *
 *   all keys ──the first time──▶ moments, of keys that have one ◀── changed since, read again
 *
 * Keys whose record is to be swept at once, whatever the moment, are in it with the moment 0.
 */

/** Names a key's record. */
export type KeyName = Pick<KeyRecord, 'region' | 'keyId'>

interface Entry extends KeyName {
  /** ms since the epoch */
  moment: number
}

/** Keys by when the clock changes them. Most keys have no such moment, and no place here. */
export class KeySchedule {
  readonly #reader: Reader
  readonly #isDue: (record: KeyRecord, key: KeyRecord | undefined) => boolean
  /** By Region and key id. */
  readonly #entries = new Map<string, Entry>()
  readonly #changed = new Map<string, KeyName>()
  #walk: Promise<void> | undefined

  /** @param isDue whether a record as it is stored, and the key as it is, are to be swept */
  constructor(reader: Reader, isDue: (record: KeyRecord, key: KeyRecord | undefined) => boolean) {
    this.#reader = reader
    this.#isDue = isDue
  }

  /** Notes that a key was changed, or made with a moment of its own; to be called when that is committed. */
  look({ region, keyId }: KeyName): void {
    this.#changed.set(nameOf({ region, keyId }), { region, keyId })
  }

  /**
   * What is to be swept.
   * @param now ms since the epoch
   * @returns in the order of their records
   */
  async due(now: number): Promise<KeyName[]> {
    await this.#bringUpToDate(now)
    const due = [...this.#entries].filter(([, { moment }]) => moment <= now)
    return due.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, entry]) => entry)
  }

  /** Notes that a key was swept. @param key as it is at `now`; undefined: it is gone */
  swept(name: KeyName, key: KeyRecord | undefined): void {
    this.#enter(name, key ? nextChange(key) : Number.POSITIVE_INFINITY)
  }

  /**
   * When the clock changes a key next: a deletion, a rotation, the end of imported material.
   * @param now ms since the epoch
   * @returns the same, later than `now`; undefined where no key has such a moment before it
   */
  async next(now: number): Promise<number | undefined> {
    await this.#bringUpToDate(now)
    let next = Number.POSITIVE_INFINITY
    for (const entry of this.#entries.values()) {
      next = Math.min(next, entry.moment > now ? entry.moment : this.#changeAfter(entry, now))
    }
    return Number.isFinite(next) ? next : undefined
  }

  /** Of a key that is due and was not swept yet. */
  #changeAfter({ region, keyId }: KeyName, now: number): number {
    const record = storedKey(this.#reader, region, keyId)
    const key = record && keyAt(record, now)
    return key ? nextChange(key) : Number.POSITIVE_INFINITY
  }

  async #bringUpToDate(now: number): Promise<void> {
    this.#walk ??= this.#enterAll(now).catch((error) => {
      this.#walk = undefined
      throw error
    })
    await this.#walk
    for (const [name, { region, keyId }] of this.#changed) {
      const record = storedKey(this.#reader, region, keyId)
      if (!record) this.#entries.delete(name)
      else for (const related of regionsOf(record)) this.#enterStored(storedKey(this.#reader, related, keyId), now)
      this.#changed.delete(name)
    }
  }

  async #enterAll(now: number): Promise<void> {
    for await (const record of storedKeys(this.#reader)) this.#enterStored(record, now)
  }

  #enterStored(record: KeyRecord | undefined, now: number): void {
    if (!record) return
    const key = keyAt(record, now)
    if (this.#isDue(record, key)) this.#enter(record, 0)
    else if (key) this.#enter(record, nextChange(key))
  }

  #enter({ region, keyId }: KeyName, moment: number): void {
    const name = nameOf({ region, keyId })
    if (Number.isFinite(moment)) this.#entries.set(name, { region, keyId, moment })
    else this.#entries.delete(name)
  }
}

/** Sorts as the records do: no Region's name begins with another's and a character before the separator. */
function nameOf({ region, keyId }: KeyName): string {
  return `${region}\0${keyId}`
}
