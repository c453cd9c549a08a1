import { expect, test } from '@jest/globals'
import type { TrailRecord } from '../../trail/event.ts'
import { CallCounts } from './call-counts.ts'
import type { PeriodUnit } from './periods.ts'

const arn = 'arn:aws:iam::000000000000:user/app'
const key = 'arn:aws:kms:us-east-1:000000000000:key/one'

function record(eventTime: string, more: object = {}): TrailRecord {
  return { eventTime, eventName: 'Encrypt', userIdentity: { type: 'IAMUser', arn }, ...more } as unknown as TrailRecord
}

function counted(records: readonly TrailRecord[], by?: PeriodUnit) {
  const counts = new CallCounts(by)
  for (const each of records) counts.add(key, each)
  return counts.report()
}

test('Calls of two days are counted by the hour, refused ones too', () => {
  const { by, calls } = counted([
    record('2026-01-02T05:59:59Z'),
    record('2026-01-01T05:00:00Z', { errorCode: 'AccessDenied' }),
    record('2026-01-01T05:59:59Z'),
  ])
  expect(by).toBe('hour')
  expect(calls).toEqual([
    {
      keyArn: key,
      caller: arn,
      event: 'Encrypt',
      calls: 3,
      refused: 1,
      first: '2026-01-01T05:00:00Z',
      last: '2026-01-02T05:59:59Z',
      periods: [
        { start: '2026-01-01T05:00:00Z', calls: 2, refused: 1 },
        { start: '2026-01-02T05:00:00Z', calls: 1, refused: 0 },
      ],
    },
  ])
})

test.each([
  ['2026-01-01T00:00:00Z', '2026-01-03T00:59:59Z', 'hour', '2026-01-03T00:00:00Z'],
  ['2026-01-01T00:00:00Z', '2026-01-03T01:00:00Z', 'day', '2026-01-03T00:00:00Z'],
  ['2026-01-31T23:00:00Z', '2026-05-03T01:00:00Z', 'day', '2026-05-03T00:00:00Z'],
  ['2026-01-31T23:00:00Z', '2026-05-04T01:00:00Z', 'month', '2026-05-01T00:00:00Z'],
  ['2026-01-31T23:00:00Z', '2036-01-31T23:00:00Z', 'month', '2036-01-01T00:00:00Z'],
  ['2026-01-31T23:00:00Z', '2036-02-01T00:00:00Z', 'year', '2036-01-01T00:00:00Z'],
  ['2026-01-31T23:00:00Z', '9998-02-01T00:00:00Z', 'year', '9998-01-01T00:00:00Z'],
])('Calls from %s to %s are counted by the %s, whichever comes first', (from, to, unit, start) => {
  for (const times of [
    [from, to],
    [to, from],
  ]) {
    const { by, calls } = counted(times.map((time) => record(time)))
    expect([by, calls[0]?.periods.at(-1)]).toEqual([unit, { start, calls: 1, refused: 0 }])
  }
})

test('What was counted by the hour is added up where the calls span more', () => {
  const hours = Array.from({ length: 48 }, (_, hour) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString())
  const { by, calls } = counted([...hours, '2030-06-01T00:00:00Z'].map((time) => record(time)))
  expect([by, calls[0]?.periods]).toEqual([
    'month',
    [
      { start: '2026-01-01T00:00:00Z', calls: 48, refused: 0 },
      { start: '2030-06-01T00:00:00Z', calls: 1, refused: 0 },
    ],
  ])
})

test('A unit that is asked for is kept, and refused where there would be too many of it', () => {
  const apart = [record('2026-01-01T00:00:00Z'), record('2026-01-17T00:00:00Z')]
  expect(counted(apart, 'hour').calls[0]?.periods).toHaveLength(2)
  expect(counted(apart, 'month').calls[0]?.periods).toEqual([{ start: '2026-01-01T00:00:00Z', calls: 2, refused: 0 }])
  expect(() => counted([...apart, record('2026-02-01T00:00:00Z')], 'hour')).toThrow(
    'From 2026-01-01 to 2026-02-01 there are more than 400 hours with calls in them',
  )
})

test('However many callers there are, at most 500 rows are listed, and every call is counted', () => {
  const records = Array.from({ length: 5000 }, (_, index) => {
    const eventTime = new Date(Date.UTC(2016, index % 120)).toISOString()
    return record(eventTime, { userIdentity: { arn: `${arn}${index % 2500}` } })
  })
  const { by, calls, unlistedCalls } = counted(records)
  expect([by, calls.length]).toEqual(['month', 500])
  expect(calls.reduce((sum, row) => sum + row.calls, unlistedCalls)).toBe(5000)
})
