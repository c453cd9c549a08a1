import { expect, test } from '@jest/globals'
import { readRule } from './fault-rule.ts'

const throttled = { error: 'ThrottlingException' }

test.each([
  ['Decript', undefined, 'operation: KMS or S3 has no "Decript" here'],
  ['Decrypt,constructor', 'kms', 'operation: KMS has no "constructor" here'],
  ['GetObject', 'kms', 'operation: KMS has no "GetObject" here'],
  ['Decrypt,', 'kms', 'operation: KMS has no "" here'],
  ['Get*Cat', 'kms', 'operation: KMS has no "Get*Cat" here'],
])('A fault that could never strike is refused: %s of %s', (operation, service, words) => {
  expect(() => readRule({ ...throttled, operation, service })).toThrow(words)
})

test.each([
  ['Decrypt', undefined],
  ['GenerateDataKey*,Decrypt', 'kms'],
  ['*', 'kms'],
])('A fault of %s of %s can strike', (operation, service) => {
  expect(readRule({ ...throttled, operation, service })).toMatchObject({ operation })
})

test('A fault of S3’s operations can strike', () => {
  expect(readRule({ error: 'SlowDown', service: 's3', operation: 'GetObject,PutObject*' })).toMatchObject({
    service: 's3',
  })
})
