import { nextTurn } from '../../event-loop.ts'
import { faultsOfIndex } from '../../trail/record-checks.ts'
import { nameOf } from './record-reader.ts'
import type { Fault, Report } from './report.ts'
import type { View } from './view.ts'

/** Kinds whose records tell the state's story: what is wrong among them is wrong with the trail. */
const ofTrail: ReadonlySet<string> = new Set(['event', 'eventSpan', 'undelivered'])

/** Kinds whose records name bodies. */
const namingBodies: ReadonlySet<string> = new Set(['object', 'objectVersion', 'objectParts', 'upload', 'uploadPart'])

/** Records whose relations are looked at in one turn of the event loop: a few ms. */
const recordsOfTurn = 64

/** Every record is one of its kind, and stands to others as its kind does: as it was declared beside those who write it. */
export async function verifyRecords({ state, records, context }: View, report: Report): Promise<void> {
  for await (const page of state.records()) {
    for (const entry of page) {
      if (report.counts.records++ % recordsOfTurn === 0) {
        report.proceed('records', report.counts.records)
        await nextTurn()
      }
      const read = records.read(entry)
      if (read === 'retired') continue
      if ('fault' in read) {
        report.add('record', nameOf(entry), read.fault)
        report.areNamesDamaged = true
      } else {
        const { check, ...found } = read
        const faults = check.faults?.(found, context) ?? []
        const kind: Fault['kind'] = ofTrail.has(check.kind.name) ? 'trail' : 'record'
        for (const fault of faults instanceof Promise ? await faults : faults) {
          report.add(kind, check.where?.(found) ?? nameOf(entry), fault)
          report.areNamesDamaged ||= namingBodies.has(check.kind.name)
        }
      }
    }
  }
  for (const [where, fault] of faultsOfIndex(context)) report.add('trail', where, fault)
}
