import { expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { accountId, openKms, refusal } from '../kms.fixture.ts'
import { KmsService } from '../service.ts'

const app = userCaller(accountId, 'app', 'AKIAAPP')
const dataKey = { KeySpec: 'AES_256' }
const tenantA = {
  Sid: 'tenants',
  Effect: 'Allow',
  Action: 'kms:GenerateDataKey',
  Resource: '*',
  Condition: { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } },
}

async function openWithApp() {
  const kms = await openKms()
  const { id, arn } = await kms.createKey()
  await kms.declare(app.arn, tenantA)
  const generate = (tenant: string, requestId: string) =>
    refusal(
      kms.call(
        'GenerateDataKey',
        { KeyId: id, ...dataKey, EncryptionContext: { tenant } },
        { caller: app, requestId, causeId: `S3-${requestId}`, via: 's3' },
      ),
    )
  return { ...kms, id, arn, generate }
}

test('a refusal tells which statements were weighed, and the first condition that was not met', async () => {
  const { service, generate, arn } = await openWithApp()
  const message = (await generate('b', 'one')).replace('AccessDeniedException: ', '')
  const [explanation, ...others] = await service.explain('one')
  expect(others).toEqual([])
  expect(explanation).toMatchObject({
    requestId: 'one',
    causeId: 'S3-one',
    operation: 'GenerateDataKey',
    caller: { arn: app.arn },
    via: 's3',
    error: { code: 'AccessDeniedException', message },
    keys: [{ arn, state: 'Enabled' }],
    encryptionContexts: { EncryptionContext: { tenant: 'b' } },
    rulings: [
      {
        action: 'kms:GenerateDataKey',
        resource: arn,
        allowed: false,
        isAdministrator: false,
        statements: [
          { policy: 'key policy', index: 0, sid: 'Enable IAM User Permissions', outcome: 'account' },
          {
            policy: 'identity policy own',
            sid: 'tenants',
            outcome: 'condition not met',
            condition: { operator: 'StringEquals', key: 'kms:EncryptionContext:tenant', values: ['a'], actual: ['b'] },
          },
        ],
        grants: [],
      },
    ],
  })
  expect(await service.explain('S3-one')).toEqual([explanation])
  expect(await service.explain('unknown')).toEqual([])
})

test('an allowed call tells what allowed it: a policy, or a grant', async () => {
  const { service, generate, call, id } = await openWithApp()
  await generate('a', 'one')
  expect(await service.explain('one')).toMatchObject([
    {
      rulings: [
        { allowed: true, because: 'the key policy leaves it to the account, and the identity policies allow it' },
      ],
    },
  ])
  const Constraints = { EncryptionContextEquals: { tenant: 'b' } }
  const grant = { KeyId: id, GranteePrincipal: app.arn, Operations: ['GenerateDataKey'], Constraints }
  const { GrantId } = await call('CreateGrant', grant)
  await generate('b', 'two')
  await generate('c', 'three')
  const weighed = { grantId: GrantId, grantee: app.arn }
  expect(await service.explain('two')).toMatchObject([
    {
      rulings: [
        { allowed: true, because: `grant ${GrantId} allows it`, grants: [{ ...weighed, outcome: 'principal' }] },
      ],
    },
  ])
  const constraint = { type: 'EncryptionContextEquals', wanted: { tenant: 'b' }, actual: { tenant: 'c' } }
  expect(await service.explain('last')).toMatchObject([
    { requestId: 'three', rulings: [{ grants: [{ ...weighed, outcome: 'constraint not met', constraint }] }] },
  ])
})

test("a key's state is told, as it was when the call came", async () => {
  const { service, call, generate, id, arn } = await openWithApp()
  await call('DisableKey', { KeyId: id })
  await generate('a', 'one')
  expect(await service.explain('one')).toMatchObject([
    { error: { code: 'DisabledException' }, keys: [{ arn, state: 'Disabled' }], rulings: [{ allowed: true }] },
  ])
})

