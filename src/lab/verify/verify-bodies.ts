import {
  isMarker,
  type ObjectVersion,
  objectParts,
  objectRecords,
  objectVersions,
} from '../../s3/records/object-record.ts'
import { uploadParts } from '../../s3/records/uploads.ts'
import type { Services } from '../../services.ts'
import { type BlobId, blobRecords, garbageRecords } from '../../store/blob-records.ts'
import type { Database, Moment } from '../../store/database.ts'
import type { KeyOf, PartType, RecordKind } from '../../store/keyspace.ts'
import { smallBodies } from '../../store/small-bodies.ts'
import type { Report } from './report.ts'

/** Every body is named by one record, and every record's body is there; all as of one moment. */
export async function verifyBodies(services: Services, report: Report, repair: boolean): Promise<void> {
  const { database } = services.inProcess
  const moment = database.snapshot()
  const unreachable: BlobId[] = []
  try {
    const named = await namedBodies(database, moment, report)
    const garbage = new Set<BlobId>()
    for await (const { key } of walk(database, moment, garbageRecords)) garbage.add(key[0])
    for (const kind of [blobRecords, smallBodies]) {
      for await (const { key } of walk<unknown, readonly ['integer']>(database, moment, kind)) {
        const [id] = key
        report.proceed('bodies', report.counts.bodies++)
        if (!named.delete(id) && !garbage.has(id)) unreachable.push(id)
      }
    }
    for (const [id, where] of named) report.add('body', where, `body ${id} is missing`)
  } finally {
    await moment.close()
  }
  report.unreachable.bodies = unreachable.length
  if (repair) await remove(services, unreachable)
  report.unreachable.removed = repair && unreachable.length > 0
}

/** Ids are never given twice, so what nobody names now nobody will name. */
async function remove({ inProcess: { database }, bodies }: Services, ids: readonly BlobId[]): Promise<void> {
  for (const id of ids) {
    await database.transact(async (transaction) => {
      bodies.drop(transaction, id)
    })
  }
}

/** id → what names it */
async function namedBodies(database: Database, moment: Moment, report: Report): Promise<Map<BlobId, string>> {
  const named = new Map<BlobId, string>()
  const name = (id: BlobId, where: string) => {
    const other = named.get(id)
    if (other !== undefined) report.add('body', where, `body ${id} is named by ${other} too`)
    named.set(id, where)
  }
  for (const kind of [objectRecords, objectVersions]) {
    for await (const { key, value } of walk<ObjectVersion>(database, moment, kind)) {
      if (!isMarker(value) && 'blob' in value.body) name(value.body.blob, uriOf(key, value.versionId))
    }
  }
  for await (const { key, value } of walk(database, moment, objectParts)) {
    for (const { blob } of value) name(blob, uriOf(key, key[2]))
  }
  for await (const { key, value } of walk(database, moment, uploadParts)) {
    name(value.blob, `part ${key[1]} of upload ${key[0]}`)
  }
  return named
}

function uriOf([bucket, key]: readonly (string | number)[], versionId: string): string {
  return `s3://${bucket}/${key}?versionId=${versionId}`
}

async function* walk<Value, Parts extends readonly PartType[] = readonly PartType[]>(
  database: Database,
  moment: Moment,
  kind: RecordKind<Value, Parts>,
): AsyncGenerator<{ key: KeyOf<Parts>; value: Value }> {
  const cursor = database.cursor(kind, {}, moment)
  try {
    for (let found = await cursor.next(); found; found = await cursor.next()) yield found
  } finally {
    await cursor.close()
  }
}
