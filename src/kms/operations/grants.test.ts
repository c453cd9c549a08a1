import { expect, test } from '@jest/globals'
import { recordKind } from '../../store/keyspace.ts'
import { app, dataKey, grantToApp, openWithApp } from '../grants/grants.fixture.ts'
import { accountId, alice, refusal, region, stranger } from '../kms.fixture.ts'

test('the same name with the same parameters is the same grant, with a token of its own', async () => {
  const { grant } = await openWithApp()
  const first = await grant({ Name: 'one' })
  const again = await grant({ Name: 'one', Operations: ['Decrypt', 'GenerateDataKey'] })
  expect(again.id).toBe(first.id)
  expect(again.token).not.toBe(first.token)
  expect((await grant({ Name: 'one', Operations: ['Decrypt'] })).id).not.toBe(first.id)
  expect((await grant()).id).not.toBe((await grant()).id)
})

test('a grant token must be one that CreateGrant gave out, of a grant that is still there', async () => {
  const { call, grant, id } = await openWithApp()
  const { id: GrantId, token } = await grant()
  const use = (GrantTokens: string[]) => refusal(call('GenerateDataKey', { KeyId: id, ...dataKey, GrantTokens }))
  expect(await use([token])).toBe('no refusal')
  for (const wrong of ['token', `${token}A`, token.slice(4)]) {
    expect(await use([wrong])).toBe('InvalidGrantTokenException: Invalid grant token.')
  }
  await call('RevokeGrant', { KeyId: id, GrantId })
  expect(await use([token])).toBe('InvalidGrantTokenException: Invalid grant token.')
})

test.each<[string, object, boolean]>([
  ['EncryptionContextSubset', { EncryptionContextSubset: {} }, false],
  ['EncryptionContextSubset', { EncryptionContextEquals: { tenant: 'a' }, EncryptionContextSubset: {} }, false],
  ['EncryptionContextSubset', { EncryptionContextSubset: { tenant: 'a' }, EncryptionContextEquals: {} }, true],
  ['EncryptionContextEquals', { EncryptionContextEquals: {} }, false],
])('who may grant only under %s may not by an empty one: %j', async (type, Constraints, allowed) => {
  const { call, declare, asApp, id } = await openWithApp()
  const Condition = { StringEquals: { 'kms:GrantConstraintType': type } }
  await declare(app.arn, { Effect: 'Allow', Action: 'kms:CreateGrant', Resource: '*', Condition })
  const outcome = await refusal(asApp('CreateGrant', { KeyId: id, ...grantToApp, Constraints }))
  expect(outcome).toContain(allowed ? 'no refusal' : 'AccessDeniedException')
  const { Grants } = await call('ListGrants', { KeyId: id })
  expect(Grants).toEqual(
    allowed ? [expect.objectContaining({ Constraints: { EncryptionContextSubset: { tenant: 'a' } } })] : [],
  )
})

test('the trail shows the constraints as they were sent, the grant those that count', async () => {
  const { call, grant, events, id } = await openWithApp()
  await grant({ Constraints: { EncryptionContextSubset: {} }, Operations: ['Decrypt', 'Decrypt'] })
  const [create] = await events()
  expect(create?.requestParameters).toMatchObject({
    constraints: { encryptionContextSubset: {} },
    operations: ['Decrypt', 'Decrypt'],
  })
  const { Grants } = await call('ListGrants', { KeyId: id })
  expect(Grants).toMatchObject([{ Constraints: undefined, Operations: ['Decrypt'] }])
})

test('an account by its number is its root by ARN: to conditions, to grants and in lists', async () => {
  const { call, declare, asApp, grant, id } = await openWithApp()
  const root = `arn:aws:iam::${stranger.accountId}:root`
  const statement = { Action: 'kms:CreateGrant', Resource: '*' }
  const Condition = { StringEquals: { 'kms:GranteePrincipal': root } }
  await declare(app.arn, { Effect: 'Allow', ...statement }, { Effect: 'Deny', ...statement, Condition })
  for (const GranteePrincipal of [root, stranger.accountId]) {
    const outcome = await refusal(asApp('CreateGrant', { KeyId: id, ...grantToApp, GranteePrincipal }))
    expect(outcome).toContain('with an explicit deny in an identity-based policy')
  }
  await grant({ GranteePrincipal: stranger.accountId, RetiringPrincipal: stranger.accountId })
  const wanted = [{ GranteePrincipal: root, RetiringPrincipal: root }]
  for (const principal of [root, stranger.accountId]) {
    expect((await call('ListGrants', { KeyId: id, GranteePrincipal: principal })).Grants).toMatchObject(wanted)
    const listed = await call('ListRetirableGrants', { RetiringPrincipal: principal }, { caller: stranger })
    expect(listed.Grants).toMatchObject(wanted)
  }
})

