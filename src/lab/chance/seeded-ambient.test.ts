import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import { SeededAmbient } from './seeded-ambient.ts'

const seeded = (seed: string) => new SeededAmbient(new TurnableAmbient(0), seed)

/** Pieces of all lengths, as an emulator takes them. */
function drawn(ambient: SeededAmbient): string[] {
  return [ambient.uuid(), ...[1, 32, 9000, 0, 16].map((length) => ambient.randomBytes(length).toString('hex'))]
}

test('The same seed gives the same bytes, another one others', () => {
  expect(drawn(seeded('a'))).toEqual(drawn(seeded('a')))
  expect(drawn(seeded('a'))[0]).not.toBe(drawn(seeded('b'))[0])
})

test('Another start of a store has other bytes, the same start the same', () => {
  const ambient = seeded('a')
  const before = drawn(ambient)
  ambient.begin(0)
  const first = drawn(ambient)
  ambient.begin(1)
  const second = drawn(ambient)
  expect(new Set([before[0], first[0], second[0]]).size).toBe(3)
  ambient.begin(0)
  expect(drawn(ambient)).toEqual(first)
})

test('Bytes are as many as asked, and ids are of version 4', () => {
  const ambient = seeded('a')
  expect(ambient.randomBytes(20_000)).toHaveLength(20_000)
  expect(ambient.uuid()).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
})
