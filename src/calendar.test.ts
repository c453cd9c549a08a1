import { expect, test } from '@jest/globals'
import { beginningWithDate, momentWithZone, readMoment } from './calendar.ts'

test.each(['2027-02-31', '2027-02-31T00:00:00Z', '2027-02-29T12:00:00+01:00', '2026-04-31T00:00:00Z', '2027-13-01'])(
  'A day that no calendar has is no moment: %s',
  (text) => expect(readMoment(text, momentWithZone)).toBeUndefined(),
)

test('A moment has its zone, or is a date', () => {
  expect(readMoment('2028-02-29', momentWithZone)).toBe(Date.UTC(2028, 1, 29))
  expect(readMoment('2028-02-29T23:30:00-01:00', momentWithZone)).toBe(Date.UTC(2028, 2, 1, 0, 30))
  expect(readMoment('2028-02-29T23:30:00', momentWithZone)).toBeUndefined()
  expect(readMoment('2028-02-29T23:30:00Z or so', beginningWithDate)).toBeUndefined()
})

test('A year or a month is its first moment', () => {
  expect(readMoment('2028', beginningWithDate)).toBe(Date.UTC(2028))
  expect(readMoment('2028-02', beginningWithDate)).toBe(Date.UTC(2028, 1))
  expect(readMoment('2028-02-30 10:00', beginningWithDate)).toBeUndefined()
})
