import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { AbstractChainedBatch } from 'abstract-level'
import fc from 'fast-check'
import { Database, OtherStoreFormat, settings } from './database.ts'
import { StoreLocked } from './files/open-errors.ts'
import { formatVersion, oldestFormat, recordKind } from './keyspace.ts'
import { moment, someTurns } from './moment.fixture.ts'
import type { Range } from './range.ts'

const objects = recordKind<string>()('object', ['string', 'string', 'integer'])
const buckets = recordKind<{ name: string }>()('bucket', ['string'])

type Batch = AbstractChainedBatch<unknown, unknown, unknown>

let undo: (() => Promise<void>)[] = []
afterEach(async () => {
  jest.restoreAllMocks()
  for (const step of undo.reverse()) await step()
  undo = []
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'database-'))
  undo.push(() => rm(path, { recursive: true }))
  return path
}

async function fill(database: Database, keys: readonly (readonly [string, string, number])[]): Promise<void> {
  await database.transact((transaction) => {
    for (const key of keys) transaction.put(objects, [...key], key.join('|'))
  })
}

async function found(database: Database, range: Range): Promise<string[]> {
  const values: string[] = []
  for await (const { value } of database.entries(objects, range)) values.push(value)
  return values
}

describe.each(['memory', 'disk'])('a database in %s', (backend) => {
  async function open(): Promise<Database> {
    const database = await Database.open(backend === 'disk' ? { folder: await folder() } : {})
    undo.push(() => database.close())
    return database
  }

  test('a long walk lets others have their turns', async () => {
    const database = await open()
    await fill(
      database,
      Array.from({ length: 5000 }, (_, index) => ['a', 'b', index] as const),
    )
    let [turns, isWalking] = [0, true]
    const count = () => {
      turns++
      if (isWalking) setImmediate(count)
    }
    setImmediate(count)
    expect(await found(database, {})).toHaveLength(5000)
    isWalking = false
    expect(turns).toBeGreaterThan(10)
  })

  test('a transaction sees its own writes, others see them at its commit', async () => {
    const database = await open()
    const transaction = database.transaction()
    transaction.put(buckets, ['a'], { name: 'a' })
    expect(transaction.get(buckets, ['a'])).toEqual({ name: 'a' })
    expect(database.get(buckets, ['a'])).toBeUndefined()
    await transaction.commit()
    expect(database.get(buckets, ['a'])).toEqual({ name: 'a' })
    transaction.delete(buckets, ['a'])
    expect(transaction.get(buckets, ['a'])).toBeUndefined()
    expect(database.get(buckets, ['a'])).toEqual({ name: 'a' })
    await transaction.commit()
    expect(database.get(buckets, ['a'])).toBeUndefined()
  })

  test('a record that is added is there with the commit, and not when it was discarded', async () => {
    const database = await open()
    const transaction = database.transaction()
    transaction.add(buckets, ['discarded'], { name: 'discarded' })
    transaction.discard()
    transaction.put(buckets, ['put'], { name: 'put' })
    transaction.add(buckets, ['added'], { name: 'added' })
    await transaction.commit()
    const names: string[] = []
    for await (const { value } of database.entries(buckets)) names.push(value.name)
    expect(names).toEqual(['added', 'put'])
  })

  test('what was read is frozen: a change of it is a change of the store, or an error', async () => {
    const database = await open()
    await database.transact((transaction) => transaction.put(buckets, ['a'], { name: 'a' }))
    const bucket = database.get(buckets, ['a'])
    expect(() => Object.assign(bucket ?? {}, { name: 'b' })).toThrow(TypeError)
    expect(database.get(buckets, ['a'])).toBe(bucket)
  })

  test('what was put is what readers get, so it is frozen too', async () => {
    const database = await open()
    expect(database.get(buckets, ['a'])).toBeUndefined()
    const bucket = { name: 'a' }
    await database.transact((transaction) => {
      transaction.put(buckets, ['a'], bucket)
      expect(transaction.get(buckets, ['a'])).toBe(bucket)
    })
    expect(database.get(buckets, ['a'])).toBe(bucket)
    expect(() => Object.assign(bucket, { name: 'b' })).toThrow(TypeError)
  })

  test('what is discarded or throws leaves no trace', async () => {
    const database = await open()
    let calls = 0
    const transaction = database.transaction()
    transaction.put(buckets, ['a'], { name: 'a' })
    transaction.afterCommit(() => calls++)
    transaction.discard()
    await transaction.commit()
    const failing = database.transact((staged) => {
      staged.put(buckets, ['b'], { name: 'b' })
      staged.afterCommit(() => calls++)
      throw new Error('refused')
    })
    await expect(failing).rejects.toThrow('refused')
    expect([database.get(buckets, ['a']), database.get(buckets, ['b']), calls]).toEqual([undefined, undefined, 0])
  })

  test('afterCommit is called when the batch is there', async () => {
    const database = await open()
    await database.transact((transaction) => {
      transaction.put(buckets, ['a'], { name: 'a' })
      transaction.afterCommit(() => expect(database.get(buckets, ['a'])).toEqual({ name: 'a' }))
    })
    expect.assertions(1)
  })

  test('commits of one turn are all written, the last one of a key wins', async () => {
    const database = await open()
    const names = Array.from({ length: 200 }, (_, index) => `bucket ${index}`)
    const commit = (key: string, name: string) =>
      database.transact((transaction) => transaction.put(buckets, [key], { name }))
    await Promise.all([...names.map((name) => commit(name, name)), ...names.map((name) => commit('same', name))])
    for (const name of names) expect(database.get(buckets, [name])).toEqual({ name })
    expect(database.get(buckets, ['same'])).toEqual({ name: 'bucket 199' })
  })

  test('ranges: within, beginning with, from, after, before, reverse, limit', async () => {
    const database = await open()
    await fill(database, [
      ['a', 'x', 1],
      ['b', 'k', 1],
      ['b', 'k', 2],
      ['b', 'k\0', 1],
      ['b', 'k/1', 1],
      ['b', 'l', 1],
      ['ba', 'k', 1],
    ])
    const all = ['b|k|1', 'b|k|2', 'b|k\0|1', 'b|k/1|1', 'b|l|1']
    expect(await found(database, { within: ['b'] })).toEqual(all)
    expect(await found(database, { within: ['b'], reverse: true })).toEqual([...all].reverse())
    expect(await found(database, { within: ['b'], limit: 2 })).toEqual(all.slice(0, 2))
    expect(await found(database, { within: ['b'], beginningWith: 'k' })).toEqual(all.slice(0, 4))
    expect(await found(database, { within: ['b'], beginningWith: 'k/' })).toEqual(['b|k/1|1'])
    expect(await found(database, { within: ['b'], from: ['b', 'k', 2] })).toEqual(all.slice(1))
    expect(await found(database, { within: ['b'], after: ['b', 'k'] })).toEqual(all.slice(2))
    expect(await found(database, { within: ['b'], before: ['b', 'k/1'] })).toEqual(all.slice(0, 3))
    expect(await found(database, { within: ['b', 'k'], after: ['b', 'k', 1] })).toEqual(['b|k|2'])
  })

  test('a cursor seeks, and passes over all that begins with a text', async () => {
    const database = await open()
    const keys = Array.from({ length: 600 }, (_, index) => ['b', `d/${String(index).padStart(4, '0')}`, 1] as const)
    await fill(database, [['b', 'a', 1], ...keys, ['b', 'd0', 1], ['b', 'e', 1]])
    const cursor = database.cursor(objects, { within: ['b'] })
    try {
      expect((await cursor.next())?.key).toEqual(['b', 'a', 1])
      expect((await cursor.next())?.key).toEqual(['b', 'd/0000', 1])
      cursor.seek(['b', 'd/0500'])
      expect((await cursor.next())?.key).toEqual(['b', 'd/0500', 1])
      cursor.seekPast(['b'], 'd/')
      expect((await cursor.next())?.key).toEqual(['b', 'd0', 1])
      expect((await cursor.next())?.key).toEqual(['b', 'e', 1])
      expect(await cursor.next()).toBeUndefined()
    } finally {
      await cursor.close()
    }
  })

  test('a walk shows the records as they were when it began', async () => {
    const database = await open()
    await fill(database, [['b', 'a', 1]])
    const cursor = database.cursor(objects)
    await fill(database, [['b', 'b', 1]])
    expect((await cursor.next())?.key).toEqual(['b', 'a', 1])
    expect(await cursor.next()).toBeUndefined()
    await cursor.close()
  })

  test('any changes leave what a map would hold, in key order', async () => {
    const texts = fc.string({ unit: fc.constantFrom('\0', 'a', 'b', 'ÿ', '😀'), maxLength: 3 })
    const change = fc.record({ key: fc.tuple(texts, texts, fc.nat(2)), put: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 8 }), async (commits) => {
        const database = await Database.open({})
        const model = new Map<string, [string, string, number]>()
        const write = (changes: { key: [string, string, number]; put: boolean }[]) =>
          database.transact((transaction) => {
            for (const { key, put } of changes) {
              if (put) transaction.put(objects, key, JSON.stringify(key))
              else transaction.delete(objects, key)
              if (put) model.set(JSON.stringify(key), key)
              else model.delete(JSON.stringify(key))
            }
          })
        await Promise.all(commits.map(write))
        expect((await found(database, {})).sort()).toEqual([...model.keys()].sort())
        await database.close()
      }),
      { numRuns: 40 },
    )
  })

  test('a segment that gets no number ends its turn like one that is put', async () => {
    const database = await open()
    const key = Buffer.of(1)
    const unnumbered = () => database.segments.putSegment(() => Promise.reject(new Error('no number')), Buffer.of(2))
    for (let time = 0; time < 3; time++) await expect(unnumbered()).rejects.toThrow('no number')
    const { ended } = await database.segments.putSegment(async () => key, Buffer.of(3))
    await ended
    expect(await database.bodies.get(key)).toEqual(Buffer.of(3))
  })

  test('a clearing keeps what belongs to the store itself', async () => {
    const database = await open()
    const rootKeys = recordKind<string>()('rootKey', ['string'])
    await database.transact((transaction) => {
      transaction.put(buckets, ['a'], { name: 'a' })
      transaction.put(objects, ['a', 'b', 1], 'x')
      transaction.put(recordKind<string>()('principal', ['string']), ['p'], 'x')
      transaction.put(rootKeys, ['own'], 'key')
    })
    await database.segments.putSmall(Buffer.of(1), Buffer.of(2))
    const { ended } = await database.segments.putSegment(async () => Buffer.of(2), Buffer.of(3))
    await ended
    const cleared = await database.clear()
    expect(cleared.get(buckets, ['a'])).toBeUndefined()
    expect(await found(cleared, {})).toEqual([])
    expect(cleared.get(recordKind<string>()('principal', ['string']), ['p'])).toBeUndefined()
    expect(await cleared.bodies.keys().all()).toEqual([])
    expect(cleared.get(rootKeys, ['own'])).toBe('key')
    expect(cleared.get(settings, ['format'])).toBe(formatVersion)
  })

  test('a reader sees nothing of a commit under way', async () => {
    const database = await open()
    await database.transact((transaction) => transaction.put(buckets, ['a'], { name: 'before' }))
    const mayBeWritten = moment()
    jest.spyOn(AbstractChainedBatch.prototype, 'write').mockImplementationOnce(async function (this: Batch) {
      await mayBeWritten.comes
      return this.write()
    })
    const committed = database.transact((transaction) => {
      transaction.put(buckets, ['a'], { name: 'after' })
      transaction.put(buckets, ['b'], { name: 'after' })
    })
    await someTurns()
    expect([database.get(buckets, ['a']), database.get(buckets, ['b'])]).toEqual([{ name: 'before' }, undefined])
    mayBeWritten.come()
    await committed
    expect([database.get(buckets, ['a']), database.get(buckets, ['b'])]).toEqual([{ name: 'after' }, { name: 'after' }])
  })

  test('a reader sees nothing of a commit that failed', async () => {
    const database = await open()
    await database.transact((transaction) => transaction.put(buckets, ['a'], { name: 'before' }))
    jest.spyOn(AbstractChainedBatch.prototype, 'write').mockRejectedValueOnce(new Error('The disk is full'))
    let calls = 0
    const failed = database.transact((transaction) => {
      transaction.put(buckets, ['a'], { name: 'after' })
      transaction.afterCommit(() => calls++)
    })
    await expect(failed).rejects.toThrow('The disk is full')
    expect([database.get(buckets, ['a']), calls]).toEqual([{ name: 'before' }, 0])
  })

  test('after a commit that failed a reader sees what the disk has, which may be either', async () => {
    const database = await open()
    await database.transact((transaction) => transaction.put(buckets, ['a'], { name: 'before' }))
    jest.spyOn(AbstractChainedBatch.prototype, 'write').mockImplementationOnce(async function (this: Batch) {
      await this.write()
      throw new Error('The disk broke after the write')
    })
    const failed = database.transact((transaction) => transaction.put(buckets, ['a'], { name: 'after' }))
    await expect(failed).rejects.toThrow('The disk broke after the write')
    expect(database.get(buckets, ['a'])).toEqual({ name: 'after' })
  })
})

