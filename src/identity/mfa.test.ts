import { expect, test } from '@jest/globals'
import { codeAt, showsCode } from './mfa.ts'

/** The seed of RFC 6238's table, `12345678901234567890`, in Base32. */
const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const device = { serialNumber: 'arn:aws:iam::000000000000:mfa/app', seed }

test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('At %i s the code is the one of RFC 6238, cut to six digits', (seconds, code) => {
  expect(codeAt(seed, seconds * 1000)).toBe(code)
})

test('A code is good for half a minute, and for the half minutes before and behind it', () => {
  const at = (seconds: number) => showsCode(device, '287082', seconds * 1000)
  expect([at(0), at(29), at(30), at(59), at(89), at(90)]).toEqual([true, true, true, true, true, false])
  expect(showsCode(device, '287083', 59_000)).toBe(false)
})
