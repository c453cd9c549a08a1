import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { AbstractChainedBatch } from 'abstract-level'
import { segmentsOf, textsOf, writeKept } from './blobs.fixture.ts'
import { openBlobs } from './blobs.ts'
import { Database, StoreClosed, settings } from './database.ts'
import { recordKind } from './keyspace.ts'
import { moment, someTurns } from './moment.fixture.ts'

const buckets = recordKind<string>()('bucket', ['string'])

type Batch = AbstractChainedBatch<unknown, unknown, unknown>

let undo: (() => Promise<void>)[] = []
afterEach(async () => {
  jest.restoreAllMocks()
  for (const step of undo.reverse()) await step()
  undo = []
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'generations-'))
  undo.push(() => rm(path, { recursive: true }))
  return path
}

async function isEmpty(database: Database): Promise<boolean> {
  for await (const _ of database.entries(buckets)) return false
  return (await database.bodies.keys().all()).length === 0
}

describe.each(['memory', 'disk'])('a generation of a store in %s', (backend) => {
  async function open(): Promise<Database> {
    const database = await Database.open(backend === 'disk' ? { folder: await folder() } : {})
    undo.push(() => database.close())
    return database
  }

  test('a generation that has ended refuses whatever is asked, and touches nothing', async () => {
    const database = await open()
    const cursor = database.cursor(buckets)
    const begun = database.transaction()
    begun.put(buckets, ['begun before'], 'x')
    const next = await database.clear()
    expect([database.isOpen, next.isOpen]).toEqual([false, true])
    const key = async () => Buffer.of(1)
    const asked = {
      get: async () => database.get(buckets, ['a']),
      cursor: async () => database.cursor(buckets),
      'a cursor begun before': () => cursor.next(),
      bodies: async () => database.bodies,
      commit: () => database.transact((transaction) => transaction.put(buckets, ['a'], 'x')),
      'a commit begun before': () => begun.commit(),
      settled: () => database.settled(),
      putSmallBody: async () => database.segments.putSmall(Buffer.of(1), Buffer.of(1)),
      putSegment: () => database.segments.putSegment(key, Buffer.of(1)),
      deleteBodies: () => database.segments.delete([Buffer.of(1)]),
    }
    for (const [what, ask] of Object.entries(asked)) {
      expect({ what, outcome: await ask().catch((error) => error) }).toEqual({ what, outcome: new StoreClosed() })
    }
    await cursor.close()
    expect(await isEmpty(next)).toBe(true)
  })

  test('a commit that was not awaited before the clearing does not come back after it', async () => {
    const database = await open()
    const commits = Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        database.transact((transaction) => transaction.put(buckets, [`b${index}`], 'x')),
      ),
    )
    // Each has asked for its write by then.
    await Promise.resolve()
    await Promise.resolve()
    const next = await database.clear()
    await commits
    expect(await isEmpty(next)).toBe(true)
  })

  test('segments that are being put, or wait for their turn, do not come back after the clearing', async () => {
    const database = await open()
    const putting = Promise.allSettled(
      Array.from({ length: 8 }, async (_, index) => {
        const { ended } = await database.segments.putSegment(async () => Buffer.of(index), Buffer.alloc(1 << 20))
        await ended
      }),
    )
    await Promise.resolve()
    const next = await database.clear()
    const outcomes = await putting
    expect(await isEmpty(next)).toBe(true)
    expect(outcomes.map(({ status }) => status)).toContain('rejected')
  })

  test('a clearing waits for the segments that LevelDB has', async () => {
    const database = await open()
    const mayEnd = moment()
    const put = database.bodies.put.bind(database.bodies)
    jest.spyOn(database.bodies, 'put').mockImplementationOnce(async () => {
      await mayEnd.comes
      await put(Buffer.of(1), Buffer.of(1))
    })
    const { ended } = await database.segments.putSegment(async () => Buffer.of(1), Buffer.of(1))
    let isCleared = false
    const cleared = database.clear().then((next) => {
      isCleared = true
      return next
    })
    await someTurns()
    expect(isCleared).toBe(false)
    mayEnd.come()
    await ended
    expect(await isEmpty(await cleared)).toBe(true)
  })

  test('a segment whose number was under way at the clearing is not put', async () => {
    const database = await open()
    const hasNumber = moment()
    const put = database.segments.putSegment(async () => {
      await hasNumber.comes
      return Buffer.of(1)
    }, Buffer.of(1))
    await someTurns()
    const cleared = database.clear()
    hasNumber.come()
    await expect(put).rejects.toThrow(StoreClosed)
    expect(await isEmpty(await cleared)).toBe(true)
  })

  test('what was written before the clearing cannot be kept, and giving it up harms nothing', async () => {
    const database = await open()
    const blobs = await openBlobs(database)
    const late = await blobs.write(segmentsOf('a', 'b'))
    const next = await database.clear()
    const { id } = await writeKept(next, await openBlobs(next), 'c', 'd', 'e')
    await expect(database.transact((transaction) => blobs.keep(transaction, late))).rejects.toThrow(StoreClosed)
    blobs.abandon(late)
    blobs.abandon({ id, runs: [[id, 3]] })
    await blobs.close()
    expect(await textsOf((await openBlobs(next)).read(id, 0, 3))).toEqual(['c', 'd', 'e'])
  })

  test('a clearing that failed may be repeated', async () => {
    const database = await open()
    await database.transact((transaction) => transaction.put(buckets, ['a'], 'x'))
    await database.segments.putSmall(Buffer.of(1), Buffer.of(1))
    jest.spyOn(database.bodies, 'clear').mockRejectedValueOnce(new Error('The disk is full'))
    await expect(database.clear()).rejects.toThrow('The disk is full')
    expect(database.isOpen).toBe(false)
    expect(await isEmpty(await database.clear())).toBe(true)
  })
})

