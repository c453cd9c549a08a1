import { expect, test } from '@jest/globals'
import { isLoopbackAddress, isLoopbackName, nameOfHost } from './loopback.ts'

test.each(['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1'])('%s is an address of this machine', (address) => {
  expect(isLoopbackAddress(address)).toBe(true)
})

test.each(['', '128.0.0.1', '192.168.127.1', '::ffff:10.0.0.1', '127.evil.test', '127.0.0.1.evil.test', '::2', '1::1'])(
  '%j is none',
  (address) => {
    expect(isLoopbackAddress(address)).toBe(false)
  },
)

test.each([
  ['localhost', true],
  ['bucket.s3.localhost', true],
  ['127.0.0.1', true],
  ['localhost.evil.test', false],
  ['evil-localhost', false],
  ['', false],
])('%j as a name: %j', (name, isLoopback) => {
  expect(isLoopbackName(name)).toBe(isLoopback)
})

test.each([
  ['localhost', 'localhost'],
  ['Bucket.LocalHost:4566', 'bucket.localhost'],
  ['localhost.:4566', 'localhost'],
  ['127.0.0.1:80', '127.0.0.1'],
  ['[::1]:4566', '::1'],
  ['[::1]', '::1'],
  ['::1', '::1'],
  ['localhost:80:evil.test', 'localhost:80:evil.test'],
  ['', ''],
])('The name of the host %j is %j', (host, name) => {
  expect(nameOfHost(host)).toBe(name)
})
