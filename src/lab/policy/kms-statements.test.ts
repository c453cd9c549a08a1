import { expect, test } from '@jest/globals'
import type { TrailRecord } from '../../trail/event.ts'
import { KmsStatements } from './kms-statements.ts'

const arnOf = (id: string) => `arn:aws:kms:us-east-1:000000000000:key/${id}`

function statementsOf(record: object) {
  const statements = new KmsStatements()
  statements.add({ awsRegion: 'us-east-1', userIdentity: {}, ...record } as TrailRecord)
  return statements.identity()
}

test('ReEncrypt opens with one key in its context, and seals with the other in its own', () => {
  const resources = ['one', 'two'].map((id) => ({ type: 'AWS::KMS::Key', ARN: arnOf(id) }))
  const requestParameters = { sourceEncryptionContext: { tenant: 'a' }, destinationEncryptionContext: { tenant: 'b' } }
  const found = statementsOf({ eventName: 'ReEncrypt', resources, requestParameters })
  expect(found.map(({ Action, Resource, Condition }) => [Action, Resource, Condition?.StringEquals])).toEqual([
    [['kms:ReEncryptFrom'], arnOf('one'), { 'kms:EncryptionContext:tenant': ['a'] }],
    [['kms:ReEncryptTo'], arnOf('two'), { 'kms:EncryptionContext:tenant': ['b'] }],
  ])
})

test('A call about no key is allowed on all of them', () => {
  expect(statementsOf({ eventName: 'ListKeys' })).toEqual([
    { Effect: 'Allow', Action: ['kms:ListKeys'], Resource: '*' },
  ])
})
