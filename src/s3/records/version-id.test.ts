import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { firstOrder, isVersionId, newVersionId, orderOfId } from './version-id.ts'

const orders = fc.oneof(fc.integer({ min: 0, max: 2 ** 33 }), fc.integer({ min: 2 ** 52 - 2 ** 33, max: firstOrder }))

test('An id has 32 letters, digits, dots and underscores, and tells its order', () => {
  fc.assert(
    fc.property(orders, fc.uint8Array({ minLength: 13, maxLength: 13 }), (order, random) => {
      const id = newVersionId(order, random)
      expect(id).toMatch(/^[A-Za-z0-9._]{32}$/)
      expect(orderOfId(id)).toBe(order)
    }),
  )
})

test('Ids of neighbours have nothing in common that would show', () => {
  const ids = [0, 1, 2].map((step) => newVersionId(firstOrder - step, randomBytes(13)))
  expect(new Set(ids.map((id) => id.slice(18, 26))).size).toBe(3)
})

test.each([
  'A'.repeat(32),
  '0'.repeat(32),
  'NULL',
  'not-a-version',
  '',
  `${newVersionId(5, Buffer.alloc(13)).slice(0, 31)}`,
  `${newVersionId(5, Buffer.alloc(13))}A`,
  `.${newVersionId(5, Buffer.alloc(13)).slice(1)}`,
])('%j was never given', (text) => {
  expect(isVersionId(text)).toBe(false)
})
