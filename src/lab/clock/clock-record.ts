import { keyRecords } from '../../kms/keys/key-store.ts'
import { bucketRecords } from '../../s3/records/buckets.ts'
import type { Reader } from '../../store/database.ts'
import { type RecordKind, recordKind } from '../../store/keyspace.ts'
import { events } from '../../trail/stored-event.ts'
import type { Turn } from './turned-ambient.ts'

/** How the clock was turned, under one name. It is a part of the state: a reset removes it, a snapshot has it. */
export const clockRecords = recordKind<readonly Turn[]>()('clock', ['string'])

export const clockKey: ['turns'] = ['turns']

/** Whether nothing has happened yet, so that no moment can lie before something that did. */
export async function isUntouched(reader: Reader): Promise<boolean> {
  const kinds: readonly RecordKind<unknown>[] = [events, keyRecords, bucketRecords]
  for (const kind of kinds) {
    for await (const _ of reader.entries(kind, { limit: 1 })) return false
  }
  return true
}
