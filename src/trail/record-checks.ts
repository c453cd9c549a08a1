import { type CheckContext, faultsWhere, type RecordCheck, recordCheck } from '../store/record-check.ts'
import { anything, flag, object, oneOf, type RecordShape, text } from '../store/record-shape.ts'
import { dataEvents } from './data-events.ts'
import { forEachAttribute } from './event-attributes.ts'
import { eventSpans, isFoundById, lastSpan, spanLength, spanOf, startOfSpan } from './event-index.ts'
import { type EventKey, events, last, recordAt, type StoredEvent } from './stored-event.ts'

/** By place in the list; older versions wrote shorter ones. */
const membersOfEvent: readonly (RecordShape<never> | undefined)[] = [
  ...[object, text, text, text, text, undefined, undefined, undefined, undefined, text, flag, undefined],
  oneOf('AwsApiCall', 'AwsServiceEvent'),
]

const eventShape: RecordShape<StoredEvent> = {
  fault(value) {
    if (!Array.isArray(value)) return 'is no event'
    const wrong = membersOfEvent.findIndex((shape, index) => shape?.fault(value[index]) !== undefined)
    return wrong < 0 ? undefined : `[${wrong}] ${membersOfEvent[wrong]?.fault(value[wrong])}`
  },
}

/** Events, each of which is found by its id and by all that LookupEvents looks for. */
export const trailChecks: readonly RecordCheck[] = [
  recordCheck(events, eventShape, faultsOfEvent, ({ value }) => value[9]),
  recordCheck(dataEvents, eventShape, undefined, ({ value }) => value[9]),
  // That none leads to no event is known when all are counted: see below.
  recordCheck(eventSpans, anything, ({ key: [accountId, region, attribute, , span] }, context) => {
    if (attribute !== 'EventId' && isKept((lastSpan - span) * spanLength, context)) {
      countOf(context, `${accountId} ${region}`).found++
    }
    return []
  }),
]

/** The index as it must be, and as it is. */
interface IndexCount {
  /** Entries that the events of the present span have. */
  span: { of: string; entries: Set<string> }
  byPlace: Map<string, { expected: number; found: number }>
}

function indexCountOf(context: CheckContext): IndexCount {
  return context.once(eventSpans, () => ({ span: { of: '', entries: new Set() }, byPlace: new Map() }))
}

function countOf(context: CheckContext, place: string): { expected: number; found: number } {
  const { byPlace } = indexCountOf(context)
  const known = byPlace.get(place) ?? { expected: 0, found: 0 }
  byPlace.set(place, known)
  return known
}

/** Whether the span of a time is not about to leave the trail, or half gone already. @param time ms since the epoch */
function isKept(time: number, { oldestEvent }: CheckContext): boolean {
  return startOfSpan(time) >= startOfSpan(oldestEvent) + spanLength
}

function faultsOfEvent({ key, value }: { key: EventKey; value: StoredEvent }, context: CheckContext): string[] {
  const [accountId, region, left] = key
  const time = last - left
  if (!isKept(time, context)) return []
  const record = recordAt(key, value)
  const span = spanOf(time)
  const { records } = context
  const { span: present } = indexCountOf(context)
  const of = `${accountId} ${region} ${span}`
  if (present.of !== of) {
    present.of = of
    present.entries.clear()
  }
  const faults: string[] = []
  forEachAttribute(record, (attribute, text) => {
    const entry = `${attribute} ${text}`
    if (present.entries.has(entry)) return
    present.entries.add(entry)
    if (records.isMissing(eventSpans, [accountId, region, attribute, text, lastSpan - span])) {
      faults.push(`is not found by its ${attribute}`)
    } else countOf(context, `${accountId} ${region}`).expected++
  })
  return [...faults, ...faultsWhere([!isFoundById(records, record, time), 'is not found by its id'])]
}

/** Once all records were checked: what the index has beyond the events. @yields where, and what is wrong there */
export function* faultsOfIndex(context: CheckContext): Generator<[where: string, message: string]> {
  for (const [place, { expected, found }] of indexCountOf(context).byPlace) {
    if (found > expected) yield [place, `${found - expected} entries of the index lead to no event`]
  }
}
