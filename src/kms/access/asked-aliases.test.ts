import { expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { parsePolicy } from '../../aws/policy-parse.ts'
import { Database } from '../../store/database.ts'
import type { KeyRecord } from '../keys/key.ts'
import { accountId, region } from '../kms.fixture.ts'
import { Authorizer } from './authorization.ts'
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

test('The store is waited for where a policy of any side asks for aliases, and nowhere else', async () => {
  const caller = userCaller(accountId, 'app', 'AKIAAPP')
  const database = await Database.open({})
  const silent = documentOf({ Condition: { StringLike: { 'aws:username': '*' } } })
  const asking = documentOf({ Condition: { StringLike: { 'kms:ResourceAliases': '*' } } })
  const named = (document: string) => ({ name: 'own', document })
  const isWaitedFor = async ({ key = silent, identity = [silent], boundary = silent, session = [silent] }) => {
    const permissions = { identity: identity.map(named), boundary: named(boundary), session: session.map(named) }
    const record: KeyRecord = {
      ...{ keyId: 'k', accountId, region, description: '', creationDate: 0, enabled: true, tags: [] },
      ...{ keySpec: 'SYMMETRIC_DEFAULT', keyUsage: 'ENCRYPT_DECRYPT', origin: 'AWS_KMS', keyManager: 'CUSTOMER' },
      policy: key.replace('"Effect"', '"Principal":"*","Effect"'),
    }
    const context = { caller, region, requestId: '', clientAddress: '127.0.0.1', userAgent: '', secure: true }
    const question = { context, now: 0, input: {}, action: 'kms:Decrypt', resource: 'arn:k', key: record }
    const ruling = new Authorizer({ permissionsOf: () => permissions }).rule(database, question)
    await ruling
    return ruling instanceof Promise
  }
  expect(await isWaitedFor({})).toBe(false)
  expect(await isWaitedFor({ key: asking })).toBe(true)
  expect(await isWaitedFor({ identity: [silent, asking] })).toBe(true)
  expect(await isWaitedFor({ boundary: asking })).toBe(true)
  expect(await isWaitedFor({ session: [asking, silent] })).toBe(true)
  await database.close()
})
