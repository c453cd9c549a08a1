import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../ambient.ts'
import { anonymousCaller, userCaller } from '../aws/caller.ts'
import { Database } from '../store/database.ts'
import { isPrincipalArn, openPrincipals, type Principal } from './principals.ts'
import { groups, managedPolicies } from './records.ts'
import { sessionCaller } from './sessions.ts'

const accountId = '000000000000'

async function openFixture(mode: 'permissive' | 'strict' = 'permissive') {
  const database = await Database.open({})
  const ambient = new TurnableAmbient()
  const principals = openPrincipals({ database, ambient, accountId, mode })
  const add = (principal: Principal) => database.transact((transaction) => principals.add(transaction, principal))
  return { database, principals, add }
}

test('The user test is always known, in both modes', async () => {
  for (const mode of ['permissive', 'strict'] as const) {
    const { principals } = await openFixture(mode)
    expect(principals.find('test')).toMatchObject({
      secretAccessKey: 'test',
      caller: { arn: 'arn:aws:iam::000000000000:user/test', userName: 'test', accessKeyId: 'test' },
    })
  }
})

test('A key given by settings is an administrator with that secret, in both modes', async () => {
  for (const mode of ['permissive', 'strict'] as const) {
    const database = await Database.open({})
    const given = { database, ambient: new TurnableAmbient(), accountId, mode, accessKeys: ['admin:pass:word'] }
    const administrator = openPrincipals(given).find('admin')
    expect(administrator).toMatchObject({ secretAccessKey: 'pass:word', caller: { userName: 'admin' } })
    expect(administrator && openPrincipals(given).permissionsOf(administrator.caller).identity).toBeUndefined()
  }
})

test('An unknown key is an administrator of that name when permissive, and nobody when strict', async () => {
  const { principals } = await openFixture()
  const stranger = principals.find('AKIASTRANGER')
  expect(stranger?.secretAccessKey).toBeUndefined()
  expect(stranger?.caller.arn).toBe('arn:aws:iam::000000000000:user/AKIASTRANGER')
  expect(stranger && principals.permissionsOf(stranger.caller).identity).toBeUndefined()
  expect((await openFixture('strict')).principals.find('AKIASTRANGER')).toBeUndefined()
})

test('Temporary keys of a real account are unknown ones like any other', async () => {
  expect((await openFixture()).principals.find('ASIAREAL')?.caller.userName).toBe('ASIAREAL')
  expect((await openFixture('strict')).principals.find('ASIAREAL')).toBeUndefined()
})

test('Twelve digits as access key are an administrator of the account of that number', async () => {
  const { principals } = await openFixture()
  expect(principals.find('111122223333')?.caller).toMatchObject({ accountId: '111122223333', type: 'IAMUser' })
})

test('A declared principal is found by its access key, with secret and policies, also of another account', async () => {
  const { principals, add } = await openFixture('strict')
  const policies = [{ name: 'read', document: '{}' }]
  await add({ arn: 'arn:aws:iam::111122223333:user/team/app', accessKeys: [{ id: 'app', secret: 's' }], policies })
  const found = principals.find('app')
  expect(found).toMatchObject({ secretAccessKey: 's', caller: { accountId: '111122223333', userName: 'app' } })
  expect(found && principals.permissionsOf(found.caller).identity).toEqual(policies)
  expect(await principals.list()).toHaveLength(1)
})

test('Adding a principal again replaces its access keys', async () => {
  const { principals, add } = await openFixture('strict')
  const arn = 'arn:aws:iam::000000000000:user/app'
  await add({ arn, accessKeys: [{ id: 'old', secret: 's' }] })
  await add({ arn, accessKeys: [{ id: 'new', secret: 's' }] })
  expect(principals.find('old')).toBeUndefined()
  expect(principals.find('new')).toBeDefined()
})

test('The access key of a role makes a session of it, with the policies of the role', async () => {
  const { principals, add } = await openFixture('strict')
  const policies = [{ name: 'read', document: '{}' }]
  const arn = 'arn:aws:iam::000000000000:role/service/reader'
  await add({ arn, accessKeys: [{ id: 'reader', secret: 's' }], policies })
  const caller = principals.find('reader')?.caller
  expect(caller).toMatchObject({
    type: 'AssumedRole',
    arn: 'arn:aws:sts::000000000000:assumed-role/reader/reader',
    role: { arn, name: 'reader' },
  })
  expect(caller && principals.permissionsOf(caller).identity).toEqual(policies)
})

test('Users, roles and roots are principals; groups and sessions are not', () => {
  expect(isPrincipalArn('arn:aws:iam::000000000000:user/a/b/app')).toBe(true)
  expect(isPrincipalArn('arn:aws:iam::000000000000:role/reader')).toBe(true)
  expect(isPrincipalArn('arn:aws:iam::000000000000:root')).toBe(true)
  expect(isPrincipalArn('arn:aws:iam::000000000000:group/g')).toBe(false)
  expect(isPrincipalArn('arn:aws:sts::000000000000:assumed-role/reader/me')).toBe(false)
  expect(isPrincipalArn('arn:aws:iam::000000000000:user/')).toBe(false)
})

test('A user has its own policies, those attached to it, and those of its groups', async () => {
  const { database, principals, add } = await openFixture('strict')
  const group = 'arn:aws:iam::000000000000:group/team'
  const readers = 'arn:aws:iam::000000000000:policy/readers'
  await database.transact((transaction) => {
    transaction.put(groups, [group], {
      arn: group,
      policies: [{ name: 'of-group', document: '{}' }],
      attachedPolicies: [readers],
    })
    transaction.put(managedPolicies, [readers], { arn: readers, document: '{}', defaultVersion: 1, newestVersion: 1 })
  })
  const arn = 'arn:aws:iam::000000000000:user/app'
  const attachedPolicies = ['arn:aws:iam::aws:policy/AdministratorAccess', 'arn:aws:iam::000000000000:policy/gone']
  await add({ arn, accessKeys: [{ id: 'app', secret: 's' }], attachedPolicies, groups: [group] })
  const { identity = [] } = principals.permissionsOf(principals.find('app')?.caller ?? anonymousCaller)
  expect(identity.map(({ name }) => name)).toEqual(['AdministratorAccess', 'of-group', 'readers'])
})

test('A boundary is asked of an administrator too, and one that is gone allows nothing', async () => {
  const { principals, add } = await openFixture('strict')
  const arn = 'arn:aws:iam::000000000000:user/app'
  const permissionsBoundary = 'arn:aws:iam::000000000000:policy/gone'
  await add({ arn, accessKeys: [], permissionsBoundary })
  const permissions = principals.permissionsOf(userCaller(accountId, 'app'))
  expect(permissions.identity).toBeUndefined()
  expect(permissions.boundary?.document).toBe('{"Version":"2012-10-17","Statement":[]}')
})

test('A session of a role that was made anew under its name may nothing', async () => {
  const { principals, add } = await openFixture('strict')
  const arn = 'arn:aws:iam::000000000000:role/reader'
  await add({ arn, accessKeys: [] })
  const caller = sessionCaller(arn, 'me', 'ASIAME', 0)
  expect(principals.permissionsOf(caller).identity).toBeUndefined()
  await add({ arn, accessKeys: [], uniqueId: 'AROAANOTHERROLEOFNAME' })
  expect(principals.permissionsOf(caller).identity).toEqual([])
})
