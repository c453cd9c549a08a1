import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Database } from '../../store/database.ts'
import { listPage, nameOf, type Start, startBehindMarker } from './listing.ts'
import { type ObjectRecord, objectRecords } from './object-record.ts'

const record: ObjectRecord = {
  versionId: 'null',
  size: 0,
  etag: 'd41d8cd98f00b204e9800998ecf8427e',
  lastModified: 0,
  ownerAccountId: '000000000000',
  systemMetadata: {},
  userMetadata: {},
  envelope: { scheme: 'none' },
  manifest: '',
  body: { partCount: 0 },
}

async function bucketWith(keys: readonly string[]): Promise<Database> {
  const database = await Database.open({})
  await database.transact((transaction) => {
    for (const bucket of ['aaa', 'bucket', 'bucket2']) {
      for (const key of keys) transaction.put(objectRecords, [bucket, key], record)
    }
  })
  return database
}

const bytewise = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** What S3's guide says, said simply: every key, rolled up, once. */
function oracle(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const names = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const place = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
      return place < 0 ? key : key.slice(0, place + delimiter.length)
    })
  return [...new Set(names)].sort(bytewise)
}

const letters = fc.constantFrom('a', 'b', '/', '//', 'é', '\u{1F511}', '\0', '\u{FFFD}', ' ', 'z')
const texts = fc.array(letters, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
const prefixes = fc.array(letters, { maxLength: 3 }).map((parts) => parts.join(''))

test('pages of any size, put together, are the whole list of keys and common prefixes', async () => {
  const sizes = fc.integer({ min: 1, max: 5 })
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(texts, { maxLength: 25 }),
      prefixes,
      prefixes,
      sizes,
      async (keys, prefix, delimiter, limit) => {
        const database = await bucketWith(keys)
        const names: string[] = []
        let start: Start | undefined = {}
        while (start) {
          const page = await listPage(database, { bucket: 'bucket', prefix, delimiter, start, limit })
          expect(page.entries.length).toBeLessThanOrEqual(limit)
          names.push(...page.entries.map(nameOf))
          start = page.next
        }
        await database.close()
        expect(names).toEqual(oracle(keys, prefix, delimiter))
      },
    ),
    { numRuns: 150 },
  )
})

test('markers of ListObjects continue behind the last name that was shown', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(texts, { maxLength: 25 }), prefixes, prefixes, async (keys, prefix, delimiter) => {
      const database = await bucketWith(keys)
      const names: string[] = []
      for (let marker = '', more = true; more; ) {
        const start = startBehindMarker(marker, { prefix, delimiter })
        const page = await listPage(database, { bucket: 'bucket', prefix, delimiter, start, limit: 2 })
        names.push(...page.entries.map(nameOf))
        marker = names.at(-1) ?? ''
        more = page.next !== undefined
      }
      await database.close()
      expect(names).toEqual(oracle(keys, prefix, delimiter))
    }),
    { numRuns: 100 },
  )
})

test('start-after shows the keys behind it, whatever the prefix', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(texts, { maxLength: 25 }), prefixes, texts, async (keys, prefix, behindKey) => {
      const database = await bucketWith(keys)
      const query = { bucket: 'bucket', prefix, delimiter: '', start: { behindKey }, limit: 1000 }
      const page = await listPage(database, query)
      await database.close()
      expect(page.entries.map(nameOf)).toEqual(oracle(keys, prefix, '').filter((key) => bytewise(key, behindKey) > 0))
    }),
    { numRuns: 100 },
  )
})

test('a page continued under another prefix shows only what lies behind', async () => {
  const database = await bucketWith(['a/1', 'b/1', 'b/2', 'c'])
  const list = async (prefix: string, behindPrefix: string) => {
    const query = { bucket: 'bucket', prefix, delimiter: '/', start: { behindPrefix }, limit: 10 }
    return (await listPage(database, query)).entries.map(nameOf)
  }
  expect(await list('b/', 'a/')).toEqual(['b/1', 'b/2'])
  expect(await list('a/', 'b/')).toEqual([])
  expect(await list('b/', 'b/')).toEqual([])
  await database.close()
})
