import {
  type BlobId,
  blobRecords,
  bytesOf,
  garbageRecords,
  lengthOf,
  type Run,
  type Runs,
  segmentKey,
} from './blob-records.ts'
import { type Database, settings } from './database.ts'
import type { HeldSegments } from './held-segments.ts'
import type { Pace } from './pace.ts'
import { clearSmallBodies, firstSmallBody } from './small-bodies.ts'

/*
 * Garbage is cleared where it is dense, and there the space comes back at once:
 *
 *   numbers   │ 0 … 255    │ 256 … 511  │ 512 … 767  │      ranges of 256, as segments are numbered
 *   garbage   │ ███████    │        ▏   │ ██ ██  ██  │
 *   cleared     yes          it waits     yes              an eighth of the range's bytes, or more
 *
 * LevelDB never merges tables that do not overlap, and bodies' tables never do: what is deleted stays on the disk until its range
 * is compacted, which writes again all that lives there. With less than an eighth of garbage that is not worth it: so seven
 * eighths of the files live. What waits keeps its record of garbage, and so does what snapshots need (`held-segments.ts`). A range is deleted and compacted before the next: LevelDB
 * merges a table of deletions with all that it spans at once, and its one thread would be away from writers all that time. What
 * lives in a range is there twice until it is merged: where space is short ranges are short too, and what does not fit waits.
 */

interface Garbage {
  id: BlobId
  runs: Runs
}

/** The ranges that are to be cleared. */
interface ChosenRanges {
  /** Segments of a range. */
  length: number
  /** The number of each, and how many bytes its compaction reads. */
  sizes: ReadonlyMap<number, number>
  /** Ranges that are neighbours are compacted together until they have so many bytes. */
  stepBytes: number
}

/** Neighbouring ranges that are compacted together. */
interface Step {
  runs: Runs
  last: number
  bytes: number
}

const rangeLength = 256
/** Where space is short: the densest part of a range is compacted first, and takes little space. */
const shortRangeLength = 16
const shortSpace = 256 << 20
/** Of a range's bytes, when its garbage is cleared. */
const clearedShare = 1 / 8
/** LevelDB reports sizes in whole blocks. */
const sizeGrain = 4096
/** Ranges of small bodies are a fraction of a table: as many are compacted together as make so many bytes. */
const stepBytes = 32 << 20
/** Records of garbage that are in memory together. */
const recordBatch = 4096
/** Segments that are deleted in one batch, and records. */
const deleteBatch = 512

/**
 * Clears dropped bodies, and with them the space they took, where there is enough of them.
 * @param isRead whether somebody is reading the body: it waits
 * @param pace of the steps; what is left undone when it ends is done by the next call
 * @returns how many segments were cleared
 */
export async function clearGarbage(database: Database, isRead: (id: BlobId) => boolean, pace: Pace): Promise<number> {
  const chosen = await chooseRanges(database, isRead)
  let cleared = await clearSmallBodies(database, isRead, pace)
  if (chosen.sizes.size === 0) return cleared
  let garbage: Garbage[] = []
  for await (const { key, value } of database.entries(garbageRecords, { before: [firstSmallBody] })) {
    garbage.push({ id: key[0], runs: value })
    if (garbage.length < recordBatch) continue
    cleared += await clearBatch(database, garbage, chosen, isRead, pace)
    garbage = []
    if (pace.hasEnded) return cleared
  }
  return cleared + (await clearBatch(database, garbage, chosen, isRead, pace))
}

/**
 * Compacts all bodies once: earlier versions deleted garbage and left its space.
 * @param end the number behind all that were given
 * @param pace of the steps; when it ends early all is done again by the next call
 */
export async function compactOldGarbage(database: Database, end: number, pace: Pace): Promise<void> {
  if (database.get(settings, ['bodies-compacted']) !== undefined) return
  const sizes = new Map<number, number>()
  for (let range = 0; database.bodies.compactRange && range * rangeLength < end; range++) {
    const size = await sizeOf(database, range, rangeLength)
    if (size > sizeGrain) sizes.set(range, size)
  }
  const ranges = [...sizes.keys()].map((range): Run => [range * rangeLength, rangeLength])
  for (const { runs } of stepsOf(ranges, { length: rangeLength, sizes, stepBytes })) {
    if (pace.hasEnded) return
    await pace.step(() => compactAround(database, runs))
  }
  await database.transact((transaction) => transaction.put(settings, ['bodies-compacted'], 1))
}

/** Deletes segments by their numbers: LevelDB's own clearing of a range reads what it clears. */
export async function deleteSegments(database: Database, runs: readonly Run[]): Promise<void> {
  let keys: Buffer[] = []
  for (const [first, count] of runs) {
    for (let number = first; number < first + count; number++) {
      keys.push(segmentKey(number))
      if (keys.length < deleteBatch) continue
      await database.segments.delete(keys)
      keys = []
    }
  }
  if (keys.length > 0) await database.segments.delete(keys)
}

