import { expect, test } from '@jest/globals'
import { sessionCaller } from '../../identity/sessions.ts'
import { accountId, alice, refusal, stranger } from '../kms.fixture.ts'
import { app, dataKey, openWithApp } from './grants.fixture.ts'

const plaintext = Buffer.from('a secret')

test('a grant opens a key to its grantee for its operations, until it is revoked', async () => {
  const { call, grant, generate, asApp, id } = await openWithApp()
  expect(await generate()).toContain('because no identity-based policy allows the kms:GenerateDataKey action')
  const made = await grant()
  expect(await generate()).toBe('no refusal')
  expect(await refusal(asApp('Encrypt', { KeyId: id, Plaintext: plaintext }))).toContain('AccessDeniedException')
  await call('RevokeGrant', { KeyId: id, GrantId: made.id })
  expect(await generate()).toContain('AccessDeniedException')
})

test.each<[string, object, object | undefined, boolean]>([
  ['Equals', { Tenant: 'a' }, { tenant: 'a' }, true],
  ['Equals', { tenant: 'a' }, { tenant: 'A' }, false],
  ['Equals', { tenant: 'a' }, { tenant: 'a', more: 'x' }, false],
  ['Equals', { tenant: 'a' }, undefined, false],
  ['Subset', { tenant: 'a' }, { TENANT: 'a', more: 'x' }, true],
  ['Subset', { tenant: 'a', team: 'b' }, { tenant: 'a' }, false],
  ['Subset', { tenant: 'a' }, { tenant: 'b' }, false],
  ['Subset', { tenant: 'a' }, { tenant: 'b', Tenant: 'a' }, false],
  ['Subset', { tenant: 'a' }, { tenant: 'a', Tenant: 'b' }, false],
  ['Subset', { tenant: 'a' }, { tenant: 'a', Tenant: 'a' }, true],
  ['Subset', { tenant: 'a', Tenant: 'b' }, { tenant: 'a', Tenant: 'b', more: 'x' }, true],
  ['Equals', { tenant: 'a', Tenant: 'b' }, { tenant: 'a', Tenant: 'b' }, true],
  ['Equals', { tenant: 'a' }, { tenant: 'a', Tenant: 'a' }, false],
  ['Equals', { tenant: 'a', Tenant: 'a' }, { tenant: 'a' }, false],
  ['Equals', { tenant: 'a', team: 'x' }, { tenant: 'a', Tenant: 'a' }, false],
  ['Equals', { tenant: 'a', Tenant: 'a' }, { tenant: 'a', team: 'x' }, false],
])('the constraint EncryptionContext%s %j against %j: %s', async (type, wanted, sent, allowed) => {
  const { grant, generate, call, id } = await openWithApp()
  await grant({ Constraints: { [`EncryptionContext${type}`]: wanted } })
  expect((await generate(sent)) === 'no refusal').toBe(allowed)
  const { Grants } = await call('ListGrants', { KeyId: id })
  expect(Grants).toMatchObject([{ Constraints: { [`EncryptionContext${type}`]: wanted } }])
})

test('DescribeKey takes no encryption context, so no constraint hinders it', async () => {
  const { grant, asApp, id } = await openWithApp()
  await grant({ Operations: ['DescribeKey'], Constraints: { EncryptionContextEquals: { tenant: 'a' } } })
  expect(await refusal(asApp('DescribeKey', { KeyId: id }))).toBe('no refusal')
})

test('an explicit deny in a policy wins over a grant', async () => {
  const { grant, generate, declare } = await openWithApp()
  await grant()
  await declare(app.arn, { Effect: 'Deny', Action: 'kms:GenerateDataKey', Resource: '*' })
  expect(await generate()).toContain('with an explicit deny in an identity-based policy')
})

