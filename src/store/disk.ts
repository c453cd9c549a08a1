import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { asStoreError } from './files/open-errors.ts'
import { prefixes } from './keyspace.ts'
import type { Addition, Changes } from './transaction.ts'

/*
 * What a full disk does to the store:
 *
 *   enough space        every write passes and takes from a budget; when that is used up the disk is measured again
 *   less than reserved  what frees space passes (deleting, resets); other writes get StoreUnavailable
 *   a write failed      nothing more is written: LevelDB's log may end in half a record, and what follows it would be lost at the next
 *                       start. Reads go on. At the next write or health check the databases are closed, and opened anew when
 *                       there is space for what their logs hold
 *
 * After a failed write deleting is refused too until there is that space: only other programs can free it then. The store alone never
 * gets that far, because it stops at its reserve.
 *
 * The reserve is there for deleting, for merging tables and for logs that are read at the opening.
 */

/** Bytes of the disk that holds the data folder. */
export interface DiskSpace {
  free: number
  size: number
  /** What LevelDB writes again when it is opened: its logs. */
  logs: number
}

/** A LevelDB, as far as it is opened and closed. */
interface Reopenable {
  status: string
  open(): Promise<void>
  close(): Promise<void>
}

/** Why the store does not write now; what was acknowledged is there, and can be read. */
export class StoreUnavailable extends Error {}

/**
 * The error of a start whose first writes find no space: it names the folder and the cause.
 * @returns any other error as it is
 */
export function asStartError(folder: string | undefined, error: unknown): unknown {
  return folder !== undefined && error instanceof StoreUnavailable ? asStoreError(folder, error) : error
}

const mebibyte = 1 << 20
const largestReserve = 32 * mebibyte
/** Of a small disk. */
const reservedShare = 1 / 8
/** What must be there beyond the reserve before a disk that was full is no longer: at its edge every other write would be refused. */
const largestMargin = mebibyte
/** Beside the logs, for opening. */
const openingSpace = mebibyte

/** Watches the space for both databases, and their writes. */
export class Disk {
  readonly #levels: readonly Reopenable[]
  readonly #measure: (() => Promise<DiskSpace>) | undefined
  /** Bytes that may be written before the disk is asked again: other processes write too, so half of what is there. */
  #budget = 0
  #trouble: string | undefined
  /** Whether there was space beyond the reserve when the disk was asked last. */
  #isRoomy = false
  #hasFailed = false
  #reopening: Promise<void> | undefined
  /** Told when the databases were opened anew: a write of which nothing was known may be there now. */
  whenReopened: () => void = () => undefined

  /** @param measure undefined: in memory, where nothing ends */
  constructor(levels: readonly Reopenable[], measure: (() => Promise<DiskSpace>) | undefined) {
    this.#levels = levels
    this.#measure = measure
    if (!measure) this.#budget = Number.POSITIVE_INFINITY
  }

  /** Settles when an opening that is under way has ended; undefined when none is. */
  get reopening(): Promise<void> | undefined {
    return this.#reopening
  }

  /** @throws StoreUnavailable while the databases are not open */
  requireReadable(): void {
    if (this.#hasFailed && this.#levels.some(({ status }) => status !== 'open')) throw this.#refusal()
  }

  /** @throws StoreUnavailable when a write has failed */
  requireWritable(): void {
    if (this.#hasFailed) throw this.#refusal()
  }

  /** Whether a write of about so many bytes may begin at once; otherwise `findSpace` comes first. */
  hasSpaceFor(bytes: number): boolean {
    this.#budget -= bytes
    return this.#budget > 0 && !this.#hasFailed
  }

  /**
   * Asks the disk, and opens the databases anew when a write has failed.
   * @param freesSpace whether the write is one that goes on when space is short
   * @throws StoreUnavailable when there is none
   */
  async findSpace(freesSpace: boolean): Promise<void> {
    const space = await this.#measure?.()
    if (this.#hasFailed) await this.#reopen(space)
    if (!space) return
    const { free, size } = space
    const reserve = Math.min(largestReserve, size * reservedShare)
    const margin = this.#isRoomy ? 0 : Math.min(largestMargin, reserve / 8)
    this.#isRoomy = free > reserve && free >= reserve + margin
    this.#budget = this.#isRoomy ? (free - reserve) / 2 : 0
    this.#trouble = this.#isRoomy ? undefined : `The disk of the data folder is full: ${inMebibytes(free)} are left`
    if (this.#trouble !== undefined && !freesSpace) throw this.#refusal()
  }

  /** Takes note of a write that failed. @returns the error that its caller gets */
  failed(error: unknown): Error {
    if (!this.#hasFailed) this.#trouble = `The data folder cannot be written: ${messageOf(error)}`
    this.#hasFailed = true
    return this.#refusal(error)
  }

  /**
   * What is wrong with the disk now, after trying to mend it; undefined: nothing. The disk is asked each time: others fill it too,
   * and after a start no write may have come that would have noticed.
   */
  async trouble(): Promise<string | undefined> {
    await this.findSpace(true).catch(() => undefined)
    return this.#trouble
  }

  /** Bytes that a merge of tables may take. */
  async spaceForMerging(): Promise<number> {
    return this.#measure ? (await this.#measure()).free / 2 : Number.POSITIVE_INFINITY
  }

  /** Once for all who ask. */
  #reopen(space: DiskSpace | undefined): Promise<void> {
    this.#reopening ??= this.#openAnew(space).finally(() => {
      this.#reopening = undefined
    })
    return this.#reopening
  }

  async #openAnew(space: DiskSpace | undefined): Promise<void> {
    if (space && space.free < space.logs + openingSpace) throw this.#refusal()
    try {
      for (const level of this.#levels) {
        await level.close()
        await level.open()
      }
    } catch (error) {
      this.#trouble = `The data folder cannot be opened again: ${messageOf(error)}`
      throw this.#refusal(error)
    }
    this.#hasFailed = false
    this.#trouble = undefined
    this.whenReopened()
  }

  #refusal(cause?: unknown): StoreUnavailable {
    return new StoreUnavailable(this.#trouble ?? 'The store is being opened anew', { cause })
  }
}

/** Whether the change frees space, or is of the few bytes that freeing it takes: deletions, garbage, the store's own numbers. */
export function freesSpace(changes: Changes, additions: readonly Addition[]): boolean {
  for (const [name, record] of changes) if (record === undefined || isBookkeeping(name)) return true
  return additions.some(([name]) => isBookkeeping(name))
}

function isBookkeeping(name: string): boolean {
  const prefix = name.charCodeAt(0)
  return prefix === prefixes.garbage || prefix === prefixes.setting
}

/** Measures the disk of a data folder. */
export function measureOf(folder: string): () => Promise<DiskSpace> {
  return async () => {
    const { bavail, blocks, bsize } = await statfs(folder)
    const logs = await Promise.all(['records', 'bodies'].map((name) => logsIn(join(folder, name))))
    return { free: bavail * bsize, size: blocks * bsize, logs: logs.reduce((sum, bytes) => sum + bytes, 0) }
  }
}

async function logsIn(folder: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.log')) continue
    // LevelDB deletes logs meanwhile.
    const found = await stat(join(folder, name)).catch(() => undefined)
    bytes += found?.size ?? 0
  }
  return bytes
}

function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}

function inMebibytes(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(1)} MiB`
}
