import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Database } from './database.ts'
import { recordKind } from './keyspace.ts'
import { RecordCache } from './record-cache.ts'

test('A record is read once, and so is the absence of one', () => {
  const cache = new RecordCache({ entries: 10, characters: 800 })
  const reads: string[] = []
  const read = (name: string, text: string | undefined) => () => {
    reads.push(name)
    return text
  }
  for (let round = 0; round < 3; round++) {
    expect(cache.get('a', read('a', '{"A":1}'))).toEqual({ A: 1 })
    expect(cache.get('b', read('b', undefined))).toBeUndefined()
  }
  expect(reads).toEqual(['a', 'b'])
})

test('Readers share one value, which none of them can change', () => {
  const cache = new RecordCache({ entries: 10, characters: 800 })
  const read = () => cache.get('a', () => '{"list":[{"x":1}]}') as { list: { x: number }[] }
  expect(read()).toBe(read())
  expect(() => read().list.push({ x: 2 })).toThrow(TypeError)
  expect(() => Object.assign(read().list[0] ?? {}, { x: 2 })).toThrow(TypeError)
  expect(read()).toEqual({ list: [{ x: 1 }] })
})

test('What was not used for two generations is forgotten, and large records are never kept', () => {
  const cache = new RecordCache({ entries: 2, characters: 24 })
  for (const name of ['a', 'b', 'c', 'a', 'd']) cache.get(name, () => '1')
  cache.get('large', () => '1234')
  const known = ['a', 'b', 'large'].filter((name) => {
    let asked = false
    cache.get(name, () => {
      asked = true
      return undefined
    })
    return !asked
  })
  expect(known).toEqual(['a'])
})

test('A document of hundreds of KiB is parsed once, and few of them are kept, however they come', () => {
  const cache = new RecordCache({ entries: 100, characters: 8000 })
  const text = JSON.stringify('x'.repeat(900))
  const keeps = (name: string) => {
    let asked = false
    const value = cache.get(name, () => {
      asked = true
      return text
    })
    expect(value).toBe(JSON.parse(text))
    return !asked
  }
  expect(keeps('policy')).toBe(false)
  expect(keeps('policy')).toBe(true)
  const names = Array.from({ length: 40 }, (_, index) => `lifecycle-${index}`)
  for (const name of names) cache.get(name, () => text)
  expect(names.filter(keeps).length).toBeLessThan(20)
  cache.clear()
  // What was small and grows where it is counts too.
  for (const name of names) cache.get(name, () => '1')
  for (const name of names) cache.written(name, { value: JSON.parse(text), text })
  expect([...names].reverse().filter(keeps).length).toBeLessThan(20)
})

test('However small the generations, and whether a record is kept or too large, the cache answers what was written last', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd')
  // JSON of up to six characters, of which three are kept.
  const step = fc.oneof(
    fc.record({ does: fc.constantFrom('get' as const, 'forget' as const), name }),
    fc.record({ does: fc.constant('write' as const), name, value: fc.option(fc.nat(999_999), { nil: undefined }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), (steps, capacity) => {
      const cache = new RecordCache({ entries: capacity, characters: 24 })
      const store = new Map<string, string>()
      for (const one of steps) {
        if (one.does === 'forget') cache.forget(one.name)
        if (one.does === 'write') {
          const text = one.value === undefined ? undefined : JSON.stringify(one.value)
          if (text === undefined) store.delete(one.name)
          else store.set(one.name, text)
          cache.written(one.name, text === undefined ? undefined : { value: one.value, text })
        }
        const expected = store.get(one.name)
        const found = cache.get(one.name, () => store.get(one.name))
        expect(found).toBe(expected === undefined ? undefined : JSON.parse(expected))
      }
    }),
    { numRuns: 1000 },
  )
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

test('What is held is shown as it was, however large, until it is written or forgotten', () => {
  const cache = new RecordCache({ entries: 4, characters: 64 })
  const large = JSON.stringify('a'.repeat(100))
  const read = () => JSON.stringify('what a commit wrote')
  for (const end of [() => cache.written('name', { value: large, text: large }), () => cache.forget('name')]) {
    cache.hold('name', large)
    expect(cache.get('name', read)).toBe(large)
    end()
    expect(cache.get('name', read)).toBe('what a commit wrote')
  }
  cache.hold('name', undefined)
  expect(cache.get('name', read)).toBeUndefined()
  cache.clear()
  expect(cache.get('name', read)).toBe('what a commit wrote')
})
