import { expect, test } from '@jest/globals'
import { uploadDays, versionDays } from './due-days.ts'
import type { LifecycleRule } from './lifecycle-record.ts'

const day = 86_400_000
const today = 20_000
const now = today * day + 60_000
const yesterday = now - day
const end = 2 ** 40

const rule = (members: Partial<LifecycleRule>): LifecycleRule => ({ Status: 'Enabled', ...members })
const expiry = (Days: number) => rule({ Expiration: { Days } })

test.each<[string, LifecycleRule[], [number, number][]]>([
  ['of one count of days one day', [expiry(30)], [[today - 30, today - 30]]],
  ['of counts side by side one range', [expiry(30), expiry(31), expiry(30)], [[today - 31, today - 30]]],
  [
    'of counts apart a day each',
    [expiry(2), rule({ NoncurrentVersionExpiration: { NoncurrentDays: 5 } })],
    [
      [today - 5, today - 5],
      [today - 2, today - 2],
    ],
  ],
  [
    'of a transition also the day on which a marker waited for it',
    [rule({ Expiration: { Days: 60 }, Transitions: [{ Days: 9, StorageClass: 'GLACIER' }] })],
    [
      [today - 61, today - 60],
      [today - 9, today - 9],
    ],
  ],
  [
    'of a transition at once what was written since',
    [rule({ Transitions: [{ Days: 0, StorageClass: 'GLACIER' }] })],
    [[today - 1, today]],
  ],
  [
    'of a Date that has come what was written since',
    [rule({ Expiration: { Date: now - 9 * day } })],
    [[today - 1, end]],
  ],
  ['of a Date of today all', [rule({ Expiration: { Date: today * day } })], [[0, end]]],
  ['of a Date to come nothing', [rule({ Expiration: { Date: (today + 1) * day } })], []],
  [
    'of a count of newer versions what was written since, too',
    [rule({ NoncurrentVersionExpiration: { NoncurrentDays: 9, NewerNoncurrentVersions: 1 } })],
    [
      [today - 9, today - 9],
      [today - 1, end],
    ],
  ],
  [
    'of lone markers what was written since',
    [rule({ Expiration: { ExpiredObjectDeleteMarker: true } })],
    [[today - 1, end]],
  ],
  ['of a disabled rule nothing', [{ ...expiry(1), Status: 'Disabled' }], []],
])('A day behind the last run there is to be looked at: %s', (_, Rules, ranges) => {
  expect(versionDays({ Rules }, now, yesterday)).toEqual(ranges.map(([from, to]) => ({ from, to })))
})

test('Behind a pause the days of all runs that were missed are looked at, and without a run all days that are old enough', () => {
  const Rules = [expiry(3)]
  expect(versionDays({ Rules }, now, now - 4 * day)).toEqual([{ from: today - 6, to: today - 3 }])
  expect(versionDays({ Rules }, now, undefined)).toEqual([{ from: 0, to: today - 3 }])
  expect(versionDays({ Rules }, now, now)).toEqual([])
})

test('Uploads are looked at by the days of their own rules', () => {
  const Rules = [expiry(3), rule({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } })]
  expect(uploadDays({ Rules }, now, yesterday)).toEqual([{ from: today - 7, to: today - 7 }])
  expect(uploadDays({ Rules: [expiry(3)] }, now, yesterday)).toEqual([])
})