test('what was committed is there after the store was opened again', async () => {
  const path = await folder()
  const first = await Database.open({ folder: path, fsync: true })
  await fill(first, [['b', 'k\0', 7]])
  await first.close()
  const second = await Database.open({ folder: path })
  expect(second.get(objects, ['b', 'k\0', 7])).toBe('b|k\0|7')
  await second.close()
})

test.each([0, 1])(
  'every record is found by its key, whatever the keys that were asked for before (%d)',
  async (from) => {
    const path = await folder()
    const first = await Database.open({ folder: path })
    // Each behind one that is longer by a byte: what is larger than a buffer by one byte ends in the middle of a character.
    const lengths = Array.from({ length: 400 }, (_, index) => from + (index % 2 === 0 ? index + 1 : index - 1))
    const keys = lengths.map((length) => ['bucket', 'k'.repeat(length), 2 ** 53 - 1] as const)
    await fill(first, keys)
    await first.close()
    const second = await Database.open({ folder: path })
    expect(keys.filter((key) => second.get(objects, [...key]) === undefined)).toEqual([])
    await second.close()
  },
)

test('a folder in use is refused, and its owner goes on unharmed', async () => {
  const path = await folder()
  const first = await Database.open({ folder: path })
  await expect(Database.open({ folder: path })).rejects.toThrow(StoreLocked)
  await fill(first, [['b', 'k', 1]])
  expect(first.get(objects, ['b', 'k', 1])).toBe('b|k|1')
  await first.close()
})

test.each([
  ['an older', oldestFormat - 1],
  ['a newer', formatVersion + 1],
])('a folder that %s version wrote is refused in one line that names it', async (age, format) => {
  const path = await folder()
  const other = await Database.open({ folder: path })
  await other.transact((transaction) => transaction.put(settings, ['format'], format))
  await other.close()
  const line = `${path} was written by ${age} version: it has format ${format}, not ${formatVersion}; start with another --data-dir, or move it aside`
  await expect(Database.open({ folder: path })).rejects.toThrow(new OtherStoreFormat(path, format))
  await expect(Database.open({ folder: path })).rejects.toThrow(line)
})
