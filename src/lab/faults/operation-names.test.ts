import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import { EmulatorFaults } from './faults.ts'

const addRule = (rule: unknown) => new EmulatorFaults(new TurnableAmbient(0)).addRule(rule)

test.each([
  ['Decript', undefined, 'operation: KMS or S3 has no "Decript" here'],
  ['Decrypt,constructor', 'kms', 'operation: KMS has no "constructor" here'],
  ['GetObject', 'kms', 'operation: KMS has no "GetObject" here'],
  ['Decrypt,', 'kms', 'operation: KMS has no "" here'],
  ['Get*Cat', 'kms', 'operation: KMS has no "Get*Cat" here'],
])('A fault that could never strike is refused: %s of %s', (operation, service, words) => {
  expect(() => addRule({ error: 'ThrottlingException', operation, service })).toThrow(words)
})

test.each([
  ['Decrypt', undefined, 'ThrottlingException'],
  ['GenerateDataKey*,Decrypt', 'kms', 'ThrottlingException'],
  ['*', 'kms', 'ThrottlingException'],
  ['GetObject,PutObject*', 's3', 'SlowDown'],
])('A fault of %s of %s can strike', (operation, service, error) => {
  expect(addRule({ error, operation, service })).toMatchObject({ operation })
})
