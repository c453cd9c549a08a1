import { expect, test } from '@jest/globals'
import { personalDataIn } from './personal-data.ts'

test.each([
  ['user', 'anna.muster+test@example.co.uk', 'an e-mail address'],
  ['user', 'mailto: a@b.ch!', 'an e-mail address'],
  ['card', '4111 1111 1111 1111', 'a card number'],
  ['card', '5500-0000-0000-0004', 'a card number'],
  ['number', '078-05-1120', 'a US social security number'],
  ['account', 'GB82 WEST 1234 5698 7654 32', 'an IBAN'],
  ['call', '+41 44 668 18 00', 'a telephone number'],
  ['id', 'AKIAIOSFODNN7EXAMPLE', 'an access key'],
  ['id', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'a token'],
  ['password', 'hunter2', 'a secret'],
  ['Email', 'none', 'data about a person'],
  ['last_name', 'Muster', 'data about a person'],
])('%s=%s looks like %s', (name, value, kind) => {
  expect(personalDataIn(name, value)).toBe(kind)
})

test.each([
  ['tenant', 'a'],
  ['tenant', '4111 1111 1111 1112'],
  ['order', '1234567890123456'],
  ['zeros', '0000000000000000'],
  ['time', '2026-11-30T01:00:00Z'],
  ['account', 'GB83 WEST 1234 5698 7654 32'],
  ['arn', 'arn:aws:iam::000000000000:user/test'],
  ['id', '8f0c8a3e-2c0e-4a56-9d3f-0c8d1f6f2b11'],
  ['tokens-used', '3'],
])('%s=%s looks like nothing of the kind', (name, value) => {
  expect(personalDataIn(name, value)).toBeUndefined()
})

test('Of a long value only the beginning is looked at', () => {
  expect(personalDataIn('note', `${' x'.repeat(2000)} a@b.ch`)).toBeUndefined()
})
