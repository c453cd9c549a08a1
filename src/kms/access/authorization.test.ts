import { expect, test } from '@jest/globals'
import { anonymousCaller, type Caller, rootCaller } from '../../aws/caller.ts'
import { managedPolicies } from '../../identity/records.ts'
import { sessionCaller } from '../../identity/sessions.ts'
import { accountId, alice, openKms, refusal, region, stranger } from '../kms.fixture.ts'
import { account, app, dataKey, denied, may, openWith, policy, roleArn, root, says } from './policies.fixture.ts'

const worker = sessionCaller(roleArn, 'one', 'ASIAONE', 0)
const plaintext = Buffer.from('a secret')

const missing = (kind: string) => `because no ${kind} policy allows the kms:GenerateDataKey action`
const unseen = 'on this resource because the resource does not exist in this Region'

test.each<[string, object[], object[] | undefined, Caller, string]>([
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
])('a key policy that names %s', async (_case, keyStatements, identityStatements, caller, words) => {
  const { as, events } = await openWith(keyStatements, identityStatements)
  expect(await as(caller, 'GenerateDataKey', dataKey)).toContain(words)
  const [event] = await events()
  expect(event?.errorCode).toBe(words === 'no refusal' ? undefined : 'AccessDenied')
})

test.each<[string, object[], object[] | undefined, Caller, string]>([
  ['a stranger that nobody named', account, undefined, stranger, unseen],
  ['a stranger that is denied', [{ ...says('*'), Effect: 'Deny' }], undefined, stranger, unseen],
  ['a stranger by name, an administrator at home', [says(stranger.arn)], undefined, stranger, 'no refusal'],
  ['a stranger by account, allowed at home', [says(stranger.accountId)], [may('kms:*')], stranger, 'no refusal'],
  ['a stranger by name, not allowed at home', [says(stranger.arn)], [], stranger, missing('identity-based')],
])('%s', async (_case, keyStatements, identityStatements, caller, words) => {
  const { as } = await openWith(keyStatements, identityStatements)
  expect(await as(caller, 'GenerateDataKey', dataKey)).toContain(words)
})

test("a refusal has AWS's whole sentence", async () => {
  const { as, arn } = await openWith(account, [])
  expect(await as(app, 'GenerateDataKey', dataKey)).toBe(
    `AccessDeniedException: User: ${app.arn} is not authorized to perform: kms:GenerateDataKey on resource: ${arn} because no identity-based policy allows the kms:GenerateDataKey action`,
  )
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

test.each<[string, object[], Caller, object, string]>([
  ['allows', account, app, may('kms:*'), 'no refusal'],
  ['is silent', account, app, may('s3:*'), 'because no permissions boundary allows the kms:GenerateDataKey action'],
  ['denies', account, app, may('*', { Effect: 'Deny' }), 'with an explicit deny in a permissions boundary'],
  ['is silent on a user whom the key policy names', [says(app.arn)], app, may('s3:*'), 'no refusal'],
  [
    'is silent on a role that the key policy names',
    [says(roleArn)],
    worker,
    may('s3:*'),
    'because no permissions boundary allows the kms:GenerateDataKey action',
  ],
])('a permissions boundary that %s', async (_case, keyStatements, caller, statement, words) => {
  const { database, identities, as } = await openWith(keyStatements)
  const arn = `arn:aws:iam::${accountId}:policy/limit`
  await database.transact((transaction) => {
    transaction.put(managedPolicies, [arn], { arn, document: policy(statement), defaultVersion: 1, newestVersion: 1 })
    const policies = [{ name: 'own', document: policy(may('*')) }]
    const principal = { accessKeys: [], policies, permissionsBoundary: arn }
    for (const own of [app.arn, roleArn]) identities.add(transaction, { ...principal, arn: own })
  })
  expect(await as(caller, 'GenerateDataKey', dataKey)).toContain(words)
})

test('KMS answers nobody who does not sign, whatever policies and grants say', async () => {
  const { call, id, as } = await openWith([says('*')])
  await call('CreateGrant', { KeyId: id, GranteePrincipal: accountId, Operations: ['GenerateDataKey'] })
  expect(await as(anonymousCaller, 'GenerateDataKey', dataKey)).toContain('AccessDeniedException')
  expect(await as(anonymousCaller, 'DescribeKey')).toContain('AccessDeniedException')
})

test('the aliases of a key are known to every policy that asks: the key’s, the identity’s, the session’s', async () => {
  const { call, createKey, declare, identities, database } = await openKms()
  const keys = [await createKey(), await createKey()]
  await call('CreateAlias', { AliasName: 'alias/one', TargetKeyId: keys[0]?.id })
  const Condition = { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/one' } }
  const outcomes = async (caller: Caller) => {
    const calls = keys.map(({ id }) => refusal(call('GenerateDataKey', { KeyId: id, ...dataKey }, { caller })))
    return (await Promise.all(calls)).map((outcome) => outcome.split(':')[0])
  }
  const policies = [[may('kms:*', { Condition })], [may('kms:*'), may('kms:Encrypt')]] as const
  await declare(app.arn, ...policies[0])
  expect(await outcomes(app)).toEqual(['no refusal', 'AccessDeniedException'])
  // One of several asks.
  const several = [
    { name: 'silent', document: policy(may('kms:Encrypt')) },
    { name: 'asking', document: policy(...policies[0]) },
  ]
  await database.transact((transaction) =>
    identities.add(transaction, { arn: app.arn, accessKeys: [], policies: several }),
  )
  expect(await outcomes(app)).toEqual(['no refusal', 'AccessDeniedException'])
  await declare(roleArn, ...policies[1])
  const asked = { roleArn, sessionName: 'one', seconds: 3600, policy: policy(...policies[0]) }
  const { accessKeyId } = await identities.sessions.start(asked)
  const session = sessionCaller(roleArn, 'one', accessKeyId, 0)
  expect(await outcomes(session)).toEqual(['no refusal', 'AccessDeniedException'])
  const policyArns = ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess']
  const both = await identities.sessions.start({ ...asked, policyArns })
  expect(await outcomes(sessionCaller(roleArn, 'one', both.accessKeyId, 0))).toEqual([
    'no refusal',
    'AccessDeniedException',
  ])
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

test('a policy that names the key itself keeps it open, one that names another key does not', async () => {
  const { call, createKey } = await openKms()
  const [own, other] = [await createKey(), await createKey()]
  const put = (Resource: string) =>
    refusal(call('PutKeyPolicy', { KeyId: own.id, Policy: policy(says(root, 'kms:*', { Resource })) }))
  expect(await put(other.arn)).toContain('MalformedPolicyDocumentException')
  expect(await put(own.arn)).toBe('no refusal')
  expect(await refusal(call('CreateKey', { Policy: policy(...account) }))).toBe('no refusal')
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
