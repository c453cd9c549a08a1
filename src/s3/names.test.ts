import { expect, test } from '@jest/globals'
import { isBucketName } from './names.ts'

test.each(['abc', 'a.b', '1-2', 'my.dotted-bucket.2026', 'a'.repeat(63)])('%s may name a bucket', (name) => {
  expect(isBucketName(name)).toBe(true)
})

test.each([
  'ab',
  'a'.repeat(64),
  'Abc',
  'a_b',
  '-abc',
  'abc-',
  '.abc',
  'abc.',
  'a..b',
  'a-.b',
  '192.168.5.4',
  'xn--abc',
  'sthree-abc',
  'abc-s3alias',
  'abc--ol-s3',
  'abc--x-s3',
])('%s may not name a bucket', (name) => {
  expect(isBucketName(name)).toBe(false)
})