describe('a clearing that was broken off', () => {
  const rootKeys = recordKind<string>()('rootKey', ['string'])

  async function filled(path: string): Promise<Database> {
    const database = await Database.open({ folder: path })
    await database.transact((transaction) => {
      transaction.put(buckets, ['a'], 'x')
      transaction.put(rootKeys, ['own'], 'key')
    })
    await database.segments.putSmall(Buffer.of(1), Buffer.of(1))
    return database
  }

  test('after its mark is finished at the next start', async () => {
    const path = await folder()
    const database = await filled(path)
    await database.transact((transaction) => transaction.put(settings, ['clearing'], 1))
    await database.close()
    const reopened = await Database.open({ folder: path })
    undo.push(() => reopened.close())
    expect(await isEmpty(reopened)).toBe(true)
    expect(reopened.get(rootKeys, ['own'])).toBe('key')
  })

  test('between records and bodies is finished at the next start, and at no other', async () => {
    const path = await folder()
    const database = await filled(path)
    jest.spyOn(database.bodies, 'clear').mockRejectedValueOnce(new Error('kill -9'))
    await expect(database.clear()).rejects.toThrow('kill -9')
    await database.close()
    const reopened = await Database.open({ folder: path })
    expect(await isEmpty(reopened)).toBe(true)
    await reopened.transact((transaction) => transaction.put(buckets, ['b'], 'kept'))
    await reopened.close()
    const again = await Database.open({ folder: path })
    undo.push(() => again.close())
    expect(again.get(buckets, ['b'])).toBe('kept')
  })
})

test('a write that waits for numbers at the clean end gets none', async () => {
  const database = await Database.open({})
  const blobs = await openBlobs(database)
  const mayReserve = moment()
  jest.spyOn(AbstractChainedBatch.prototype, 'write').mockImplementationOnce(async function (this: Batch) {
    await mayReserve.comes
    return this.write()
  })
  const refused = expect(blobs.write(segmentsOf('a'))).rejects.toThrow(StoreClosed)
  await someTurns()
  const closed = blobs.close()
  mayReserve.come()
  await closed
  await refused
  expect(await database.bodies.keys().all()).toEqual([])
  await database.close()
})

test('a clean end gives numbers back, so a write that is still under way gets none of them', async () => {
  const database = await Database.open({})
  const blobs = await openBlobs(database)
  const { id } = await writeKept(database, blobs, 'a', 'a')
  const mayGoOn = moment()
  async function* slow() {
    yield Buffer.from('b')
    await mayGoOn.comes
    yield Buffer.from('c')
  }
  const late = blobs.write(slow())
  await someTurns()
  await blobs.close()
  mayGoOn.come()
  await expect(late).rejects.toThrow(StoreClosed)
  await expect(blobs.write(segmentsOf('d'))).rejects.toThrow(StoreClosed)
  const reopened = await openBlobs(database)
  expect((await writeKept(database, reopened, 'e', 'e')).id).toBe(id + 2)
  await reopened.sweep()
  expect(await database.bodies.keys().all()).toHaveLength(4)
  await database.close()
})
