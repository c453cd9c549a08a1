import { crc32 } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { nextTurn } from '../../event-loop.ts'
import { combinePartChecksums } from './checksums.ts'

const digestOf = (text: string) => {
  const digest = Buffer.alloc(4)
  digest.writeUInt32BE(crc32(text))
  return digest.toString('base64')
}

test.each([1, 199, 200, 201, 1001])(
  'The checksum of %d parts is that of the whole, over several turns',
  async (count) => {
    const texts = Array.from({ length: count }, (_, index) => `part ${index}`.repeat(1 + (index % 3)))
    let turns = 0
    let isDone = false
    const others = (async () => {
      while (!isDone) {
        await nextTurn()
        turns++
      }
    })()
    const parts = texts.map((text) => ({ value: digestOf(text), size: text.length }))
    const { value } = await combinePartChecksums('CRC32', 'FULL_OBJECT', parts)
    isDone = true
    await others
    expect(value).toBe(digestOf(texts.join('')))
    expect(turns).toBeGreaterThanOrEqual(Math.ceil(count / 200) - 1)
  },
)
