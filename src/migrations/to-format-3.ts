import {
  nullVersion,
  type ObjectBody,
  type ObjectRecord,
  objectParts,
  objectRecords,
} from '../s3/records/object-record.ts'
import { recordKind } from '../store/keyspace.ts'
import { inBatches, type Migration } from './migration.ts'

/*
 * Format 2 kept every object under a slot, the same for all; format 3 keeps the current version under bucket and key alone:
 *
 *   objectSlot      [bucket, key, slot]  →  object      [bucket, key]
 *   objectPartsSlot [bucket, key, slot]  →  objectParts [bucket, key, 'null']
 */

const objectSlots = recordKind<ObjectRecord>()('objectSlot', ['string', 'string', 'integer'])
const objectPartsSlots = recordKind<ObjectBody[]>()('objectPartsSlot', ['string', 'string', 'integer'])

export const toFormat3: Migration = {
  to: 3,
  summary: 'objects are kept as versions',
  async run(database) {
    await inBatches(database, database.entries(objectPartsSlots), (transaction, { key, value }) => {
      const [bucket, name] = key
      transaction.put(objectParts, [bucket, name, nullVersion], value)
      transaction.delete(objectPartsSlots, key)
    })
    await inBatches(database, database.entries(objectSlots), (transaction, { key, value }) => {
      const [bucket, name] = key
      transaction.put(objectRecords, [bucket, name], value)
      transaction.delete(objectSlots, key)
    })
  },
}
