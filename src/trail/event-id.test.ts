import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { eventIdAt, timeOfEventId } from './event-id.ts'

test('An event id is a UUID of version 4 that tells its time', () => {
  fc.assert(
    fc.property(fc.uuid({ version: 4 }), fc.nat({ max: 2 ** 48 - 1 }), (uuid, time) => {
      const eventId = eventIdAt(time, uuid)
      expect(eventId).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
      expect(timeOfEventId(eventId)).toBe(time)
    }),
  )
})

test('The ids of one millisecond differ, and show neither the time nor each other', () => {
  const time = Date.UTC(2026, 0, 1)
  const first = eventIdAt(time, '0a1b2c3d-0000-4000-8000-000000000000')
  expect(first).not.toBe(eventIdAt(time, '0a1b2c3d-0001-4000-8000-000000000000'))
  expect(first.slice(-12)).not.toBe(time.toString(16).padStart(12, '0'))
})

test.each(['', 'made-up', '0a1b2c3d-0000-4000-8000-00000000000', 'A'.repeat(36)])('%j tells no time', (text) => {
  expect(timeOfEventId(text)).toBeUndefined()
})
