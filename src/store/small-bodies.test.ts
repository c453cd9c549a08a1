import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { segmentsOf, stored, textsOf, writeKept } from './blobs.fixture.ts'
import { type BlobStore, openBlobs } from './blobs.ts'
import { Database } from './database.ts'
import { largestSmallBody } from './small-bodies.ts'

let database: Database
let blobs: BlobStore

beforeEach(async () => {
  database = await Database.open({})
  blobs = await openBlobs(database)
})

afterEach(() => database.close())

const segments = async () => (await database.bodies.keys().all()).length

test('A body of one short segment is no segment: it is written with the commit that names it', async () => {
  const text = 's'.repeat(largestSmallBody)
  const blob = await blobs.write(segmentsOf(text))
  expect(await stored(database)).toBe(0)
  await database.transact((transaction) => blobs.keep(transaction, blob))
  expect([await stored(database), await segments()]).toEqual([1, 0])
  expect(await textsOf(blobs.read(blob.id, 0, 1))).toEqual([text])
})

test('A body that is a byte longer is a segment', async () => {
  const { id } = await writeKept(database, blobs, 's'.repeat(largestSmallBody + 1))
  expect(await segments()).toBe(1)
  expect((await textsOf(blobs.read(id, 0, 1))).map(({ length }) => length)).toEqual([largestSmallBody + 1])
})

test('A short segment that others follow is a segment like them', async () => {
  const { id } = await writeKept(database, blobs, 'a', '', 'c')
  expect(await segments()).toBe(3)
  expect(await textsOf(blobs.read(id, 0, 3))).toEqual(['a', '', 'c'])
})

test('An empty body is a body', async () => {
  const { id } = await writeKept(database, blobs, '')
  expect(await textsOf(blobs.read(id, 0, 1))).toEqual([''])
})

test('One that is given up leaves nothing', async () => {
  blobs.abandon(await blobs.write(segmentsOf('a')))
  await blobs.close()
  expect(await stored(database)).toBe(0)
})

test('One that was dropped is there while somebody reads it, and gone at the sweep behind', async () => {
  const { id } = await writeKept(database, blobs, 'a')
  const pin = blobs.pin([id])
  await database.transact((transaction) => blobs.drop(transaction, id, 1))
  expect(await blobs.sweep()).toBe(0)
  expect(await textsOf(blobs.read(id, 0, 1))).toEqual(['a'])
  pin.release()
  expect(await blobs.sweep()).toBe(1)
  expect(await stored(database)).toBe(0)
  await expect(textsOf(blobs.read(id, 0, 1))).rejects.toThrow('is not in the store')
})

test('A segment that it does not have is refused', async () => {
  const { id } = await writeKept(database, blobs, 'a')
  await expect(textsOf(blobs.read(id, 0, 2))).rejects.toThrow('has no segments but one')
})

test('Many that were dropped are removed in several commits, beside segments', async () => {
  const ids = await Promise.all(Array.from({ length: 1300 }, (_, index) => writeKept(database, blobs, `${index}`)))
  const large = await writeKept(database, blobs, 'a', 'b')
  await database.transact((transaction) => {
    for (const { id } of [...ids, large]) blobs.drop(transaction, id)
  })
  expect(await blobs.sweep()).toBe(1302)
  expect(await stored(database)).toBe(0)
})
