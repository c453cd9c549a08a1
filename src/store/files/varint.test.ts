import { expect, test } from '@jest/globals'
import { FileFault } from './store-damaged.ts'
import { VarintReader } from './varint.ts'

test.each([
  ['00', 0],
  ['7f', 127],
  ['8001', 128],
  ['ac02', 300],
  ['ffffffff0f', 2 ** 32 - 1],
  ['ffffffffffffff7f', 2 ** 56 - 1],
])('%s is %d', (hex, value) => {
  const reader = new VarintReader(Buffer.from(hex, 'hex'))
  expect(reader.number()).toBe(value)
  expect(reader.isAtEnd).toBe(true)
})

test.each(['', '80', 'ffff', 'ffffffffffffffff7f'])('%s is no number', (hex) => {
  const read = () => new VarintReader(Buffer.from(hex, 'hex')).number()
  expect(read).toThrow(FileFault)
  expect(read).toThrow('ends within a number, or has one that is too large')
})

test('Texts are read one behind the other, and none that ends too late', () => {
  const reader = new VarintReader(Buffer.from('\x02ab\x00\x03cde', 'latin1'))
  const text = () => Buffer.from(reader.prefixed()).toString()
  expect([text(), text(), reader.isAtEnd, text(), reader.isAtEnd]).toEqual(['ab', '', false, 'cde', true])
  expect(() => new VarintReader(Buffer.from('\x02a', 'latin1')).prefixed()).toThrow('ends too early')
  expect(() => new VarintReader(Buffer.of(1)).take(2)).toThrow(FileFault)
})
