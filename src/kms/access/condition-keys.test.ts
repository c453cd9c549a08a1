import { expect, test } from '@jest/globals'
import { accountId, alice, openKms, refusal, region } from '../kms.fixture.ts'
import { account, app, dataKey, denied, may, openWith, policy, says } from './policies.fixture.ts'

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
  expect(outcome).toContain(allowed ? 'no refusal' : 'AccessDeniedException')
})

test.each<[string, object, string, object]>([
  [
    'a context',
    { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } },
    'GenerateDataKey',
    { EncryptionContext: { tenant: 'b', Tenant: 'a' } },
  ],
  [
    'a context, the other first',
    { StringEquals: { 'kms:EncryptionContext:TENANT': 'a' } },
    'GenerateDataKey',
    { EncryptionContext: { tenant: 'a', Tenant: 'b' } },
  ],
  [
    'a context under a negated condition',
    { StringNotEquals: { 'kms:EncryptionContext:tenant': 'a' } },
    'GenerateDataKey',
    { EncryptionContext: { tenant: 'b', Tenant: 'a' } },
  ],
  [
    'a context under a set operator',
    { 'ForAnyValue:StringLike': { 'kms:EncryptionContext:tenant': 'a*' } },
    'GenerateDataKey',
    { EncryptionContext: { tenant: 'b', Tenant: 'a' } },
  ],
  [
    'the two constraints of a grant',
    { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } },
    'CreateGrant',
    { Constraints: { EncryptionContextEquals: { tenant: 'b' }, EncryptionContextSubset: { tenant: 'a' } } },
  ],
  ['tags of the key', { StringEquals: { 'aws:ResourceTag/team': 'x' } }, 'GenerateDataKey', {}],
  [
    'tags of the request',
    { StringEquals: { 'aws:RequestTag/role': 'x' } },
    'TagResource',
    { Tags: ['role', 'Role'].map((TagKey) => ({ TagKey, TagValue: TagKey === 'role' ? 'x' : 'y' })) },
  ],
])('two names that differ by case alone get nobody further: %s', async (_case, Condition, operation, input) => {
  const { call, createKey, declare } = await openKms()
  const { id } = await createKey()
  const Tags = [
    { TagKey: 'team', TagValue: 'x' },
    { TagKey: 'Team', TagValue: 'y' },
  ]
  await call('TagResource', { KeyId: id, Tags })
  const inputs: Record<string, object> = {
    GenerateDataKey: dataKey,
    CreateGrant: { GranteePrincipal: alice.arn, Operations: ['Decrypt'] },
  }
  const attempt = () => refusal(call(operation, { KeyId: id, ...inputs[operation], ...input }, { caller: app }))
  await declare(app.arn, may('kms:*', { Condition }))
  expect(await attempt()).toContain('because no identity-based policy allows')
  await declare(app.arn, may('kms:*'), may('kms:*', { Effect: 'Deny', Condition }))
  expect(await attempt()).toContain(denied('an identity-based'))
})

test('two names that differ by case alone and have one value are one', async () => {
  const { as } = await openWith(condition({ StringEquals: { 'kms:EncryptionContext:tenant': 'a' } }))
  const EncryptionContext = { tenant: 'a', Tenant: 'a' }
  expect(await as(app, 'GenerateDataKey', { ...dataKey, EncryptionContext })).toBe('no refusal')
})

test.each<[object, boolean]>([
  [{ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }, true],
  [{ CustomerMasterKeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }, true],
  [{ CustomerMasterKeySpec: 'HMAC_384', KeyUsage: 'GENERATE_VERIFY_MAC' }, false],
  [{}, false],
])('conditions on the spec of a new key know it by either name of its member: %j', async (input, allowed) => {
  const { call, declare } = await openKms()
  for (const name of ['kms:KeySpec', 'kms:CustomerMasterKeySpec']) {
    await declare(app.arn, may('kms:CreateKey', { Condition: { StringEquals: { [name]: 'HMAC_256' } } }))
    const outcome = await refusal(call('CreateKey', input, { caller: app }))
    expect(outcome).toContain(allowed ? 'no refusal' : 'AccessDeniedException')
  }
})
