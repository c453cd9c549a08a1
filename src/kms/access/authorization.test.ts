import { expect, test } from '@jest/globals'
import { rootCaller, userCaller } from '../../aws/caller.ts'
import { sessionCaller } from '../../identity/sessions.ts'
import { accountId, alice, openKms, refusal, region, stranger } from '../kms.fixture.ts'

const app = userCaller(accountId, 'app', 'AKIAAPP')
const roleArn = `arn:aws:iam::${accountId}:role/worker`
const worker = sessionCaller(roleArn, 'one', 'ASIAONE', 0)
const root = `arn:aws:iam::${accountId}:root`
const dataKey = { KeySpec: 'AES_256' }
const plaintext = Buffer.from('a secret')

/** A statement of a key policy. */
function says(Principal: unknown, Action: unknown = 'kms:*', more: object = {}) {
  return { Effect: 'Allow', Principal: { AWS: Principal }, Action, Resource: '*', ...more }
}

/** A statement of an identity policy. */
function may(Action: unknown, more: object = {}) {
  return { Effect: 'Allow', Action, Resource: '*', ...more }
}

function policy(...Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

/** A KMS with a key of this policy; `app` and the role have the identity statements given. */
async function openWith(keyStatements: object[], identityStatements?: object[]) {
  const kms = await openKms()
  const { id, arn } = await kms.createKey({ Policy: policy(...keyStatements), BypassPolicyLockoutSafetyCheck: true })
  if (identityStatements) {
    for (const name of [app.arn, roleArn, stranger.arn]) await kms.declare(name, ...identityStatements)
  }
  const as = (caller: typeof app, name: string, input: object = {}, more: object = {}) =>
    refusal(kms.call(name, { KeyId: arn, ...input }, { caller, ...more }))
  return { ...kms, id, arn, as }
}

const account = [says(root)]
const denied = (by: string) => `with an explicit deny in ${by} policy`
const missing = (kind: string) => `because no ${kind} policy allows the kms:GenerateDataKey action`
const unseen = 'on this resource because the resource does not exist in this Region'

test.each<[string, object[], object[] | undefined, typeof app, string]>([
  ['the account, an administrator', account, undefined, app, 'no refusal'],
  ['the account, a user whose policies allow', account, [may('kms:GenerateDataKey')], app, 'no refusal'],
  [
    'the account, a user whose policies allow something else',
    account,
    [may('kms:Decrypt')],
    app,
    missing('identity-based'),
  ],
  ['the account, a user without permission', account, [], app, missing('identity-based')],
  ['the account, its root', account, undefined, rootCaller(accountId), 'no refusal'],
  ['the user itself', [says(app.arn)], [], app, 'no refusal'],
  ['another user', [says(alice.arn)], undefined, app, missing('resource-based')],
  [
    'another user, with an identity policy that allows',
    [says(alice.arn)],
    [may('kms:*')],
    app,
    missing('resource-based'),
  ],
  ['everybody', [says('*')], [], app, 'no refusal'],
  ['the role of the session', [says(roleArn)], [], worker, 'no refusal'],
  ['the session', [says(worker.arn)], [], worker, 'no refusal'],
  ['another action', [says(app.arn, 'kms:Decrypt')], [], app, missing('resource-based')],
  ['a pattern of actions', [says(app.arn, 'kms:GenerateData*')], [], app, 'no refusal'],
  [
    'a deny in the key policy',
    [...account, { ...says(app.arn), Effect: 'Deny' }],
    undefined,
    app,
    denied('a resource-based'),
  ],
  [
    'a deny in the identity policy',
    [says(app.arn)],
    [may('kms:*', { Effect: 'Deny' })],
    app,
    denied('an identity-based'),
  ],
  ['a stranger that nobody named', account, undefined, stranger, unseen],
  ['a stranger that is denied', [{ ...says('*'), Effect: 'Deny' }], undefined, stranger, unseen],
  ['a stranger by name, an administrator at home', [says(stranger.arn)], undefined, stranger, 'no refusal'],
  ['a stranger by account, allowed at home', [says(stranger.accountId)], [may('kms:*')], stranger, 'no refusal'],
  ['a stranger by name, not allowed at home', [says(stranger.arn)], [], stranger, missing('identity-based')],
])('a key policy that names %s', async (_case, keyStatements, identityStatements, caller, words) => {
  const { as, events } = await openWith(keyStatements, identityStatements)
  const outcome = await as(caller, 'GenerateDataKey', dataKey)
  if (words === 'no refusal') expect(outcome).toBe(words)
  else expect(outcome).toContain(words)
  if (caller.accountId !== accountId) return
  const [event] = await events()
  expect(event?.errorCode).toBe(words === 'no refusal' ? undefined : 'AccessDenied')
})

test("a refusal has AWS's whole sentence", async () => {
  const { as, arn } = await openWith(account, [])
  expect(await as(app, 'GenerateDataKey', dataKey)).toBe(
    `AccessDeniedException: User: ${app.arn} is not authorized to perform: kms:GenerateDataKey on resource: ${arn} because no identity-based policy allows the kms:GenerateDataKey action`,
  )
})

const condition = (Condition: object) => [says(app.arn, 'kms:*', { Condition })]
const here = { via: 's3' as const }

test.each<[object, string, object, object, boolean]>([
  [
    { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } },
    'GenerateDataKey',
    { EncryptionContext: { Tenant: 'a' } },
    {},
    true,
  ],
  [
    { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } },
    'GenerateDataKey',
    { EncryptionContext: { tenant: 'A' } },
    {},
    false,
  ],
  [{ StringEquals: { 'kms:EncryptionContext:tenant': 'a' } }, 'GenerateDataKey', {}, {}, false],
  [
    { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['tenant'] } },
    'GenerateDataKey',
    { EncryptionContext: { tenant: 'a' } },
    {},
    true,
  ],
  [
    { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['tenant'] } },
    'GenerateDataKey',
    { EncryptionContext: { tenant: 'a', x: 'y' } },
    {},
    false,
  ],
  [{ Null: { 'kms:EncryptionContextKeys': 'false' } }, 'GenerateDataKey', {}, {}, false],
  [{ StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } }, 'GenerateDataKey', {}, here, true],
  [{ StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } }, 'GenerateDataKey', {}, {}, false],
  [{ StringEquals: { 'kms:CallerAccount': accountId } }, 'GenerateDataKey', {}, {}, true],
  [{ StringEquals: { 'kms:CallerAccount': '999999999999' } }, 'GenerateDataKey', {}, {}, false],
  [{ Bool: { 'aws:ViaAWSService': 'true' } }, 'GenerateDataKey', {}, here, true],
  [{ Bool: { 'aws:SecureTransport': 'true' } }, 'GenerateDataKey', {}, {}, false],
  [{ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }, 'GenerateDataKey', {}, {}, true],
  [{ DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }, 'GenerateDataKey', {}, {}, false],
  [{ ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${accountId}:user/a*` } }, 'GenerateDataKey', {}, {}, true],
  [
    { StringEquals: { 'kms:KeySpec': 'SYMMETRIC_DEFAULT', 'kms:KeyUsage': 'ENCRYPT_DECRYPT' } },
    'GenerateDataKey',
    {},
    {},
    true,
  ],
  [{ StringEquals: { 'kms:KeyOrigin': 'EXTERNAL' } }, 'GenerateDataKey', {}, {}, false],
  [{ Bool: { 'kms:MultiRegion': 'false' } }, 'GenerateDataKey', {}, {}, true],
  [{ StringEquals: { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' } }, 'GenerateDataKey', {}, {}, true],
  [{ StringEquals: { 'kms:RequestAlias': 'alias/one' } }, 'GenerateDataKey', { KeyId: 'alias/one' }, {}, true],
  [{ StringEquals: { 'kms:RequestAlias': 'alias/one' } }, 'GenerateDataKey', {}, {}, false],
  [{ 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/one' } }, 'GenerateDataKey', {}, {}, true],
  [{ 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/two' } }, 'GenerateDataKey', {}, {}, false],
  [{ StringEquals: { 'aws:ResourceTag/team': 'x' } }, 'GenerateDataKey', {}, {}, true],
  [{ StringEquals: { 'aws:ResourceTag/team': 'y' } }, 'GenerateDataKey', {}, {}, false],
  [
    { NumericGreaterThanEquals: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '10' } },
    'ScheduleKeyDeletion',
    { PendingWindowInDays: 7 },
    {},
    false,
  ],
  [
    { NumericGreaterThanEquals: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '10' } },
    'ScheduleKeyDeletion',
    {},
    {},
    true,
  ],
  [
    { Bool: { 'kms:BypassPolicyLockoutSafetyCheck': 'false' } },
    'PutKeyPolicy',
    { Policy: policy(...account), BypassPolicyLockoutSafetyCheck: true },
    {},
    false,
  ],
  [{ Bool: { 'kms:GrantIsForAWSResource': 'true' } }, 'ListGrants', {}, {}, false],
  [{ Bool: { 'kms:GrantIsForAWSResource': 'true' } }, 'ListGrants', {}, here, true],
  [
    { StringEquals: { 'kms:GrantConstraintType': 'EncryptionContextEquals' } },
    'CreateGrant',
    { Constraints: { EncryptionContextEquals: { a: 'b' } } },
    {},
    true,
  ],
  [{ StringEquals: { 'kms:GrantConstraintType': 'EncryptionContextEquals' } }, 'CreateGrant', {}, {}, false],
  [{ 'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Decrypt'] } }, 'CreateGrant', {}, {}, true],
  [{ 'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Encrypt'] } }, 'CreateGrant', {}, {}, false],
  [{ StringEquals: { 'kms:GranteePrincipal': alice.arn } }, 'CreateGrant', {}, {}, true],
  [{ StringEquals: { 'kms:RetiringPrincipal': alice.arn } }, 'CreateGrant', {}, {}, false],
  [{ StringEquals: { 'aws:TagKeys': 'team' } }, 'TagResource', { Tags: [{ TagKey: 'team', TagValue: 'z' }] }, {}, true],
  [
    { StringEquals: { 'aws:RequestTag/team': 'y' } },
    'TagResource',
    { Tags: [{ TagKey: 'team', TagValue: 'z' }] },
    {},
    false,
  ],
])('the condition %j on %s %j %j: %s', async (wanted, operation, input, more, allowed) => {
  const { as, id, call } = await openWith(account, [])
  await call('CreateAlias', { AliasName: 'alias/one', TargetKeyId: id })
  await call('TagResource', { KeyId: id, Tags: [{ TagKey: 'team', TagValue: 'x' }] })
  const Policy = policy(...condition(wanted))
  await call('PutKeyPolicy', { KeyId: id, Policy, BypassPolicyLockoutSafetyCheck: true })
  const inputs: Record<string, object> = {
    GenerateDataKey: dataKey,
    CreateGrant: { GranteePrincipal: alice.arn, Operations: ['Decrypt'] },
  }
  const outcome = await as(app, operation, { ...inputs[operation], ...input }, more)
  if (allowed) expect(outcome).toBe('no refusal')
  else expect(outcome).toContain('AccessDeniedException')
})

test('ReEncrypt asks about both keys, each with its own context and algorithm', async () => {
  const { call, createKey, declare } = await openKms()
  const [from, to] = [await createKey(), await createKey()]
  const { CiphertextBlob } = await call('Encrypt', {
    KeyId: from.id,
    Plaintext: plaintext,
    EncryptionContext: { t: 'a' },
  })
  const input = {
    CiphertextBlob,
    SourceEncryptionContext: { t: 'a' },
    DestinationKeyId: to.id,
    DestinationEncryptionContext: { t: 'b' },
  }
  const reEncrypt = () => refusal(call('ReEncrypt', input, { caller: app }))
  const on = (t: string, same: string) => ({
    Condition: { StringEquals: { 'kms:EncryptionContext:t': t }, Bool: { 'kms:ReEncryptOnSameKey': same } },
  })
  await declare(app.arn, may('kms:ReEncryptFrom', on('a', 'false')), may('kms:ReEncryptTo', on('b', 'false')))
  expect(await reEncrypt()).toBe('no refusal')
  await declare(app.arn, may('kms:ReEncryptFrom', on('a', 'false')), may('kms:ReEncryptTo', on('a', 'false')))
  expect(await reEncrypt()).toContain(`kms:ReEncryptTo on resource: ${to.arn}`)
  await declare(app.arn, may('kms:ReEncryptTo'))
  expect(await reEncrypt()).toContain(`kms:ReEncryptFrom on resource: ${from.arn}`)
  await declare(app.arn, may('kms:ReEncrypt*', on('a', 'true')))
  expect(await reEncrypt()).toContain(`kms:ReEncryptFrom on resource: ${from.arn}`)
})

test('Decrypt is asked of the key that the ciphertext names', async () => {
  const { call, createKey, declare } = await openKms()
  const [one, two] = [await createKey(), await createKey()]
  await declare(app.arn, may('kms:Decrypt', { Resource: one.arn }))
  for (const [key, allowed] of [
    [one, true],
    [two, false],
  ] as const) {
    const { CiphertextBlob } = await call('Encrypt', { KeyId: key.id, Plaintext: plaintext })
    const outcome = await refusal(call('Decrypt', { CiphertextBlob }, { caller: app }))
    expect(outcome).toContain(allowed ? 'no refusal' : `kms:Decrypt on resource: ${key.arn}`)
    const foreign = await refusal(call('Decrypt', { CiphertextBlob }, { caller: stranger }))
    expect(foreign).toContain('The ciphertext refers to a customer master key that does not exist')
  }
})

test.each<[string, object]>([
  ['ListKeys', {}],
  ['ListAliases', {}],
  ['CreateKey', {}],
  ['GenerateRandom', { NumberOfBytes: 8 }],
  ['ListRetirableGrants', { RetiringPrincipal: app.arn }],
])('%s touches no key: identity policies alone decide, for every resource', async (operation, input) => {
  const { call, declare, createKey } = await openKms()
  const { arn } = await createKey()
  const outcome = () => refusal(call(operation, input, { caller: app }))
  expect(await outcome()).toBe('no refusal')
  await declare(app.arn, may(`kms:${operation}`, { Resource: arn }))
  expect(await outcome()).toBe(
    `AccessDeniedException: User: ${app.arn} is not authorized to perform: kms:${operation} on resource: * because no identity-based policy allows the kms:${operation} action`,
  )
  await declare(app.arn, may(`kms:${operation}`))
  expect(await outcome()).toBe('no refusal')
})

test('tags of a new key take a permission of their own', async () => {
  const { call, declare } = await openKms()
  const create = () => refusal(call('CreateKey', { Tags: [{ TagKey: 'a', TagValue: 'b' }] }, { caller: app }))
  await declare(app.arn, may('kms:CreateKey'))
  expect(await create()).toContain('kms:TagResource on resource: *')
  await declare(app.arn, may(['kms:CreateKey', 'kms:TagResource']))
  expect(await create()).toBe('no refusal')
})

test('an alias is changed by who may on the alias and on the key', async () => {
  const { call, declare, createKey } = await openKms()
  const { id, arn } = await createKey()
  const alias = `arn:aws:kms:${region}:${accountId}:alias/app`
  const create = () => refusal(call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: id }, { caller: app }))
  await declare(app.arn, may('kms:CreateAlias', { Resource: arn }))
  expect(await create()).toContain(`kms:CreateAlias on resource: ${alias} because no identity-based policy`)
  await declare(app.arn, may('kms:CreateAlias', { Resource: alias }))
  expect(await create()).toContain(`kms:CreateAlias on resource: ${arn} because no identity-based policy`)
  await declare(app.arn, may('kms:CreateAlias', { Resource: [alias, arn] }))
  expect(await create()).toBe('no refusal')
})

test('a session may do what its role may and its own policy allows', async () => {
  const { identities, createKey, declare, call } = await openKms()
  const { id } = await createKey()
  await declare(roleArn, may('kms:*'))
  const start = async (...statements: object[]) => {
    const asked = { roleArn, sessionName: 'one', seconds: 3600, policy: policy(...statements) }
    const { accessKeyId } = await identities.sessions.start(asked)
    const caller = sessionCaller(roleArn, 'one', accessKeyId, 0)
    return refusal(call('GenerateDataKey', { KeyId: id, ...dataKey }, { caller }))
  }
  expect(await start(may('kms:GenerateDataKey'))).toBe('no refusal')
  expect(await start(may('kms:Decrypt'))).toContain(missing('session'))
  expect(await start(may('kms:*'), may('kms:*', { Effect: 'Deny' }))).toContain(denied('a session'))
})

test('a policy variable stands for the caller', async () => {
  const wanted = { StringEquals: { 'kms:EncryptionContext:user': '$' + '{aws:username}' } }
  const { as } = await openWith([says('*', 'kms:*', { Condition: wanted })])
  expect(await as(app, 'GenerateDataKey', { ...dataKey, EncryptionContext: { user: 'app' } })).toBe('no refusal')
  expect(await as(alice, 'GenerateDataKey', { ...dataKey, EncryptionContext: { user: 'app' } })).toContain(
    'AccessDenied',
  )
})

test("nobody learns of another account's keys and aliases", async () => {
  const { call } = await openKms()
  const unknown = [
    `arn:aws:kms:${region}:999999999999:key/12345678-1234-1234-1234-123456789012`,
    `arn:aws:kms:${region}:999999999999:alias/app`,
  ]
  for (const KeyId of unknown) expect(await refusal(call('DescribeKey', { KeyId }))).toContain(unseen)
})

test.each<[string, string, string]>([
  ['nobody', policy({ ...says(root), Effect: 'Deny' }), 'update the key policy in the future'],
  ['another user alone', policy(says(app.arn)), 'update the key policy in the future'],
  [
    'the caller under a condition it does not meet',
    policy(says(alice.arn, 'kms:*', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } })),
    'in the future',
  ],
  [
    'a principal that cannot be',
    policy(says('arn:aws:iam::1:user/x')),
    'Policy contains a statement with one or more invalid principals.',
  ],
])('a policy that allows %s is refused, by CreateKey and PutKeyPolicy', async (_case, Policy, words) => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  for (const attempt of [call('CreateKey', { Policy }), call('PutKeyPolicy', { KeyId: id, Policy })]) {
    expect(await refusal(attempt)).toContain('MalformedPolicyDocumentException')
    expect(await refusal(attempt)).toContain(words)
  }
})

test('whoever asks to be locked out is', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  await call('PutKeyPolicy', { KeyId: id, Policy: policy(says(app.arn)), BypassPolicyLockoutSafetyCheck: true })
  expect(await refusal(call('PutKeyPolicy', { KeyId: id, Policy: policy(...account) }))).toContain('AccessDenied')
})

test('a key policy has at most 32,768 bytes', async () => {
  const { call } = await openKms()
  const Policy = policy({ ...says(root), Sid: 'x'.repeat(32_768) })
  expect(await refusal(call('CreateKey', { Policy }))).toContain('LimitExceededException')
})
