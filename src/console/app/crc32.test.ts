import { crc32 as ofNode } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { crc32 } from './crc32.ts'

test.each(['', '123456789', '<Tagging/>', 'ü€😀'.repeat(100)])('The CRC-32 of %j', (text) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(ofNode(text))
  expect(crc32(text)).toBe(bytes.toString('base64'))
})
