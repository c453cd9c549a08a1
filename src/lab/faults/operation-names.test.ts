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

test.each([
  [{ error: 'SlowDown', operation: 'Decrypt' }, 'operation: SlowDown is no error of the service that has Decrypt'],
  [{ error: 'NotFoundException', operation: 'GetObject' }, 'NotFoundException is no error of the service that has'],
  [{ corrupt: true, operation: 'PutObject' }, 'PutObject answers with no object’s body: corrupt is for GetObject'],
  [{ service: 's3', key: 'alias/app', cut: true }, 'key and onlyForS3 are for service kms'],
  [{ service: 's3', onlyForS3: true, latency: 1 }, 'key and onlyForS3 are for service kms'],
  [{ cut: false }, 'A fault needs an effect'],
  [{ latency: 0 }, 'A fault needs an effect'],
  [{ latency: 0, jitter: 5 }, 'A fault needs an effect'],
  [{ cut: true, for: '0s' }, 'for: 0s is no time'],
])('A rule that would strike nothing is refused: %j', (rule, words) => {
  expect(() => addRule(rule)).toThrow(words)
})

test('What a rule says no to is no part of it', () => {
  expect(addRule({ corrupt: false, error: 'SlowDown' })).toMatchObject({ error: 'SlowDown' })
})
