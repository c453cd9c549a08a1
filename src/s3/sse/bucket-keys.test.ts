import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import { TimedCache } from './bucket-keys.ts'

function cacheOf(lifetime = 1000) {
  const ambient = new TurnableAmbient(0)
  const cache = new TimedCache<string>(ambient, lifetime)
  const asked: string[] = []
  const get = (...name: string[]) =>
    cache.get(name, async () => {
      asked.push(name.join('/'))
      return `${name.join('/')} ${asked.length}`
    })
  return { ambient, cache, asked, get }
}

test('What is cached is answered until its lifetime is over, and then asked for again', async () => {
  const { ambient, get, asked } = cacheOf()
  expect([await get('a'), await get('a')]).toEqual(['a 1', 'a 1'])
  ambient.turn(999)
  expect(await get('a')).toBe('a 1')
  ambient.turn(1)
  expect([await get('a'), await get('a')]).toEqual(['a 2', 'a 2'])
  expect(asked).toEqual(['a', 'a'])
})

test('What is asked for at the same time is asked once', async () => {
  const { get, asked } = cacheOf()
  expect(await Promise.all([get('a'), get('a'), get('b')])).toEqual(['a 1', 'a 1', 'b 2'])
  expect(asked).toEqual(['a', 'b'])
})

test('The parts of a name are told apart', async () => {
  const { get } = cacheOf()
  expect([await get('a', 'b'), await get('a,b'), await get('ab'), await get('a', 'b')]).toEqual([
    'a/b 1',
    'a,b 2',
    'ab 3',
    'a/b 1',
  ])
})

test('What was put is answered for its lifetime, in the place of what was there', async () => {
  const { ambient, cache, get } = cacheOf()
  await get('a')
  ambient.turn(500)
  cache.put(['a'], 'put')
  ambient.turn(999)
  expect(await get('a')).toBe('put')
  ambient.turn(1)
  expect(await get('a')).toBe('a 2')
})

test('A refusal is not remembered, and takes nothing away that came after it', async () => {
  const { cache } = cacheOf()
  const refused = cache.get(['a'], () => Promise.reject(new Error('refused')))
  await expect(refused).rejects.toThrow('refused')
  expect(await cache.get(['a'], async () => 'allowed')).toBe('allowed')
  const late = cache.get(['b'], () => Promise.reject(new Error('refused late')))
  cache.put(['b'], 'newer')
  await expect(late).rejects.toThrow('refused late')
  expect(await cache.get(['b'], async () => 'asked again')).toBe('newer')
})

test('Ten thousand are kept: the oldest goes first, and one that was made anew is not old', async () => {
  const { get } = cacheOf()
  for (let number = 0; number < 10_000; number++) await get(`k${number}`)
  expect(await get('k0')).toBe('k0 1')
  await get('one more')
  expect(await get('k1')).toBe('k1 2')
  expect(await get('k0')).toBe('k0 10002')
})

test('One that was put again counts as young', async () => {
  const { cache, get } = cacheOf()
  for (let number = 0; number < 10_000; number++) await get(`k${number}`)
  cache.put(['k0'], 'young')
  await get('one more')
  expect(await get('k0')).toBe('young')
  expect(await get('k1')).toBe('k1 10002')
})
