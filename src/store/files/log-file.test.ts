import { expect, test } from '@jest/globals'
import { checkLog, readLog } from './log-file.ts'
import { maskedChecksum } from './masked-checksum.ts'
import { FileFault } from './store-damaged.ts'

const blockSize = 32_768

/** A record as LevelDB writes it. */
function record(type: number, bytes: Buffer | string): Buffer {
  const content = Buffer.from(bytes)
  const head = Buffer.alloc(7)
  head.writeUInt16LE(content.length, 4)
  head[6] = type
  head.writeUInt32LE(maskedChecksum(Buffer.concat([Buffer.of(type), content])), 0)
  return Buffer.concat([head, content])
}
const textsOf = (log: Buffer) => readLog(log).map((bytes) => bytes.toString())

test('A masked checksum is the one of LevelDB', () => {
  // util/crc32c_test.cc has the CRC-32C of 32 zeros as 0x8a9136aa; turned by 15 bits and 0xa282ead8 added it is this.
  const turned = ((0x8a9136aa >>> 15) | (0x8a9136aa << 17)) >>> 0
  expect(maskedChecksum(Buffer.alloc(32))).toBe((turned + 0xa282ead8) % 2 ** 32)
})

test('Records are read one behind the other, those of several pieces put together', () => {
  const log = Buffer.concat([
    record(1, 'whole'),
    record(2, 'fir'),
    record(3, 'st mid'),
    record(4, 'dle'),
    record(1, ''),
    record(2, 'dropped'),
    record(1, 'next'),
  ])
  expect(textsOf(log)).toEqual(['whole', 'first middle', '', 'next'])
  expect(textsOf(Buffer.alloc(0))).toEqual([])
})

test('Fewer than seven bytes at the end of a block are nothing', () => {
  for (const rest of [0, 1, 6, 7]) {
    const filler = record(1, Buffer.alloc(blockSize - 7 - rest))
    const padding = rest === 7 ? record(1, '') : Buffer.alloc(rest)
    const log = Buffer.concat([filler, padding, record(1, 'behind')])
    expect(textsOf(log).at(-1)).toBe('behind')
    expect(textsOf(log)).toHaveLength(rest === 7 ? 3 : 2)
  }
})

test('The end may be torn: a record that runs past it, or zeros', () => {
  const whole = record(1, 'whole')
  const torn = record(1, 'torn off')
  for (let length = 0; length < torn.length; length++) {
    expect(textsOf(Buffer.concat([whole, torn.subarray(0, length)]))).toEqual(['whole'])
  }
  expect(textsOf(Buffer.concat([whole, Buffer.alloc(100)]))).toEqual(['whole'])
  expect(textsOf(Buffer.concat([whole, Buffer.alloc(2000)]))).toEqual(['whole'])
})

test('What is unreadable before the end is a fault, and says where', () => {
  const [first, second] = [record(1, 'first'), record(1, 'second')]
  const fault = `has a wrong checksum at byte ${first.length} of ${first.length + 2 * second.length}`
  for (const at of [0, 4, 6, 8]) {
    const bent = Buffer.from(second)
    bent[at] = (bent[at] ?? 0) ^ 4
    const log = Buffer.concat([first, bent, second])
    expect(() => checkLog(log)).toThrow(FileFault)
    expect(() => checkLog(log)).toThrow(fault)
    expect(() => readLog(log)).toThrow(fault)
  }
  const last = Buffer.from(second)
  last[8] = (last[8] ?? 0) ^ 4
  expect(() => checkLog(Buffer.concat([first, last]))).toThrow('has a wrong checksum')
})

test('A readable record in a later block is behind the fault too', () => {
  const bent = record(1, Buffer.alloc(blockSize - 7))
  bent[0] = (bent[0] ?? 0) ^ 1
  expect(() => checkLog(Buffer.concat([bent, record(1, 'later')]))).toThrow('has a wrong checksum at byte 0')
  const zeros = Buffer.alloc(2 * blockSize)
  expect(() => checkLog(Buffer.concat([record(1, 'a'), zeros]))).not.toThrow()
  const beyond = Buffer.concat([Buffer.alloc(2 * blockSize), record(1, 'later')])
  expect(() => checkLog(beyond)).toThrow('has a wrong checksum at byte 0')
})

test('A type that there is not, and a record over the end of its block, are unreadable', () => {
  for (const type of [0, 5]) {
    expect(() => checkLog(Buffer.concat([record(type, 'x'), record(1, 'y')]))).toThrow(FileFault)
  }
  expect(textsOf(record(4, 'x'))).toEqual(['x'])
  const over = Buffer.concat([record(1, Buffer.alloc(blockSize - 7 - 20)), record(1, Buffer.alloc(20)), record(1, 'y')])
  expect(() => checkLog(over)).toThrow(`has a wrong checksum at byte ${blockSize - 20}`)
})
