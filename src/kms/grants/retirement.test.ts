import { expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { sessionCaller } from '../../identity/sessions.ts'
import { accountId, refusal, stranger } from '../kms.fixture.ts'
import { openWithApp } from './grants.fixture.ts'

test('the retiring principal retires a grant by its token or its id, others may not', async () => {
  const { call, grant, asApp, generate, arn, declare } = await openWithApp()
  const bob = userCaller(accountId, 'bob')
  await declare(bob.arn)
  const asBob = (input: object) => refusal(call('RetireGrant', input, { caller: bob }))
  const first = await grant({ RetiringPrincipal: bob.arn })
  const second = await grant({ RetiringPrincipal: bob.arn })
  expect(await refusal(asApp('RetireGrant', { GrantToken: first.token }))).toContain('AccessDeniedException')
  expect(await asBob({ GrantToken: first.token })).toBe('no refusal')
  expect(await generate()).toBe('no refusal')
  expect(await asBob({ KeyId: arn, GrantId: second.id })).toBe('no refusal')
  expect(await generate()).toContain('AccessDeniedException')
  expect(await asBob({ GrantToken: first.token })).toBe('InvalidGrantTokenException: Invalid grant token.')
  expect(await asBob({ KeyId: arn, GrantId: second.id })).toContain('InvalidGrantIdException')
  expect(await asBob({ KeyId: arn })).toContain('ValidationException')
})

test('the grantee retires a grant that allows RetireGrant, and the account that made it may always', async () => {
  const { call, grant, asApp } = await openWithApp()
  const own = await grant({ Operations: ['Decrypt', 'RetireGrant'] })
  const other = await grant()
  expect(await refusal(asApp('RetireGrant', { GrantToken: other.token }))).toContain('AccessDeniedException')
  expect(await refusal(asApp('RetireGrant', { GrantToken: own.token }))).toBe('no refusal')
  expect(await refusal(call('RetireGrant', { GrantToken: other.token }, { caller: stranger }))).toContain(
    'AccessDenied',
  )
  expect(await refusal(call('RetireGrant', { GrantToken: other.token }))).toBe('no refusal')
})

test('a session policy is asked when a grant is retired, whoever retires it', async () => {
  const { call, grant, identities, declare } = await openWithApp()
  const roleArn = `arn:aws:iam::${accountId}:role/worker`
  await declare(roleArn, { Effect: 'Allow', Action: 'kms:*', Resource: '*' })
  const asSession = async (Action: string) => {
    const Statement = { Effect: 'Allow', Action, Resource: '*' }
    const policy = JSON.stringify({ Version: '2012-10-17', Statement })
    const { accessKeyId } = await identities.sessions.start({ roleArn, sessionName: 'one', seconds: 3600, policy })
    return sessionCaller(roleArn, 'one', accessKeyId, 0)
  }
  const [narrow, wide] = [await asSession('kms:Decrypt'), await asSession('kms:RetireGrant')]
  const ways = [
    { RetiringPrincipal: roleArn },
    { GranteePrincipal: roleArn, Operations: ['Decrypt', 'RetireGrant'] },
    { RetiringPrincipal: `arn:aws:iam::${accountId}:root` },
    {},
  ]
  for (const way of ways) {
    const { token } = await grant(way)
    const retire = (caller: typeof narrow) => refusal(call('RetireGrant', { GrantToken: token }, { caller }))
    expect(await retire(narrow)).toContain('because no session policy allows the kms:RetireGrant action')
    expect(await retire(wide)).toBe('no refusal')
  }
})

test('an explicit deny forbids to retire a grant, and a grantee without RetireGrant may not', async () => {
  const { call, grant, declare, asApp } = await openWithApp()
  const bob = userCaller(accountId, 'bob')
  await declare(bob.arn, { Effect: 'Deny', Action: 'kms:RetireGrant', Resource: '*' })
  const { token } = await grant({ RetiringPrincipal: bob.arn })
  const retire = refusal(call('RetireGrant', { GrantToken: token }, { caller: bob }))
  expect(await retire).toContain('with an explicit deny in an identity-based policy')
  expect(await refusal(asApp('RetireGrant', { GrantToken: token }))).toContain('AccessDeniedException')
})

test('an account that retires is the users of that account whose policies allow it', async () => {
  const { call, grant, declare } = await openWithApp()
  const { token } = await grant({ RetiringPrincipal: stranger.accountId })
  const retire = () => refusal(call('RetireGrant', { GrantToken: token }, { caller: stranger }))
  await declare(stranger.arn, { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' })
  expect(await retire()).toContain('AccessDenied')
  await declare(stranger.arn, { Effect: 'Allow', Action: 'kms:RetireGrant', Resource: '*' })
  expect(await retire()).toBe('no refusal')
})

test('conditions on the encryption context see the constraints of the grant that is retired', async () => {
  const { call, grant, declare } = await openWithApp()
  const bob = userCaller(accountId, 'bob')
  const retire = async (Constraints: object) => {
    const { token } = await grant({ Constraints })
    return refusal(call('RetireGrant', { GrantToken: token }, { caller: bob }))
  }
  const Condition = { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } }
  await declare(bob.arn, { Effect: 'Allow', Action: 'kms:RetireGrant', Resource: '*', Condition })
  for (const type of ['EncryptionContextEquals', 'EncryptionContextSubset']) {
    expect(await retire({ [type]: { tenant: 'a' } })).toBe('no refusal')
    expect(await retire({ [type]: { tenant: 'b' } })).toContain('AccessDeniedException')
  }
})
