import { blobRecords, garbageRecords, type Run, type Runs } from './blob-records.ts'
import { type RecordCheck, recordCheck } from './record-check.ts'
import { base64, count, either, number, type RecordShape, text } from './record-shape.ts'
import { settings } from './settings.ts'
import { firstSmallBody, smallBodies } from './small-bodies.ts'

/** `[first, count]`, or with the bytes of both. */
const run: RecordShape<Run> = {
  fault(value) {
    const isRun = Array.isArray(value) && value.length >= 2 && value.every((one) => count.fault(one) === undefined)
    return isRun ? undefined : 'is no run of segments'
  },
}

const runs: RecordShape<Runs> = {
  fault(value) {
    if (!Array.isArray(value) || value.length === 0) return 'is no list of runs'
    return value.map((one) => run.fault(one)).find((fault) => fault !== undefined)
  },
}

/** What the store itself keeps. Which records name the bodies, and which segments they have, is looked at with the bodies. */
export const storeChecks: readonly RecordCheck[] = [
  // Two kinds share the prefix: numbers, and the names of what is under way.
  recordCheck<number | string, typeof settings.parts>(settings, either(number, text)),
  // The first segment need not have the body's number: an import puts bodies beside what is there, and keeps their ids.
  recordCheck(blobRecords, runs),
  recordCheck(garbageRecords, runs),
  recordCheck(smallBodies, base64, ({ key: [id] }) => (id < firstSmallBody ? ['has the number of a segment'] : [])),
]