test('a ciphertext that did not open tells how its encryption context differs', async () => {
  const { service, call, createKey } = await openKms()
  const { id } = await createKey()
  const input = { KeyId: id, Plaintext: Buffer.from('x'), EncryptionContext: { tenant: 'a', team: 't' } }
  const { CiphertextBlob } = await call('Encrypt', input, { requestId: 'seal' })
  const decrypt = (blob: unknown, EncryptionContext: object) =>
    refusal(call('Decrypt', { CiphertextBlob: blob, EncryptionContext }, { requestId: 'open' }))
  await decrypt(CiphertextBlob, { tenant: 'b', more: 'm' })
  const differing = { sealedBy: 'seal', missing: { tenant: 'a', team: 't' }, unexpected: { tenant: 'b', more: 'm' } }
  expect(await service.explain('open')).toMatchObject([{ ciphertext: differing }])
  const changed = Buffer.from(CiphertextBlob as Buffer)
  changed[136] = (changed[136] ?? 0) ^ 1
  await decrypt(changed, input.EncryptionContext)
  const [same] = await service.explain('last')
  expect(same?.ciphertext).toEqual({ sealedBy: 'seal', missing: {}, unexpected: {} })
  await decrypt(Buffer.alloc(200), {})
  const [unknown] = await service.explain('last')
  expect(unknown?.ciphertext).toEqual({})
})

test('the request that made a ciphertext is known as long as it is among the calls in memory', async () => {
  const { service, call, createKey } = await openKms()
  const { id } = await createKey()
  const { CiphertextBlob } = await call('GenerateDataKey', { KeyId: id, ...dataKey }, { requestId: 'made' })
  await call('GenerateDataKey', { KeyId: id, ...dataKey }, { requestId: 'other' })
  expect(service.makerOf(CiphertextBlob as Buffer)).toBe('made')
  expect(service.makerOf(Buffer.alloc(200))).toBeUndefined()
  for (let number = 0; number < 1000; number++) await call('DescribeKey', { KeyId: id })
  expect(service.makerOf(CiphertextBlob as Buffer)).toBeUndefined()
})

test('refusals are told after a restart too, the last thousand of them; allowed calls are not', async () => {
  const { database, ambient, trail, generate, service } = await openWithApp()
  await generate('a', 'allowed')
  for (let number = 0; number < 1003; number++) await generate('b', `refused-${number}`)
  expect(await service.explain('allowed')).toEqual([])
  const { openRootKey } = await import('../../root-key.ts')
  const again = new KmsService({ database, ambient, trail, rootKey: await openRootKey(database, ambient) })
  expect(await again.explain('refused-2')).toEqual([])
  expect(await again.explain('refused-3')).toHaveLength(1)
  expect(await again.explain('last')).toMatchObject([{ requestId: 'refused-1002' }])
  expect(await again.explain('S3-refused-1000')).toMatchObject([{ requestId: 'refused-1000' }])
})

test('a context that is refused for its length is not kept', async () => {
  const { service, generate } = await openWithApp()
  await generate('x'.repeat(100_000), 'one')
  expect(await service.explain('one')).toMatchObject([{ encryptionContexts: {}, rulings: [] }])
})

test('no explanation holds plaintext, ciphertext or a grant token', async () => {
  const { service, call, id } = await openWithApp()
  const grant = { KeyId: id, GranteePrincipal: app.arn, Operations: ['Decrypt'] }
  const { GrantToken } = await call('CreateGrant', grant, { requestId: 'grant' })
  const input = { KeyId: id, Plaintext: Buffer.from('a secret'), GrantTokens: [GrantToken] }
  const { CiphertextBlob } = await call('Encrypt', input, { requestId: 'seal' })
  const all = JSON.stringify([await service.explain('grant'), await service.explain('seal')])
  for (const secret of [GrantToken, 'a secret', Buffer.from('a secret').toString('base64')]) {
    expect(all).not.toContain(secret)
  }
  expect(all).not.toContain(
    Buffer.from(CiphertextBlob as Buffer)
      .toString('base64')
      .slice(-24),
  )
})

test('what a fixture file does is not explained, neither what it did nor what was refused', async () => {
  const { call, service } = await openKms()
  await call('CreateKey', {}, { fixture: {}, requestId: 'made' })
  await refusal(call('DescribeKey', { KeyId: 'alias/none' }, { fixture: {}, requestId: 'refused' }))
  expect(await service.explain('made')).toEqual([])
  expect(await service.explain('refused')).toEqual([])
})
