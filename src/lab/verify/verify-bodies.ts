import { nextTurn } from '../../event-loop.ts'
import { versionUri } from '../../s3/record-checks/objects.ts'
import { isMarker, objectParts, objectRecords, objectVersions } from '../../s3/records/object-record.ts'
import { uploadParts } from '../../s3/records/uploads.ts'
import type { Services } from '../../services.ts'
import { type BlobId, blobRecords, garbageRecords } from '../../store/blob-records.ts'
import type { CheckedRecords } from '../../store/record-check.ts'
import { smallBodies } from '../../store/small-bodies.ts'
import type { Report } from './report.ts'
import type { View } from './view.ts'

/** Every body is named by one record, and every record's body is there, in segments of its own; all as of one moment. */
export async function verifyBodies(
  services: Services,
  { records }: View,
  report: Report,
  repair: boolean,
): Promise<void> {
  const named = await namedBodies(records, report)
  const garbage = new Set<BlobId>()
  for await (const [id] of records.keys(garbageRecords)) garbage.add(id)
  const unreachable = await storedBodies(records, report, { named, garbage })
  report.unreachable.bodies = unreachable.length
  const removes = repair && unreachable.length > 0 && !report.areNamesDamaged
  if (removes) await remove(services, unreachable)
  report.unreachable.removed = removes
}

/** Bodies of one commit: a few ms. */
const removedAtOnce = 256

/** Ids are never given twice, so what nobody names now nobody will name. */
async function remove({ inProcess: { database }, bodies }: Services, ids: readonly BlobId[]): Promise<void> {
  for (let first = 0; first < ids.length; first += removedAtOnce) {
    await database.transact((transaction) => {
      for (const id of ids.slice(first, first + removedAtOnce)) bodies.drop(transaction, id)
    })
  }
}

interface Reachable {
  /** id → what names it */
  named: ReadonlyMap<BlobId, string>
  /** What was dropped, and is not cleared yet. */
  garbage: ReadonlySet<BlobId>
}

/** Bodies that are looked for in one turn of the event loop: a few ms. */
const lookedAtInOneTurn = 5000

/** @returns those that are stored, and neither named nor dropped */
async function storedBodies(records: CheckedRecords, report: Report, { named, garbage }: Reachable): Promise<BlobId[]> {
  const unreachable: BlobId[] = []
  const stored = new Set<BlobId>()
  const look = (id: BlobId) => {
    report.proceed('bodies', report.counts.bodies++)
    stored.add(id)
    if (!named.has(id) && !garbage.has(id)) unreachable.push(id)
  }
  const taken: Taken[] = []
  for await (const { key, value } of records.entries(blobRecords)) {
    look(key[0])
    for (const [first, count] of value) taken.push({ first, count, id: key[0] })
  }
  for await (const [id] of records.keys(smallBodies)) look(id)
  reportSharedSegments(taken, report, (id) => named.get(id) ?? `body ${id}`)
  let count = 0
  for (const [id, where] of named) {
    if (count++ % lookedAtInOneTurn === 0) await nextTurn()
    if (garbage.has(id)) report.add('body', where, `body ${id} is dropped, and will be cleared`)
    else if (!stored.has(id)) report.add('body', where, `body ${id} is missing`)
  }
  return unreachable
}

/** Segments of a body, one behind the other. */
interface Taken {
  first: number
  count: number
  id: BlobId
}

function reportSharedSegments(taken: Taken[], report: Report, nameOf: (id: BlobId) => string): void {
  taken.sort((one, other) => one.first - other.first)
  let before: Taken | undefined
  for (const run of taken) {
    if (before && before.first + before.count > run.first) {
      report.add('body', nameOf(run.id), `segment ${run.first} is that of ${nameOf(before.id)} too`)
    }
    before = run
  }
}

async function namedBodies(records: CheckedRecords, report: Report): Promise<Map<BlobId, string>> {
  const named = new Map<BlobId, string>()
  const name = (id: BlobId, where: string) => {
    const other = named.get(id)
    if (other !== undefined) report.add('body', where, `body ${id} is named by ${other} too`)
    named.set(id, where)
  }
  for await (const { key, value } of records.entries(objectRecords)) {
    if ('blob' in value.body) name(value.body.blob, versionUri(key, value.versionId))
  }
  for await (const { key, value } of records.entries(objectVersions)) {
    if (!isMarker(value) && 'blob' in value.body) name(value.body.blob, versionUri(key, value.versionId))
  }
  for await (const { key, value } of records.entries(objectParts)) {
    for (const { blob } of value) name(blob, versionUri(key, key[2]))
  }
  for await (const { key, value } of records.entries(uploadParts)) {
    name(value.blob, `part ${key[1]} of upload ${key[0]}`)
  }
  return named
}
