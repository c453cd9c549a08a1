import { expect, test } from '@jest/globals'
import { Database } from '../../store/database.ts'
import type { KeyRecord } from '../keys/key.ts'
import { accountId, alice, region, stranger } from '../kms.fixture.ts'
import {
  countGrants,
  deleteGrant,
  findGrant,
  type GrantRecord,
  grantsOfKey,
  grantsRetirableBy,
  grantsTo,
  putGrant,
} from './grant-store.ts'
import { weighGrants } from './grants.ts'

const keyOf = (keyId: string): KeyRecord => ({
  ...{ keyId, accountId, region, description: '', creationDate: 0, enabled: true, policy: '', tags: [] },
  ...{ keySpec: 'SYMMETRIC_DEFAULT', keyUsage: 'ENCRYPT_DECRYPT', origin: 'AWS_KMS', keyManager: 'CUSTOMER' },
})
const grantOf = (keyId: string, grantId: string, more: Partial<GrantRecord> = {}): GrantRecord => ({
  ...{ keyId, grantId, region, issuingAccount: accountId, granteePrincipal: alice.arn, operations: ['Decrypt'] },
  ...{ creationDate: 0, ...more },
})

async function idsOf(grants: AsyncIterable<GrantRecord>): Promise<string[]> {
  const ids: string[] = []
  for await (const { keyId, grantId } of grants) ids.push(`${keyId}/${grantId}`)
  return ids
}

test('Grants are found by key, by grantee and by who may retire them, in the order of their ids, behind one', async () => {
  const database = await Database.open({})
  const retiringPrincipal = alice.arn
  const made = [
    grantOf('k1', 'b', { retiringPrincipal }),
    grantOf('k1', 'a'),
    grantOf('k1', 'c', { granteePrincipal: stranger.arn, retiringPrincipal }),
    grantOf('k2', 'a', { retiringPrincipal }),
    grantOf('k1', 'd', { region: 'eu-west-1', retiringPrincipal }),
  ]
  await database.transact((transaction) => {
    for (const grant of made) putGrant(transaction, grant)
  })
  const [k1, k2] = [keyOf('k1'), keyOf('k2')]
  expect([countGrants(database, k1), countGrants(database, k2), countGrants(database, keyOf('k3'))]).toEqual([3, 1, 0])
  expect(await idsOf(grantsOfKey(database, k1))).toEqual(['k1/a', 'k1/b', 'k1/c'])
  expect(await idsOf(grantsOfKey(database, k1, 'a'))).toEqual(['k1/b', 'k1/c'])
  expect(await idsOf(grantsTo(database, k1, alice.arn))).toEqual(['k1/a', 'k1/b'])
  expect(await idsOf(grantsTo(database, k1, alice.arn, 'a'))).toEqual(['k1/b'])
  expect(await idsOf(grantsTo(database, k1, stranger.arn))).toEqual(['k1/c'])
  expect(await idsOf(grantsRetirableBy(database, region, alice.arn))).toEqual(['k1/b', 'k1/c', 'k2/a'])
  expect(await idsOf(grantsRetirableBy(database, region, alice.arn, ['k1', 'b']))).toEqual(['k1/c', 'k2/a'])
  expect(await idsOf(grantsRetirableBy(database, region, stranger.arn))).toEqual([])
  expect(findGrant(database, { region, keyId: 'k1', grantId: 'a' })).toEqual(made[1])

  await database.transact((transaction) => {
    for (const grant of made.slice(0, 3)) deleteGrant(transaction, grant)
  })
  expect(findGrant(database, { region, keyId: 'k1', grantId: 'a' })).toBeUndefined()
  expect([countGrants(database, k1), countGrants(database, k2)]).toEqual([0, 1])
  expect(await idsOf(grantsOfKey(database, k1))).toEqual([])
  expect(await idsOf(grantsTo(database, k1, alice.arn))).toEqual([])
  expect(await idsOf(grantsRetirableBy(database, region, alice.arn))).toEqual(['k2/a'])
  await database.transact((transaction) => {
    for (const grant of made.slice(0, 3)) putGrant(transaction, { ...grant, retiringPrincipal: undefined })
  })
  expect(await idsOf(grantsTo(database, k1, alice.arn))).toEqual(['k1/a', 'k1/b'])
  expect(await idsOf(grantsRetirableBy(database, region, alice.arn))).toEqual(['k2/a'])
  await database.close()
})

test('Nothing leads to a deleted grant any more, were another to have its id', async () => {
  const database = await Database.open({})
  const first = grantOf('k1', 'a', { retiringPrincipal: alice.arn })
  const second = grantOf('k1', 'a', { granteePrincipal: stranger.arn, retiringPrincipal: stranger.arn })
  await database.transact((transaction) => putGrant(transaction, first))
  await database.transact((transaction) => deleteGrant(transaction, first))
  await database.transact((transaction) => putGrant(transaction, second))
  for (const [principal, ids] of [
    [alice.arn, []],
    [stranger.arn, ['k1/a']],
  ] as const) {
    expect(await idsOf(grantsTo(database, keyOf('k1'), principal))).toEqual(ids)
    expect(await idsOf(grantsRetirableBy(database, region, principal))).toEqual(ids)
  }
  await database.close()
})

test('Every grant to the caller is weighed, and told with its name and its grantee', async () => {
  const database = await Database.open({})
  const constraints = { EncryptionContextEquals: { tenant: 'a' } }
  await database.transact((transaction) => {
    putGrant(transaction, grantOf('k1', 'a', { name: 'first' }))
    putGrant(transaction, grantOf('k1', 'b', { operations: ['Encrypt'] }))
    putGrant(transaction, grantOf('k1', 'c', { constraints }))
    putGrant(transaction, grantOf('k1', 'd', { granteePrincipal: `arn:aws:iam::${accountId}:root` }))
    putGrant(transaction, grantOf('k1', 'e', { granteePrincipal: stranger.arn }))
  })
  const question = { caller: alice, key: keyOf('k1'), operation: 'Decrypt', encryptionContext: { tenant: 'b' } }
  const grantee = alice.arn
  const constraint = { type: 'EncryptionContextEquals', wanted: { tenant: 'a' }, actual: { tenant: 'b' } }
  expect(await weighGrants(database, question)).toEqual([
    { grantId: 'a', name: 'first', grantee, outcome: 'principal' },
    { grantId: 'b', grantee, outcome: 'other operation' },
    { grantId: 'c', grantee, outcome: 'constraint not met', constraint },
    { grantId: 'd', grantee: `arn:aws:iam::${accountId}:root`, outcome: 'account' },
  ])
  await database.close()
})

test('A count never falls below nothing', async () => {
  const database = await Database.open({})
  const key = keyOf('k1')
  await database.transact((transaction) => deleteGrant(transaction, grantOf('k1', 'a')))
  expect(countGrants(database, key)).toBe(0)
  await database.transact((transaction) => putGrant(transaction, grantOf('k1', 'a')))
  expect(countGrants(database, key)).toBe(1)
  await database.close()
})
