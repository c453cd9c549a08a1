import { segmentKey } from './blob-records.ts'
import type { Database } from './database.ts'
import { farKeys } from './far-keys.ts'

/** Segments fetched together; twice as many are in memory while the next batch is under way. */
const readBatch = 2

/**
 * Reads segments in order, the next while the last are being taken.
 * @param numbers theirs
 * @param next the number behind all that were given (`far-keys.ts`)
 * @param onBodyBytes called with the bytes of each of several segments, once it was taken
 * @throws Error when one is missing
 */
export async function* readSegments(
  database: Database,
  numbers: readonly number[],
  next: () => number,
  onBodyBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  const [only] = numbers
  if (only !== undefined && numbers.length === 1) {
    // A small object: a get from LevelDB's cache is cheaper than a trip through the thread pool.
    yield present(database.bodies.getSync(segmentKey(only)), only)
    return
  }
  let ahead = getMany(database, numbers.slice(0, readBatch), next)
  for (let start = 0; start < numbers.length; start += readBatch) {
    const segments = await ahead
    const following = numbers.slice(start + readBatch, start + 2 * readBatch)
    ahead = getMany(database, following, next)
    // A reader that stops early does not await the read-ahead, whose failure then has no effect.
    ahead.catch(() => undefined)
    for (const segment of segments) {
      yield segment
      onBodyBytes(segment.length)
    }
  }
}

async function getMany(database: Database, numbers: readonly number[], next: () => number): Promise<Uint8Array[]> {
  const [first] = numbers
  if (first === undefined) return []
  const keys = [...numbers.map(segmentKey), ...farKeys(first, next())]
  const { reopening } = database.disk
  // Long reads outlast it.
  if (reopening) await reopening.catch(() => undefined)
  const segments = await database.bodies.getMany(keys)
  return numbers.map((number, index) => present(segments[index], number))
}

function present(segment: Uint8Array | undefined, number: number): Uint8Array {
  if (!segment) throw new Error(`The store is damaged: segment ${number} is missing`)
  return segment
}
