import { expect, test } from '@jest/globals'
import { isBucketName, namespaceOf } from './names.ts'

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

test.each([
  ['mine-111122223333-us-east-1-an', { accountId: '111122223333', region: 'us-east-1' }],
  ['a-b-111122223333-ap-southeast-2-an', { accountId: '111122223333', region: 'ap-southeast-2' }],
  ['mine-111122223333-us-east-1', undefined],
  ['mine-11112222333-us-east-1-an', undefined],
  ['mine-111122223333-nowhere-an', undefined],
])('The namespace of %s is %j', (name, expected) => {
  expect(namespaceOf(name)).toEqual(expected)
})
