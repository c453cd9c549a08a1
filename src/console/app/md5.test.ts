import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { md5 } from './md5.ts'

test.each([0, 1, 32, 55, 56, 63, 64, 65, 119, 120, 1000])('The MD5 of %i bytes', (length) => {
  const bytes = Buffer.from(Array.from({ length }, (_, place) => (place * 37 + length) & 0xff))
  expect(Buffer.from(md5(bytes))).toEqual(createHash('md5').update(bytes).digest())
})