async function chooseRanges(database: Database, isRead: (id: BlobId) => boolean): Promise<ChosenRanges> {
  const space = await database.disk.spaceForMerging()
  const length = space < shortSpace ? shortRangeLength : rangeLength
  const garbage = new Map<number, number>()
  for await (const { key, value } of database.entries(garbageRecords, { before: [firstSmallBody] })) {
    if (isRead(key[0])) continue
    for (const run of cutAtRanges(database.held.divide(value).free, length)) {
      const range = rangeOf(run, length)
      garbage.set(range, (garbage.get(range) ?? 0) + bytesOf(run))
    }
  }
  const sizes = new Map<number, number>()
  for (const [range, bytes] of garbage) {
    const size = await sizeOf(database, range, length)
    if (bytes + sizeGrain >= size * clearedShare && size - bytes <= space) sizes.set(range, size)
  }
  return { length, sizes, stepBytes: Math.min(stepBytes, space) }
}

/** The bytes of a range in LevelDB's tables; none in memory, where what is deleted is gone. */
async function sizeOf({ bodies }: Database, range: number, length: number): Promise<number> {
  const first = segmentKey(range * length)
  return (await bodies.approximateSize?.(first, segmentKey((range + 1) * length))) ?? 0
}

/** Clears of these what nobody reads and lies in the chosen ranges: the segments, then their records. */
async function clearBatch(
  database: Database,
  garbage: readonly Garbage[],
  chosen: ChosenRanges,
  isRead: (id: BlobId) => boolean,
  pace: Pace,
): Promise<number> {
  // What dropped a blob is on the disk; now readers know of it too, and none of them can come to it any more.
  await database.settled()
  const unread = garbage.filter(({ id }) => !isRead(id))
  const parts = unread
    .map(({ id, runs }) => ({ id, ...divide(database.held, runs, chosen) }))
    .filter(({ now }) => now.length > 0)
  const runs = parts.flatMap(({ now }) => now)
  for (const step of stepsOf(runs, chosen)) {
    if (pace.hasEnded) return 0
    await pace.step(() => clearStep(database, step.runs))
  }
  for (let start = 0; start < parts.length; start += deleteBatch) {
    await database.transact((transaction) => {
      for (const { id, later } of parts.slice(start, start + deleteBatch)) {
        if (later.length > 0) transaction.put(garbageRecords, [id], later)
        else {
          transaction.delete(garbageRecords, [id])
          transaction.delete(blobRecords, [id])
        }
      }
    })
  }
  return lengthOf(runs)
}

async function clearStep(database: Database, runs: readonly Run[]): Promise<void> {
  await deleteSegments(database, runs)
  await compactAround(database, runs)
}

/** @param runs ascending */
async function compactAround(database: Database, runs: readonly Run[]): Promise<void> {
  const [first] = runs
  const last = runs.at(-1)
  if (first && last) await database.bodies.compactRange?.(segmentKey(first[0]), segmentKey(last[0] + last[1]))
}

function divide(all: HeldSegments, runs: Runs, { length, sizes }: ChosenRanges): { now: Runs; later: Runs } {
  const { held, free } = all.divide(runs)
  const parts: { now: Runs; later: Runs } = { now: [], later: held }
  for (const run of cutAtRanges(free, length)) (sizes.has(rangeOf(run, length)) ? parts.now : parts.later).push(run)
  return parts
}

function stepsOf(runs: readonly Run[], { length, sizes, stepBytes }: ChosenRanges): Step[] {
  const steps: Step[] = []
  for (const run of [...runs].sort(([a], [b]) => a - b)) {
    const range = rangeOf(run, length)
    const size = sizes.get(range) ?? 0
    const step = steps.at(-1)
    if (step && range === step.last) step.runs.push(run)
    else if (step && range === step.last + 1 && step.bytes < stepBytes) {
      step.runs.push(run)
      step.last = range
      step.bytes += size
    } else steps.push({ runs: [run], last: range, bytes: size })
  }
  return steps
}

function rangeOf([first]: Run, length: number): number {
  return Math.floor(first / length)
}

/** The runs' parts in each of the ranges that they touch. */
function cutAtRanges(runs: Runs, length: number): Runs {
  const parts: Runs = []
  for (const run of runs) {
    const [first, count] = run
    const perSegment = bytesOf(run) / count
    for (let start = first; start < first + count; ) {
      const end = Math.min(first + count, (Math.floor(start / length) + 1) * length)
      parts.push([start, end - start, Math.round((end - start) * perSegment)])
      start = end
    }
  }
  return parts
}
