import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Database } from '../../store/database.ts'
import { startBehindMarker } from './listing.ts'
import { type DeleteMarker, nullVersion, type ObjectRecord, type ObjectVersion } from './object-record.ts'
import { newVersionId } from './version-id.ts'
import { listVersionPage, type VersionListingEntry } from './version-listing.ts'
import { orderBefore, stageBefore, stageRemoval, versionsOf } from './versions.ts'

const common = { lastModified: 0, ownerAccountId: '000000000000' }
const content: Omit<ObjectRecord, 'versionId' | 'order'> = {
  ...common,
  size: 0,
  etag: 'd41d8cd98f00b204e9800998ecf8427e',
  systemMetadata: {},
  userMetadata: {},
  envelope: { scheme: 'none' },
  manifest: '',
  body: { partCount: 0 },
}

type Kind = 'object' | 'marker' | 'null'
type Histories = [key: string, kinds: Kind[]][]

let random = 0
function versionOf(kind: Kind, order: number): ObjectVersion {
  const salt = Buffer.alloc(13)
  salt.writeUInt32BE(++random)
  const versionId = kind === 'null' ? nullVersion : newVersionId(order, salt)
  const marker: DeleteMarker = { ...common, versionId, order, isDeleteMarker: true }
  return kind === 'marker' ? marker : { ...content, versionId, order }
}

/** Writes each key's versions, the oldest first. */
async function bucketWith(histories: Histories): Promise<Database> {
  const database = await Database.open({})
  for (const bucket of ['aaa', 'bucket', 'bucket2']) {
    for (const [key, kinds] of histories) {
      let newest: ObjectVersion | undefined
      for (const kind of kinds) {
        const version = versionOf(kind, orderBefore(newest))
        await database.transact((transaction) => stageBefore(transaction, [bucket, key], version))
        newest = version
      }
    }
  }
  return database
}

const bytewise = ([a]: [string, ...unknown[]], [b]: [string, ...unknown[]]) =>
  Buffer.compare(Buffer.from(a), Buffer.from(b))
const nameOf = (entry: VersionListingEntry) =>
  'key' in entry ? `${entry.key} ${entry.version.versionId} ${entry.isLatest}` : entry.commonPrefix

/** Every version of every key in order, rolled up. */
async function oracle(database: Database, histories: Histories, prefix: string, delimiter: string): Promise<string[]> {
  const names: string[] = []
  for (const [key] of [...histories].sort(bytewise)) {
    if (!key.startsWith(prefix)) continue
    const place = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    let isLatest = true
    for await (const { versionId } of versionsOf(database, ['bucket', key])) {
      names.push(place < 0 ? `${key} ${versionId} ${isLatest}` : key.slice(0, place + delimiter.length))
      isLatest = false
    }
  }
  return [...new Set(names)]
}

const letters = fc.constantFrom('a', 'b', '/', '//', 'é', '\u{1F511}', '\0', '\u{FFFD}', ' ', 'z')
const texts = fc.array(letters, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
const prefixes = fc.array(letters, { maxLength: 2 }).map((parts) => parts.join(''))
const onlyOneNull = (kinds: Kind[]) => kinds.filter((kind, index) => kind !== 'null' || kinds.indexOf(kind) === index)
const kinds = fc
  .array(fc.constantFrom<Kind>('object', 'marker', 'null'), { minLength: 1, maxLength: 5 })
  .map(onlyOneNull)
const histories = fc.uniqueArray(fc.tuple(texts, kinds), { maxLength: 12, selector: ([key]) => key })

test('Pages of any size, continued by the markers that are shown, are all versions in their order', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories,
      prefixes,
      prefixes,
      fc.integer({ min: 1, max: 5 }),
      async (all, prefix, delimiter, limit) => {
        const database = await bucketWith(all)
        const names: string[] = []
        let [keyMarker, behindVersionId]: [string, string | undefined] = ['', undefined]
        for (let isTruncated = true; isTruncated; ) {
          const start = { ...startBehindMarker(keyMarker, { prefix, delimiter }), behindVersionId }
          const page = await listVersionPage(database, { bucket: 'bucket', prefix, delimiter, start, limit })
          expect(page.entries.length).toBeLessThanOrEqual(limit)
          names.push(...page.entries.map(nameOf))
          isTruncated = page.isTruncated
          const last = page.entries.at(-1)
          keyMarker = last ? ('key' in last ? last.key : last.commonPrefix) : ''
          behindVersionId = last && 'key' in last ? last.version.versionId : undefined
        }
        expect(names).toEqual(await oracle(database, all, prefix, delimiter))
        await database.close()
      },
    ),
    { numRuns: 120 },
  )
})

test('A key marker alone passes over all versions of its key', async () => {
  const all: Histories = [
    ['a', ['object', 'marker']],
    ['b', ['object', 'object']],
    ['c', ['null']],
  ]
  const database = await bucketWith(all)
  const query = { bucket: 'bucket', prefix: '', delimiter: '', limit: 10 }
  const page = await listVersionPage(database, { ...query, start: { behindKey: 'b' } })
  expect(page).toMatchObject({ entries: [{ key: 'c', version: { versionId: 'null' } }], isTruncated: false })
  await database.close()
})

test.each([0, 1, 2])('Behind version %i, which is deleted meanwhile, a list goes on where it stood', async (index) => {
  const database = await bucketWith([
    ['a', ['object', 'marker', 'object']],
    ['b', ['object']],
  ])
  const before: ObjectVersion[] = []
  for await (const version of versionsOf(database, ['bucket', 'a'])) before.push(version)
  const gone = before[index]
  if (!gone) throw new Error('There is no such version')
  await database.transact((transaction) => stageRemoval(transaction, ['bucket', 'a'], gone))
  const start = { behindKey: 'a', behindVersionId: gone.versionId }
  const page = await listVersionPage(database, { bucket: 'bucket', prefix: '', delimiter: '', start, limit: 10 })
  const listed = page.entries.map((entry) => ('key' in entry ? entry.version.versionId : ''))
  expect(listed.slice(0, -1)).toEqual(before.slice(index + 1).map(({ versionId }) => versionId))
  await database.close()
})

test('Behind a null version that is gone the key is listed from its newest: nothing is left out', async () => {
  const database = await bucketWith([['a', ['object', 'object']]])
  const start = { behindKey: 'a', behindVersionId: nullVersion }
  const page = await listVersionPage(database, { bucket: 'bucket', prefix: '', delimiter: '', start, limit: 10 })
  expect(page.entries).toHaveLength(2)
  await database.close()
})
