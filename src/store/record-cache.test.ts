import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Database } from './database.ts'
import { recordKind } from './keyspace.ts'
import { RecordCache } from './record-cache.ts'

const key = (name: string) => Buffer.from(name)

test('A record is read once, and so is the absence of one', () => {
  const cache = new RecordCache(10, 100)
  let reads = 0
  const read = (name: Buffer) => {
    reads++
    return name.equals(key('a')) ? Buffer.from('A') : undefined
  }
  for (let round = 0; round < 3; round++) {
    expect(cache.get(key('a'), read)?.toString()).toBe('A')
    expect(cache.get(key('b'), read)).toBeUndefined()
  }
  expect(reads).toBe(2)
})

test('The entry unused for longest goes first, and large values are never kept', () => {
  const cache = new RecordCache(2, 3)
  const read = (name: Buffer) => (name.length === 1 ? name : Buffer.alloc(4))
  for (const name of ['a', 'b', 'a', 'c', 'large']) cache.get(key(name), read)
  const known = ['a', 'b', 'c', 'large'].filter((name) => {
    let asked = false
    cache.get(key(name), () => {
      asked = true
      return undefined
    })
    return !asked
  })
  expect(known).toEqual(['a'])
})

test('Reads through the cache answer what a store without one would, whatever is written, dropped and cleared', async () => {
  const numbers = recordKind<number>()('setting', ['string'])
  const name = fc.constantFrom('x', 'y', 'z')
  const step = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), name, value: fc.nat() }),
    fc.record({ kind: fc.constant('delete' as const), name }),
    fc.record({ kind: fc.constant('get' as const), name }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const database = await Database.open({})
      const expected = new Map<string, number>()
      for (const one of steps) {
        if (one.kind === 'get') {
          expect(database.get(numbers, [one.name])).toBe(expected.get(one.name))
          continue
        }
        await database.transact((transaction) => {
          if (one.kind === 'put') transaction.put(numbers, [one.name], one.value)
          else transaction.delete(numbers, [one.name])
        })
        if (one.kind === 'put') expected.set(one.name, one.value)
        else expected.delete(one.name)
      }
      await database.close()
    }),
    { numRuns: 50 },
  )
})