test('a grant to a role serves its sessions, one to an account those whom their identity policies allow', async () => {
  const { grant, call, declare, id } = await openWithApp()
  const role = `arn:aws:iam::${accountId}:role/worker`
  const caller = sessionCaller(role, 'one', 'ASIAONE', 0)
  await declare(role)
  const generate = () => refusal(call('GenerateDataKey', { KeyId: id, ...dataKey }, { caller }))
  await grant({ GranteePrincipal: `arn:aws:iam::${accountId}:root` })
  expect(await generate()).toContain('AccessDeniedException')
  const anotherRole = `arn:aws:iam::${accountId}:role/another`
  await declare(anotherRole, { Effect: 'Allow', Action: 'kms:*', Resource: '*' })
  const another = sessionCaller(anotherRole, 'one', 'ASIATWO', 0)
  expect(await refusal(call('GenerateDataKey', { KeyId: id, ...dataKey }, { caller: another }))).toBe('no refusal')
  await grant({ GranteePrincipal: role })
  expect(await generate()).toBe('no refusal')
})

test('a grant opens a key to another account, whose own policies must allow too', async () => {
  const { grant, call, declare, arn } = await openWithApp()
  const generate = () => refusal(call('GenerateDataKey', { KeyId: arn, ...dataKey }, { caller: stranger }))
  expect(await generate()).toContain('on this resource because the resource does not exist in this Region')
  await grant({ GranteePrincipal: stranger.arn })
  expect(await generate()).toBe('no refusal')
  await declare(stranger.arn)
  expect(await generate()).toContain('AccessDeniedException')
})

test('a grant made through a grant permits no more than that one', async () => {
  const { grant, asApp, id } = await openWithApp()
  const Constraints = { EncryptionContextSubset: { tenant: 'a' } }
  await grant({ Operations: ['CreateGrant', 'Decrypt'], Constraints })
  const create = (input: object) =>
    refusal(
      asApp('CreateGrant', { KeyId: id, GranteePrincipal: alice.arn, Operations: ['Decrypt'], Constraints, ...input }),
    )
  expect(await create({})).toBe('no refusal')
  expect(await create({ Constraints: { EncryptionContextEquals: { tenant: 'a', team: 'b' } } })).toBe('no refusal')
  expect(await create({ Operations: ['Decrypt', 'Encrypt'] })).toContain('AccessDeniedException')
  expect(await create({ Constraints: undefined })).toContain('AccessDeniedException')
  expect(await create({ Constraints: { EncryptionContextSubset: { tenant: 'b' } } })).toContain('AccessDeniedException')
})

test('a grant made through one that wants an encryption context to be the same wants the same', async () => {
  const { grant, asApp, id } = await openWithApp()
  const EncryptionContextEquals = { tenant: 'a', team: 'b' }
  await grant({ Operations: ['CreateGrant', 'Decrypt'], Constraints: { EncryptionContextEquals } })
  const create = (Constraints?: object) =>
    refusal(asApp('CreateGrant', { KeyId: id, GranteePrincipal: alice.arn, Operations: ['Decrypt'], Constraints }))
  expect(await create({ EncryptionContextEquals })).toBe('no refusal')
  expect(await create({ EncryptionContextEquals: { Team: 'b', Tenant: 'a' } })).toBe('no refusal')
  expect(await create({ EncryptionContextEquals, EncryptionContextSubset: { team: 'b' } })).toBe('no refusal')
  const others = [
    { tenant: 'a' },
    { tenant: 'a', team: 'c' },
    { tenant: 'a', team: 'b', more: 'x' },
    { tenant: 'a', group: 'b' },
    {},
  ]
  for (const other of others) {
    expect(await create({ EncryptionContextEquals: other })).toContain('AccessDeniedException')
  }
  expect(await create({ EncryptionContextSubset: EncryptionContextEquals })).toContain('AccessDeniedException')
  expect(await create()).toContain('AccessDeniedException')
})

test('a grant made through one with both constraints keeps both', async () => {
  const { grant, asApp, id } = await openWithApp()
  const both = { EncryptionContextEquals: { tenant: 'a' }, EncryptionContextSubset: { team: 'b' } }
  await grant({ Operations: ['CreateGrant', 'Decrypt'], Constraints: both })
  const create = (Constraints: object) =>
    refusal(asApp('CreateGrant', { KeyId: id, GranteePrincipal: alice.arn, Operations: ['Decrypt'], Constraints }))
  expect(await create(both)).toBe('no refusal')
  expect(await create({ EncryptionContextEquals: { tenant: 'a' } })).toContain('AccessDeniedException')
  expect(await create({ EncryptionContextSubset: { team: 'b' } })).toContain('AccessDeniedException')
})
