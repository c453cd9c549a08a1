import { expect, test } from '@jest/globals'
import { parsePolicy } from '../../aws/policy-parse.ts'
import { asksForAliases } from './condition-keys.ts'

const statement = { Effect: 'Allow', Action: 'kms:*', Resource: '*' }
const documentOf = (more: object = {}) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { ...statement, ...more } })

test('Whether a policy asks for aliases is known before it is weighed', () => {
  const asks = (Condition?: object) => asksForAliases(parsePolicy(documentOf({ Condition }), 'identity'))
  const wanted = 'alias/a'
  expect(asks({ StringEquals: { 'kms:ResourceAliases': wanted } })).toBe(true)
  expect(asks({ StringEquals: { 'aws:username': 'a', 'KMS:resourcealiases': wanted } })).toBe(true)
  expect(asks({ StringEquals: { 'kms:RequestAlias': wanted } })).toBe(false)
  expect(asks({ StringEquals: { 'xkms:ResourceAliases': wanted, 'kms:ResourceAliasesx': wanted } })).toBe(false)
  expect(asks()).toBe(false)
  const several = {
    Version: '2012-10-17',
    Statement: [statement, { ...statement, Condition: { Null: { 'kms:ResourceAliases': 'true' } } }],
  }
  expect(asksForAliases(parsePolicy(JSON.stringify(several), 'identity'))).toBe(true)
})
