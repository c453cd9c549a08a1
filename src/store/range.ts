import { afterAllBeginningWith, encodeKey, encodeOpenString, type KeyPart, type RecordKind } from './keyspace.ts'

/** Which records of a kind to walk through, always in key order (or against it). */
export interface Range {
  /** Leading parts that all have in common. */
  within?: readonly KeyPart[]
  /** What the part after `within` (a string) begins with. */
  beginningWith?: string
  /** Leading parts to begin at, inclusive. */
  from?: readonly KeyPart[]
  /** Leading parts to begin behind: everything that begins with them is passed over. */
  after?: readonly KeyPart[]
  /** Leading parts to end before, exclusive. */
  before?: readonly KeyPart[]
  reverse?: boolean
  limit?: number
}

/** The key ranges between (and around) the prefixes given, in their order. */
export function rangesOutside(kept: readonly number[]): { gte: string; lt: string }[] {
  const edges = [...kept].sort((a, b) => a - b)
  const starts = [0, ...edges.map((prefix) => prefix + 1)]
  const ends = [...edges, 0xff]
  return starts.map((start, index) => ({
    gte: String.fromCharCode(start),
    lt: String.fromCharCode(ends[index] ?? 0xff),
  }))
}

/** Behind every key whose leading parts are these, but not behind a longer string: `z`, 00 comes before `z`, 00 FF, `a`, 00. */
function afterTuple(parts: string): string {
  return `${parts}\xff`
}

/** The range in LevelDB's terms. */
export function bounds(kind: RecordKind<unknown>, range: Range) {
  const { within = [], beginningWith, from, after, before, reverse = false, limit = -1 } = range
  const common = encodeKey(kind, within)
  const base = beginningWith === undefined ? common : common + encodeOpenString(beginningWith)
  const starts = [base]
  if (from) starts.push(encodeKey(kind, from))
  if (after) starts.push(afterTuple(encodeKey(kind, after)))
  // With nothing to begin with the end is the tuple's own: one behind all of its bytes, `b`, 01, would let in what begins with `b`, 00 FF.
  const ends = [beginningWith ? afterAllBeginningWith(base) : afterTuple(common)]
  if (before) ends.push(encodeKey(kind, before))
  const gte = starts.sort().at(-1)
  const lt = ends.sort().at(0)
  return { gte, lt, reverse, limit }
}
