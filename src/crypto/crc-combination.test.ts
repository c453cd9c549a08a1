import { crc32 } from 'node:zlib'
import { Crc64Nvme } from '@aws-sdk/crc64-nvme'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { combineChecksums } from './crc-combination.ts'

function crc32Of(bytes: Uint8Array): Buffer {
  const digest = Buffer.alloc(4)
  digest.writeUInt32BE(crc32(bytes))
  return digest
}

async function crc64Of(bytes: Uint8Array): Promise<Uint8Array> {
  const checksum = new Crc64Nvme()
  checksum.update(bytes)
  return checksum.digest()
}

test('the combined CRC32 is the CRC32 of the joined text', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(pieces, (texts) => {
      const parts = texts.map((text) => ({ digest: crc32Of(text), size: text.length }))
      expect(combineChecksums('CRC32', parts)).toEqual(crc32Of(Buffer.concat(texts)))
    }),
  )
})

test('the combined CRC64NVME is the CRC64NVME of the joined text', async () => {
  const texts = ['a', 'longer text, of another length', '', 'end'].map((text) => Buffer.from(text))
  const parts = await Promise.all(texts.map(async (text) => ({ digest: await crc64Of(text), size: text.length })))
  expect(combineChecksums('CRC64NVME', parts)).toEqual(Buffer.from(await crc64Of(Buffer.concat(texts))))
})

test('the combined CRC32C of "1234" and "56789" is the check value of CRC32C', () => {
  // 0xe3069283 is CRC32C's published check value, of "123456789"; those of the pieces were computed apart.
  const parts = [
    { digest: Buffer.from('f63af4ee', 'hex'), size: 4 },
    { digest: Buffer.from('83b565d8', 'hex'), size: 5 },
  ]
  expect(combineChecksums('CRC32C', parts).toString('hex')).toBe('e3069283')
})
