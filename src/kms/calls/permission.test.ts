import { expect, test } from '@jest/globals'
import { account, app, denied, may, openWith, policy, says } from '../access/policies.fixture.ts'
import { accountId, openKms, refusal } from '../kms.fixture.ts'

/* Which questions a call asks: about its keys, its alias, and what it brings about beside them. */

const there = 'eu-west-1'
const plaintext = Buffer.from('a secret')
const deny = (Action: string, Condition?: object) => ({ Effect: 'Deny', Action, Resource: '*', Condition })

/** A multi-Region key, and the user `app` with these identity statements. */
async function openWithPrimary(...statements: object[]) {
  const kms = await openKms()
  const { id, arn } = await kms.createKey({ MultiRegion: true })
  await kms.declare(app.arn, ...statements)
  const replicate = (input: object = {}) =>
    refusal(kms.call('ReplicateKey', { KeyId: id, ReplicaRegion: there, ...input }, { caller: app }))
  return { ...kms, id, arn, replicate }
}

test('ReplicateKey needs kms:CreateKey beside what its key allows, and kms:TagResource where there are tags', async () => {
  const Tags = [{ TagKey: 'team', TagValue: 'x' }]
  const without = await openWithPrimary(may('kms:ReplicateKey'))
  expect(await without.replicate()).toContain(`to perform: kms:CreateKey on resource: *`)
  const untagged = await openWithPrimary(may(['kms:ReplicateKey', 'kms:CreateKey']))
  expect(await untagged.replicate({ Tags })).toContain(`to perform: kms:TagResource on resource: *`)
  expect(await untagged.replicate()).toBe('no refusal')
  const creating = await openWithPrimary(may(['kms:CreateKey', 'kms:TagResource']))
  expect(await creating.replicate()).toContain(`to perform: kms:ReplicateKey on resource: ${creating.arn}`)
})

test.each<[string, object]>([
  ['the replica is in a Region', { StringEquals: { 'aws:RequestedRegion': there } }],
  ['it is of a multi-Region key', { Bool: { 'kms:MultiRegion': 'true' } }],
  ['of its key spec', { StringEquals: { 'kms:KeySpec': 'SYMMETRIC_DEFAULT' } }],
  ['of its key usage', { StringEquals: { 'kms:KeyUsage': 'ENCRYPT_DECRYPT' } }],
  ['of its origin', { StringEquals: { 'kms:KeyOrigin': 'AWS_KMS' } }],
  ['of its tags', { StringEquals: { 'aws:RequestTag/team': 'x' } }],
  ['the lockout check is bypassed', { Bool: { 'kms:BypassPolicyLockoutSafetyCheck': 'true' } }],
])('a Deny of kms:CreateKey because %s holds for ReplicateKey', async (_why, Condition) => {
  const input = { Tags: [{ TagKey: 'team', TagValue: 'x' }], BypassPolicyLockoutSafetyCheck: true }
  const { replicate } = await openWithPrimary(may('kms:*'), deny('kms:CreateKey', Condition))
  expect(await replicate(input)).toContain(denied('an identity-based'))
})

test.each<[string, object]>([
  ['another Region', { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }],
  ['single-Region keys', { Bool: { 'kms:MultiRegion': 'false' } }],
])('a Deny of kms:CreateKey for %s leaves ReplicateKey alone', async (_what, Condition) => {
  const { replicate } = await openWithPrimary(may('kms:*'), deny('kms:CreateKey', Condition))
  expect(await replicate()).toBe('no refusal')
})

test.each([true, false])('kms:ReEncryptOnSameKey is %s of a call that says so', async (isSame) => {
  const Condition = { Bool: { 'kms:ReEncryptOnSameKey': String(isSame) } }
  const { as, call, createKey, declare, id } = await openWith([
    ...account,
    says(app.arn, 'kms:ReEncrypt*', { Condition }),
  ])
  await declare(app.arn)
  const other = await createKey({ Policy: policy(...account, says(app.arn, 'kms:ReEncryptTo')) })
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext: plaintext })
  const toItself = await as(app, 'ReEncrypt', { CiphertextBlob, DestinationKeyId: id })
  const toOther = await as(app, 'ReEncrypt', { CiphertextBlob, DestinationKeyId: other.id })
  const refused = expect.stringContaining('to perform: kms:ReEncryptFrom')
  expect([toItself, toOther]).toEqual(isSame ? ['no refusal', refused] : [refused, 'no refusal'])
})

test('what applies a fixture file is bound by no lockout check; everybody else is', async () => {
  const { call } = await openKms()
  const Policy = policy(says(`arn:aws:iam::${accountId}:user/nobody`))
  const words =
    'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.'
  expect(await refusal(call('CreateKey', { Policy }))).toBe(words)
  expect(await refusal(call('CreateKey', { Policy }, { fixture: {} }))).toBe('no refusal')
  expect(await refusal(call('CreateKey', { Policy, BypassPolicyLockoutSafetyCheck: true }))).toBe('no refusal')
})

test('What is a matter of the account is asked about for everything, also where the call names a key', async () => {
  const { call, declare, id, arn } = await openWith(account)
  const ask = (name: string, input: object = {}) => refusal(call(name, input, { caller: app }))
  await declare(app.arn, may(['kms:ListAliases', 'kms:ListKeys'], { Resource: arn }))
  expect(await ask('ListAliases', { KeyId: id })).toContain('to perform: kms:ListAliases on resource: *')
  expect(await ask('ListKeys')).toContain('to perform: kms:ListKeys on resource: *')
  await declare(app.arn, may(['kms:ListAliases', 'kms:ListKeys']))
  expect(await ask('ListAliases', { KeyId: id })).toBe('no refusal')
  expect(await ask('ListKeys')).toBe('no refusal')
})

test('Who may retire a grant says the grant: its key is asked for nothing more', async () => {
  const { call, declare, id } = await openWith([says('*', 'kms:DescribeKey'), ...account])
  const retiring = { RetiringPrincipal: app.arn, GranteePrincipal: app.arn, Operations: ['Decrypt'] }
  const { GrantId } = await call('CreateGrant', { KeyId: id, ...retiring })
  await declare(app.arn)
  expect(await refusal(call('RetireGrant', { KeyId: id, GrantId }, { caller: app }))).toBe('no refusal')
})