test('grants are listed page by page: of a key, of a grantee, by id, and those a principal may retire', async () => {
  const { call, grant, id, arn, ambient } = await openWithApp()
  const bob = `arn:aws:iam::${accountId}:user/bob`
  const made = [
    await grant({ Name: 'n', RetiringPrincipal: bob }),
    await grant(),
    await grant({ GranteePrincipal: bob }),
  ]
  const ids = made.map((one) => one.id).sort()
  const first = await call('ListGrants', { KeyId: id, Limit: 2 })
  const second = await call('ListGrants', { KeyId: id, Marker: first.NextMarker })
  const listed = [first, second].flatMap(({ Grants }) => Grants as { GrantId: string }[])
  expect(listed.map(({ GrantId }) => GrantId)).toEqual(ids)
  expect(first.Truncated).toBe(true)
  expect((await call('ListGrants', { KeyId: id, GranteePrincipal: bob })).Grants).toHaveLength(1)
  expect(await call('ListGrants', { KeyId: id, GrantId: made[0]?.id })).toEqual({
    Grants: [
      {
        KeyId: arn,
        GrantId: made[0]?.id,
        Name: 'n',
        CreationDate: ambient.now() / 1000,
        GranteePrincipal: app.arn,
        RetiringPrincipal: bob,
        IssuingAccount: `arn:aws:iam::${accountId}:root`,
        Operations: ['GenerateDataKey', 'Decrypt'],
      },
    ],
    Truncated: false,
  })
  await grant({ RetiringPrincipal: bob })
  const retirable = await call('ListRetirableGrants', { RetiringPrincipal: bob, Limit: 1 })
  expect(retirable).toMatchObject({ Truncated: true })
  expect(await call('ListRetirableGrants', { RetiringPrincipal: bob, Marker: retirable.NextMarker })).toMatchObject({
    Truncated: false,
  })
  expect(await refusal(call('ListGrants', { KeyId: id, GrantId: 'no' }))).toContain('InvalidGrantIdException')
  expect(await refusal(call('ListGrants', { KeyId: id, Limit: 101 }))).toContain('ValidationException')
})

test.each<[object, string]>([
  [{ GranteePrincipal: 'app' }, 'InvalidArnException: ARN does not refer to a valid principal: app'],
  [{ RetiringPrincipal: 'arn:aws:iam::1:user/x' }, 'InvalidArnException'],
  [{ Operations: [] }, 'ValidationException'],
  [{ Operations: ['Sign'] }, 'ValidationException: Operations Sign are not supported'],
  [{ Operations: ['ScheduleKeyDeletion'] }, 'ValidationException: 1 validation error detected'],
  [{ Constraints: { EncryptionContextEquals: { a: 'x'.repeat(400) } } }, 'ValidationException: A grant constraint'],
  [{ Constraints: { SourceArn: 'arn:aws:s3:::b' } }, 'UnsupportedOperationException'],
  [{ GrantTokens: ['none'] }, 'InvalidGrantTokenException'],
  [{ DryRun: true }, 'DryRunOperationException'],
])('CreateGrant refuses %j', async (input, words) => {
  const { call, id } = await openWithApp()
  expect(await refusal(call('CreateGrant', { KeyId: id, ...grantToApp, ...input }))).toContain(words)
  expect((await call('ListGrants', { KeyId: id })).Grants).toEqual([])
})

test('a constraint has at most 8 pairs and 384 characters, keys and values together', async () => {
  const { call, id } = await openWithApp()
  const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
  const create = (pairs: object, type: string) =>
    refusal(call('CreateGrant', { KeyId: id, ...grantToApp, Constraints: { [`EncryptionContext${type}`]: pairs } }))
  for (const type of ['Equals', 'Subset']) {
    expect(await create(pairs(8), type)).toBe('no refusal')
    expect(await create(pairs(9), type)).toContain('ValidationException: A grant constraint')
    expect(await create({ tenant: 'x'.repeat(378) }, type)).toBe('no refusal')
    expect(await create({ tenant: 'x'.repeat(379) }, type)).toContain('ValidationException: A grant constraint')
  }
})

test('only symmetric encryption keys have grants with constraints, and each key only its own operations', async () => {
  const { call, createKey } = await openWithApp()
  const { id } = await createKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  const create = (Operations: string[], Constraints?: object) =>
    refusal(call('CreateGrant', { KeyId: id, GranteePrincipal: app.arn, Operations, Constraints }))
  expect(await create(['GenerateMac', 'VerifyMac', 'DescribeKey'])).toBe('no refusal')
  expect(await create(['GenerateMac'], { EncryptionContextSubset: {} })).toBe('no refusal')
  expect(await create(['GenerateMac'], { EncryptionContextSubset: { a: 'b' } })).toContain('ValidationException: Only')
  expect(await create(['GenerateMac', 'Encrypt'])).toContain('Operations Encrypt are not supported')
})

