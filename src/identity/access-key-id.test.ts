import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { accessKeyId, accountOfAccessKey } from './access-key-id.ts'

test('an id tells the account it was made for, whatever else is in it', () => {
  const account = fc.nat({ max: 999_999_999_999 }).map((number) => String(number).padStart(12, '0'))
  fc.assert(
    fc.property(account, fc.uint8Array({ minLength: 8, maxLength: 8 }), (accountId, random) => {
      const id = accessKeyId('AKIA', accountId, random)
      expect(id).toMatch(/^AKIA[A-Z2-7]{16}$/)
      expect(accountOfAccessKey(id)).toBe(accountId)
    }),
  )
})

test.each(['test', 'AKIA', 'AKIAIOSFODNN7EXAMPL1', 'AIDAIOSFODNN7EXAMPLE'])('%s tells no account', (id) => {
  expect(accountOfAccessKey(id)).toBeUndefined()
})
