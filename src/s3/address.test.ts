import { expect, test } from '@jest/globals'
import { addressReader, readParameters } from './address.ts'

const read = addressReader(['example.test'])

test.each([
  ['127.0.0.1:4566', '/bucket/key', 'bucket', 'key'],
  ['[::1]:4566', '/bucket', 'bucket', ''],
  ['localhost:4566', '/bucket/', 'bucket', ''],
  ['localhost', '/', '', ''],
  ['bucket.localhost:4566', '/key', 'bucket', 'key'],
  ['s3.localhost:4566', '/bucket/key', 'bucket', 'key'],
  ['bucket.s3.localhost', '/a/b', 'bucket', 'a/b'],
  ['my.dotted.bucket.s3.eu-west-1.amazonaws.com', '/key', 'my.dotted.bucket', 'key'],
  ['bucket.s3-eu-west-1.amazonaws.com', '/key', 'bucket', 'key'],
  ['bucket.s3.us-gov-east-1.any.domain:80', '/', 'bucket', ''],
  ['bucket.s3.dualstack.us-east-1.amazonaws.com', '/key', 'bucket', 'key'],
  ['a.s3.b.s3.us-east-1.amazonaws.com', '/key', 'a.s3.b', 'key'],
  ['s3.us-east-1.amazonaws.com', '/bucket/key', 'bucket', 'key'],
  ['bucket.s3.amazonaws.com', '/key', 'bucket', 'key'],
  ['bucket.EXAMPLE.test', '/key', 'bucket', 'key'],
  ['example.test', '/bucket/key', 'bucket', 'key'],
  ['', '/bucket/key', 'bucket', 'key'],
])('Host %s with path %s means bucket %s', (host, path, bucket, key) => {
  const virtualHost = host.toLowerCase().startsWith(`${bucket}.`) && bucket !== ''
  expect(read(path, host)).toEqual({ bucket, key, virtualHost })
})

test.each([
  ['/b/a//b', 'a//b'],
  ['/b//a', '/a'],
  ['/b/../b/./c', '../b/./c'],
  ['/b/a%2Fb', 'a/b'],
  ['/b/%252F', '%2F'],
  ['/b/a+b%20c%2Bd', 'a b c+d'],
  ['/b/%E2%82%AC', '€'],
  ['/b/â\u0082¬', '€'],
  ['/b/a%00b', 'a\0b'],
])('the key of %s is %j, decoded once and else byte for byte', (path, key) => {
  expect(read(path, '127.0.0.1')).toEqual({ bucket: 'b', key, virtualHost: false })
})

test.each(['/b/%', '/b/%zz', '/b/%C3', '/b/%ED%A0%80', '/%FF/k'])('%s is not a URI that can be parsed', (path) => {
  expect(() => read(path, '127.0.0.1')).toThrow(expect.objectContaining({ code: 'InvalidURI', status: 400 }))
})

test('A key may have 1024 bytes of UTF-8 and not one more', () => {
  const key = '%C3%A9'.repeat(512)
  expect(read(`/b/${key}`, '').key).toBe('é'.repeat(512))
  expect(() => read(`/b/${key}a`, '')).toThrow(
    expect.objectContaining({ code: 'KeyTooLongError', details: { Size: 1025, MaxSizeAllowed: 1024 } }),
  )
})

test('Query parameters are decoded, the first of a name wins', () => {
  expect([...readParameters('acl&prefix=a+b%2Fc&prefix=z&=x&empty=')].sort()).toEqual([
    ['', 'x'],
    ['acl', ''],
    ['empty', ''],
    ['prefix', 'a b/c'],
  ])
  expect(() => readParameters('prefix=%FF')).toThrow(expect.objectContaining({ code: 'InvalidURI' }))
})
