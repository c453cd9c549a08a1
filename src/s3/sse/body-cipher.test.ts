import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { segmentSize } from '../../crypto/segment-arithmetic.ts'
import { BodyCipher } from './body-cipher.ts'

test.each([0, 1, 2])('under %d keys a segment’s bytes hold while the next two are made', async (layers) => {
  const keys = Array.from({ length: layers }, () => randomBytes(32))
  async function* plaintext() {
    for (let chunk = 0; chunk < 60; chunk++) yield randomBytes(Math.floor(segmentSize / 7))
  }
  const { segments } = new BodyCipher(keys, 'test', randomBytes).seal(plaintext())
  const earlier: { bytes: Uint8Array; copy: Buffer }[] = []
  for await (const bytes of segments) {
    for (const { bytes, copy } of earlier.slice(-2)) expect(copy.equals(bytes)).toBe(true)
    earlier.push({ bytes, copy: Buffer.from(bytes) })
  }
  expect(earlier).toHaveLength(9)
})