test('what names no grant is refused: an unknown id, a token of a key that is gone, half an address', async () => {
  const { call, grant, id, arn } = await openWithApp()
  const { id: GrantId, token } = await grant()
  const unknown = '0'.repeat(64)
  expect(await refusal(call('RevokeGrant', { KeyId: id, GrantId: unknown }))).toContain('InvalidGrantIdException')
  expect(await refusal(call('RetireGrant', { KeyId: arn, GrantId: unknown }))).toContain('InvalidGrantIdException')
  expect(await refusal(call('RetireGrant', { GrantId }))).toContain('ValidationException: Either')
  expect(await refusal(call('RetireGrant', { GrantToken: `${token}x` }))).toContain('InvalidGrantTokenException')
  const elsewhere = refusal(call('RetireGrant', { GrantToken: token }, { region: 'eu-west-1' }))
  expect(await elsewhere).toContain('InvalidGrantTokenException')
  expect(await refusal(call('ListRetirableGrants', { RetiringPrincipal: 'bob' }))).toContain('InvalidArnException')
})

test('ListGrants with an id and a grantee shows the grant only to its own grantee', async () => {
  const { call, grant, id } = await openWithApp()
  const { id: GrantId } = await grant()
  const listed = async (GranteePrincipal: string) =>
    (await call('ListGrants', { KeyId: id, GrantId, GranteePrincipal })).Grants
  expect(await listed(app.arn)).toMatchObject([{ GrantId }])
  expect(await listed(alice.arn)).toEqual([])
})

test('the same named grant again counts once', async () => {
  const { database, grant, id } = await openWithApp()
  for (let round = 0; round < 3; round++) await grant({ Name: 'one' })
  const counts = recordKind<number>()('grantCount', ['string', 'string'])
  expect(database.get(counts, [region, id])).toBe(1)
})

test('a key has at most 50,000 grants, and a retired one makes room', async () => {
  const { database, call, grant, id, arn } = await openWithApp()
  const made = await grant()
  const counts = recordKind<number>()('grantCount', ['string', 'string'])
  expect(database.get(counts, [region, id])).toBe(1)
  await database.transact((transaction) => transaction.put(counts, [region, id], 50_000))
  const another = { KeyId: id, ...grantToApp }
  expect(await refusal(call('CreateGrant', another))).toContain('LimitExceededException')
  await call('RetireGrant', { KeyId: arn, GrantId: made.id })
  expect(await refusal(call('CreateGrant', another))).toBe('no refusal')
})

test('no GenerateDataKey that a grant allowed stands behind its revocation in the trail', async () => {
  const { call, grant, generate, events, id } = await openWithApp()
  const made = await grant()
  let acknowledged = false
  let late = 0
  const use = async () => {
    for (let round = 0; round < 20; round++) {
      const begunAfter = acknowledged
      const outcome = await generate()
      if (begunAfter && outcome === 'no refusal') late++
    }
  }
  const revoke = async () => {
    await generate()
    await call('RevokeGrant', { KeyId: id, GrantId: made.id })
    acknowledged = true
  }
  await Promise.all([use(), use(), revoke(), use()])
  expect(late).toBe(0)
  const oldestFirst = (await events()).reverse()
  const revokedAt = oldestFirst.findIndex(({ eventName }) => eventName === 'RevokeGrant')
  const behind = oldestFirst.slice(revokedAt).filter(({ eventName }) => eventName === 'GenerateDataKey')
  expect(behind.length).toBeGreaterThan(0)
  expect(behind.every(({ errorCode }) => errorCode === 'AccessDenied')).toBe(true)
})

test('the trail shows who was granted what, and never a token', async () => {
  const { call, grant, events, id, arn } = await openWithApp()
  const { id: grantId, token } = await grant({ Constraints: { EncryptionContextSubset: { Tenant: 'a' } }, Name: 'n' })
  await call('RetireGrant', { GrantToken: token })
  const [retire, create] = await events()
  expect(create).toMatchObject({
    eventName: 'CreateGrant',
    readOnly: false,
    awsRegion: region,
    requestParameters: {
      keyId: id,
      granteePrincipal: app.arn,
      operations: ['GenerateDataKey', 'Decrypt'],
      constraints: { encryptionContextSubset: { Tenant: 'a' } },
      name: 'n',
    },
    responseElements: { grantId, keyId: arn },
  })
  expect(retire).toMatchObject({ requestParameters: null, additionalEventData: { grantId } })
  expect(JSON.stringify(await events())).not.toContain(token)
})

test('which grants another account’s principal may retire is not told', async () => {
  const { call } = await openWithApp()
  const asked = call('ListRetirableGrants', { RetiringPrincipal: alice.arn }, { caller: stranger })
  expect(await refusal(asked)).toMatch(/^AccessDeniedException: User: .* kms:ListRetirableGrants on this resource/)
})
