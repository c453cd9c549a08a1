import { setImmediate as endOfTurn } from 'node:timers/promises'
import { type BlobId, blobRecords, garbageRecords, type Run, type Runs } from './blob-records.ts'
import { decodeKey, encodeKey, formatVersion, type RecordKind } from './keyspace.ts'
import type { Level } from './level.ts'
import { bounds, type Range } from './range.ts'
import { SegmentSet } from './segment-set.ts'
import { settings } from './settings.ts'
import { smallBodies } from './small-bodies.ts'

/*
 * A state of the store: all that clients made, at one moment. What belongs to the store itself is no part of it, nor is what was
 * dropped and waits for a sweep:
 *
 *   records   setting*  blob*  garbage  smallBody*  principal … restoreMoment
 *   state     ▓▓▓▓▓▓▓   ▓▓▓▓            ▓▓▓▓▓▓▓▓▓   ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓     * but for those
 *   bodies    stay where they are: the state says in which segments they lie
 */

/** A record by the text of its key (`keyspace.ts`), and its JSON. */
export type Entry = readonly [name: string, text: string]

export interface State {
  /** All records in the order of their keys, many at a time. It may be walked more than once. */
  records(): AsyncIterable<readonly Entry[]>
  /** One of the few records that say how the others are to be read: settings of the store, its root key. */
  read<Value, Parts extends readonly 'string'[]>(
    kind: RecordKind<Value, Parts>,
    key: readonly string[],
  ): Value | undefined
  /** The store's format that its records have (`keyspace.ts`). */
  format: number
  /** Where its bodies lie, but for small ones, which are records. */
  segments: SegmentSet
  /** Behind all numbers that were given to its bodies: whoever takes the state gives none of them again. */
  reserved: number
}

/** The state of a store that is empty. */
export const nothing: State = {
  async *records() {},
  read: () => undefined,
  format: formatVersion,
  segments: SegmentSet.empty,
  reserved: 0,
}

/** The records of one moment. */
export type Moment = ReturnType<Level<string>['snapshot']>

const reservedName = encodeKey(settings, ['segments-reserved'])
/** The record that says which format the others have. */
export const formatName = encodeKey(settings, ['format'])
/** The store's own numbers, and what is under way: a reset, or the taking of another state. */
const own = [
  'segments-reserved',
  'segments-floor',
  'bodies-compacted',
  'records-compacted',
  'clearing',
  'loading',
  'store-id',
]
const ownNames = new Set(own.map((name) => encodeKey(settings, [name])))
const entriesAtOnce = 512

/** Whether a record belongs to the store itself, and to none of its states. */
export function isStoresOwn(name: string): boolean {
  return name.startsWith(settings.prefix) && ownNames.has(name)
}

/**
 * The state that a store is in at a moment.
 * @param moment closed by the caller, when the state is needed no more
 * @param isMemory whether reading answers at once, so that a long walk would let nobody else have a turn
 */
export async function stateAt(records: Level<string>, moment: Moment, isMemory: boolean): Promise<State> {
  // Nobody else would have a turn while memory, which answers at once, is walked over.
  const rest = isMemory ? () => endOfTurn() : undefined
  const dropped = await droppedBodies(records, moment)
  const runs: Run[] = []
  for await (const page of pagesOf(records, { ...bounds(blobRecords, {}), snapshot: moment }, rest)) {
    for (const entry of page) if (!isDropped(entry, dropped)) runs.push(...runsIn(entry))
  }
  return {
    async *records() {
      for await (const page of pagesOf(records, { snapshot: moment }, rest)) {
        yield page.filter((entry) => !isStoresOwn(entry[0]) && !isDropped(entry, dropped))
      }
    },
    read: (kind, key) => jsonIn(records.getSync(encodeKey(kind, key), { snapshot: moment })),
    format: Number(records.getSync(formatName, { snapshot: moment }) ?? 0),
    segments: new SegmentSet(runs),
    reserved: Number(records.getSync(reservedName, { snapshot: moment }) ?? 0),
  }
}

/** Records as texts, which need not be what they should be. */
export interface StoredRecords {
  /** @param name of the record (`keyspace.ts`) */
  text(name: string): string | undefined
  /** In the order of their keys, many at a time. */
  pages(kind: RecordKind<unknown>, range?: Range): AsyncIterable<readonly Entry[]>
}

/** Records of a moment, of which some may be damaged. */
export function storedRecords(records: Level<string>, moment: Moment, isMemory: boolean): StoredRecords {
  const rest = isMemory ? () => endOfTurn() : undefined
  return {
    text: (name) => records.getSync(name, { snapshot: moment }),
    pages: (kind, range = {}) => pagesOf(records, { ...bounds(kind, range), snapshot: moment }, rest),
  }
}

/** Records in the order of their keys. @param rest what is waited for between two pages */
export async function* pagesOf(
  records: Level<string>,
  options: object = {},
  rest?: () => Promise<void>,
): AsyncGenerator<Entry[]> {
  const iterator = records.iterator(options)
  try {
    for (;;) {
      const page = await iterator.nextv(entriesAtOnce)
      if (page.length === 0) return
      yield page
      await rest?.()
    }
  } finally {
    await iterator.close()
  }
}

/** The ids of the bodies that wait for a sweep. */
export async function droppedBodies(records: Level<string>, snapshot?: Moment): Promise<Set<BlobId>> {
  const dropped = new Set<BlobId>()
  for await (const page of pagesOf(records, { ...bounds(garbageRecords, {}), snapshot })) {
    for (const [name] of page) dropped.add(decodeKey(garbageRecords, name)[0])
  }
  return dropped
}

/** The segments that a record of a body, or of garbage, names. */
export function runsIn([, text]: Entry): Runs {
  return JSON.parse(text) as Runs
}

/** Garbage, and what it is the garbage of. */
function isDropped([name]: Entry, dropped: ReadonlySet<BlobId>): boolean {
  if (name.startsWith(garbageRecords.prefix)) return true
  if (dropped.size === 0) return false
  const isBody = name.startsWith(blobRecords.prefix) || name.startsWith(smallBodies.prefix)
  return isBody && dropped.has(decodeKey(blobRecords, name)[0])
}

function jsonIn<Value>(text: string | undefined): Value | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Value)
}
