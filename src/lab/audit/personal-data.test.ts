import { expect, test } from '@jest/globals'
import { personalDataIn } from './personal-data.ts'

test.each([
  ['user', 'anna.muster+test@example.co.uk', 'an e-mail address'],
  ['user', 'mailto: a@b.ch!', 'an e-mail address'],
  ['user', 'jörg@bücher.de', 'an e-mail address'],
  ['owner', 'arn:aws:sts::000000000000:assumed-role/Admin/anna@example.com', 'an e-mail address'],
  ['card', '4111 1111 1111 1111', 'a card number'],
  ['number', '5500-0000-0000-0004', 'a card number'],
  ['number', '378282246310005', 'a card number'],
  ['number', '078-05-1120', 'a US social security number'],
  ['number', 'QQ 12 34 56 C'.replace('QQ', 'AB'), 'a UK national insurance number'],
  ['number', '756.9217.0769.85', 'a Swiss social insurance number'],
  ['number', '7569217076985', 'a Swiss social insurance number'],
  ['number', '529.982.247-25', 'a Brazilian CPF'],
  ['account', 'GB82 WEST 1234 5698 7654 32', 'an IBAN'],
  ['account', 'de89370400440532013000', 'an IBAN'],
  ['call', '+41 44 668 18 00', 'a telephone number'],
  ['call', '(555) 123-4567', 'a telephone number'],
  ['call', '555-123-4567', 'a telephone number'],
  ['id', 'AKIAIOSFODNN7EXAMPLE', 'an access key'],
  ['id', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'a token'],
  ['password', 'hunter2', 'a secret'],
  ['db_password', 'hunter2', 'a secret'],
  ['oauth.clientSecret', 'x', 'a secret'],
  ['Email', 'none', 'data about a person'],
  ['e-mail', 'none', 'data about a person'],
  ['customerEmail', '7f3a', 'data about a person'],
  ['contact_email_address', '7f3a', 'data about a person'],
  ['last_name', 'Muster', 'data about a person'],
  ['patientName', 'Muster', 'data about a person'],
  ['surname', 'Muster', 'data about a person'],
  ['SSN', '1', 'data about a person'],
  ['phoneNumber', '1', 'data about a person'],
  ['dateOfBirth', '2000', 'data about a person'],
  ['passport-no', 'X1', 'data about a person'],
  ['driversLicense', 'X1', 'data about a person'],
  ['Billing Address', 'Main Street', 'data about a person'],
])('%s=%s looks like %s', (name, value, kind) => {
  expect(personalDataIn(name, value)).toBe(kind)
})

test.each([
  ['tenant', 'a'],
  ['tenantId', '4b1f'],
  ['tenant', '4111 1111 1111 1112'],
  ['order', '1234567890123456'],
  ['order', '1234567890123452'],
  ['zeros', '0000000000000000'],
  ['time', '2026-11-30T01:00:00Z'],
  ['time', '1764489600006'],
  ['day', '2026-11-30'],
  ['account', '111122223333'],
  ['accountId', '000000000000'],
  ['account', 'GB83 WEST 1234 5698 7654 32'],
  ['arn', 'arn:aws:iam::000000000000:user/test'],
  ['arn', 'arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab'],
  ['id', '8f0c8a3e-2c0e-4a56-9d3f-0c8d1f6f2b11'],
  ['id', '12345678-1234-1234-1234-123456789012'],
  ['snowflake', '1765432109876543210'],
  ['number', '000-12-3456'],
  ['number', '756.9217.0769.86'],
  ['number', '529.982.247-24'],
  ['package', 'library@1.2.3'],
  ['image', 'app@sha256:0123456789abcdef'],
  ['handle', '@somebody'],
  ['ip-address', '10.0.0.1'],
  ['ipAddress', '10.0.0.1'],
  ['hostname', 'a.example.com'],
  ['fileName', 'report.pdf'],
  ['email-template', 'welcome'],
  ['emailHash', '9f86d081'],
  ['tokens-used', '3'],
  ['dashboard', 'main'],
  ['version', '1.2.3'],
])('%s=%s looks like nothing of the kind', (name, value) => {
  expect(personalDataIn(name, value)).toBeUndefined()
})

test('Of a long value only the beginning is looked at', () => {
  expect(personalDataIn('note', `${' x'.repeat(2000)} a@b.ch`)).toBeUndefined()
})
