import { expect, test } from '@jest/globals'
import type { GrantConstraints } from '../grants/grant-store.ts'
import type { KeyRecord } from '../keys/key.ts'
import { accountId, alice, region } from '../kms.fixture.ts'
import { kmsOperations } from '../operations/index.ts'
import { type CallFacts, contextOfCall } from './condition-keys.ts'

/* Every condition key of KMS: what it is of the calls that have it, and that no other call has it. */

const key: KeyRecord = {
  ...{ keyId: 'k', accountId, region, description: '', creationDate: 0, enabled: true, policy: '' },
  ...{ keySpec: 'HMAC_256', keyUsage: 'GENERATE_VERIFY_MAC', origin: 'EXTERNAL', keyManager: 'CUSTOMER' },
  tags: [{ TagKey: 'team', TagValue: 'x' }],
}
const set = { primaryRegion: region, replicas: [{ region: 'eu-west-1' }] }
const primary: KeyRecord = { ...key, keyId: 'mrk-1', multiRegion: set }
const context = {
  ...{ caller: alice, region, requestId: '', clientAddress: '192.0.2.7', userAgent: 'aws-cli', secure: true },
}
const viaS3 = { context: { ...context, via: 's3' as const } }

function conditionValue(name: string, operation: string, input: object = {}, more: Partial<CallFacts> = {}) {
  const conditionKeys = kmsOperations.get(operation)?.conditionKeys
  const now = Date.UTC(2026, 0, 2)
  return contextOfCall({ context, now, action: `kms:${operation}`, input, conditionKeys, ...more }).get(name)
}

/** A grant of these constraints, as CreateGrant asks for it. */
function granting(constraints: GrantConstraints): Partial<CallFacts> {
  return { terms: { operations: ['Decrypt'], constraints } }
}

type Row = [name: string, operation: string, input: object, more: Partial<CallFacts>, expected: unknown]
const inputs: Row[] = [
  ['kms:BypassPolicyLockoutSafetyCheck', 'CreateKey', { BypassPolicyLockoutSafetyCheck: true }, {}, 'true'],
  ['kms:BypassPolicyLockoutSafetyCheck', 'PutKeyPolicy', {}, {}, 'false'],
  ['kms:BypassPolicyLockoutSafetyCheck', 'ReplicateKey', {}, {}, 'false'],
  ['kms:ScheduleKeyDeletionPendingWindowInDays', 'ScheduleKeyDeletion', { PendingWindowInDays: 7 }, {}, '7'],
  ['kms:ScheduleKeyDeletionPendingWindowInDays', 'ScheduleKeyDeletion', {}, {}, '30'],
  ['kms:RotationPeriodInDays', 'EnableKeyRotation', { RotationPeriodInDays: 90 }, {}, '90'],
  ['kms:RotationPeriodInDays', 'EnableKeyRotation', {}, {}, '365'],
  ['kms:ExpirationModel', 'ImportKeyMaterial', { ExpirationModel: 'none' }, {}, 'none'],
  ['kms:ExpirationModel', 'ImportKeyMaterial', {}, {}, 'KEY_MATERIAL_EXPIRES'],
  ['kms:ValidTo', 'ImportKeyMaterial', { ValidTo: Date.UTC(2026, 0, 3) }, {}, '2026-01-03T00:00:00.000Z'],
  [
    'kms:WrappingAlgorithm',
    'GetParametersForImport',
    { WrappingAlgorithm: 'RSAES_OAEP_SHA_256' },
    {},
    'RSAES_OAEP_SHA_256',
  ],
  ['kms:WrappingKeySpec', 'GetParametersForImport', { WrappingKeySpec: 'RSA_4096' }, {}, 'RSA_4096'],
  ['kms:PrimaryRegion', 'UpdatePrimaryRegion', { PrimaryRegion: 'eu-west-1' }, {}, 'eu-west-1'],
  ['kms:ReplicaRegion', 'ReplicateKey', { ReplicaRegion: 'eu-west-1' }, {}, 'eu-west-1'],
  ['kms:MacAlgorithm', 'GenerateMac', { MacAlgorithm: 'HMAC_SHA_256' }, {}, 'HMAC_SHA_256'],
  ['kms:MacAlgorithm', 'VerifyMac', { MacAlgorithm: 'HMAC_SHA_256' }, {}, 'HMAC_SHA_256'],
  ['kms:SigningAlgorithm', 'Sign', { SigningAlgorithm: 'ECDSA_SHA_256' }, {}, 'ECDSA_SHA_256'],
  ['kms:SigningAlgorithm', 'Verify', { SigningAlgorithm: 'ECDSA_SHA_256' }, {}, 'ECDSA_SHA_256'],
  ['kms:MessageType', 'Sign', { MessageType: 'DIGEST' }, {}, 'DIGEST'],
  ['kms:MessageType', 'Sign', {}, {}, 'RAW'],
  ['kms:MessageType', 'Verify', {}, {}, 'RAW'],
  ['kms:DataKeyPairSpec', 'GenerateDataKeyPair', { KeyPairSpec: 'RSA_2048' }, {}, 'RSA_2048'],
  ['kms:DataKeyPairSpec', 'GenerateDataKeyPairWithoutPlaintext', { KeyPairSpec: 'RSA_2048' }, {}, 'RSA_2048'],
  ['kms:KeyAgreementAlgorithm', 'DeriveSharedSecret', { KeyAgreementAlgorithm: 'ECDH' }, {}, 'ECDH'],
  ['kms:GrantOperations', 'CreateGrant', { Operations: ['Sign', 'Verify'] }, {}, ['Sign', 'Verify']],
  ['kms:GranteePrincipal', 'CreateGrant', { GranteePrincipal: alice.arn }, {}, alice.arn],
  ['kms:RetiringPrincipal', 'CreateGrant', { RetiringPrincipal: alice.arn }, {}, alice.arn],
  [
    'kms:GrantConstraintType',
    'CreateGrant',
    { Constraints: { EncryptionContextSubset: { a: 'b' } } },
    {},
    'EncryptionContextSubset',
  ],
  ['kms:GrantIsForAWSResource', 'CreateGrant', {}, viaS3, 'true'],
  ['kms:GrantIsForAWSResource', 'ListGrants', {}, viaS3, 'true'],
  ['kms:GrantIsForAWSResource', 'RevokeGrant', {}, {}, 'false'],
]
const facts: Row[] = [
  ['kms:CallerAccount', 'Encrypt', {}, {}, accountId],
  ['kms:ViaService', 'Encrypt', {}, viaS3, `s3.${region}.amazonaws.com`],
  ['kms:ViaService', 'Encrypt', {}, {}, undefined],
  ['aws:ViaAWSService', 'Encrypt', {}, viaS3, 'true'],
  ['aws:ViaAWSService', 'Encrypt', {}, {}, 'false'],
  ['aws:CalledVia', 'Encrypt', {}, viaS3, 's3.amazonaws.com'],
  ['aws:CalledViaFirst', 'Encrypt', {}, viaS3, 's3.amazonaws.com'],
  ['aws:CalledViaLast', 'Encrypt', {}, viaS3, 's3.amazonaws.com'],
  ['aws:CalledVia', 'Encrypt', {}, {}, undefined],
  ['kms:EncryptionContextKeys', 'Encrypt', {}, { encryptionContext: { a: 'x', b: 'y' } }, ['a', 'b']],
  ['kms:EncryptionContextKeys', 'Encrypt', {}, { encryptionContext: {} }, undefined],
  ['kms:EncryptionContext:A', 'Encrypt', {}, { encryptionContext: { a: 'x', b: 'y' } }, 'x'],
  ['kms:EncryptionContext:c', 'Encrypt', {}, { encryptionContext: { a: 'x', b: 'y' } }, undefined],
  ['kms:EncryptionContext:a', 'CreateGrant', {}, granting({ EncryptionContextEquals: { A: 'x' } }), 'x'],
  [
    'kms:EncryptionContextKeys',
    'CreateGrant',
    {},
    granting({ EncryptionContextEquals: { A: 'x' }, EncryptionContextSubset: { b: 'y' } }),
    ['A', 'b'],
  ],
  ['kms:EncryptionContextKeys', 'CreateGrant', {}, granting({}), undefined],
  ['kms:EncryptionAlgorithm', 'Encrypt', {}, { encryptionAlgorithm: 'SYMMETRIC_DEFAULT' }, 'SYMMETRIC_DEFAULT'],
  ['kms:RequestAlias', 'Encrypt', {}, { identifier: 'alias/app' }, 'alias/app'],
  ['kms:RequestAlias', 'Encrypt', {}, { identifier: `arn:aws:kms:${region}:${accountId}:alias/app` }, 'alias/app'],
  ['kms:RequestAlias', 'Encrypt', {}, { identifier: `arn:aws:kms:${region}:${accountId}:key/k` }, undefined],
  ['kms:RequestAlias', 'Encrypt', {}, {}, undefined],
  ['kms:ResourceAliases', 'Encrypt', {}, { aliases: ['alias/a', 'alias/b'] }, ['alias/a', 'alias/b']],
  ['kms:ResourceAliases', 'Encrypt', {}, { aliases: [] }, undefined],
  ['kms:ReEncryptOnSameKey', 'ReEncrypt', {}, { isSameKey: false }, 'false'],
  ['kms:ReEncryptOnSameKey', 'Encrypt', {}, {}, undefined],
  ['kms:KeySpec', 'Encrypt', {}, { key }, 'HMAC_256'],
  ['kms:CustomerMasterKeySpec', 'Encrypt', {}, { key }, 'HMAC_256'],
  ['kms:KeySpec', 'CreateKey', { KeySpec: 'RSA_2048' }, {}, 'RSA_2048'],
  ['kms:KeySpec', 'CreateKey', {}, {}, 'SYMMETRIC_DEFAULT'],
  ['kms:KeySpec', 'GenerateDataKey', { KeySpec: 'AES_256' }, {}, undefined],
  ['kms:KeyUsage', 'Encrypt', {}, { key }, 'GENERATE_VERIFY_MAC'],
  ['kms:CustomerMasterKeyUsage', 'Encrypt', {}, { key }, 'GENERATE_VERIFY_MAC'],
  ['kms:KeyUsage', 'CreateKey', { KeyUsage: 'SIGN_VERIFY' }, {}, 'SIGN_VERIFY'],
  ['kms:KeyUsage', 'CreateKey', {}, {}, 'ENCRYPT_DECRYPT'],
  ['kms:KeyOrigin', 'Encrypt', {}, { key }, 'EXTERNAL'],
  ['kms:KeyOrigin', 'CreateKey', { Origin: 'EXTERNAL' }, {}, 'EXTERNAL'],
  ['kms:KeyOrigin', 'CreateKey', {}, {}, 'AWS_KMS'],
  ['kms:KeyOrigin', 'ListKeys', {}, {}, undefined],
  ['kms:MultiRegion', 'Encrypt', {}, { key }, 'false'],
  ['kms:MultiRegion', 'Encrypt', {}, { key: primary }, 'true'],
  ['kms:MultiRegion', 'CreateKey', { MultiRegion: true }, {}, 'true'],
  ['kms:MultiRegion', 'CreateKey', {}, {}, 'false'],
  ['kms:MultiRegion', 'ListKeys', {}, {}, undefined],
  ['kms:MultiRegionKeyType', 'Encrypt', {}, { key: primary }, 'PRIMARY'],
  ['kms:MultiRegionKeyType', 'Encrypt', {}, { key: { ...primary, region: 'eu-west-1' } }, 'REPLICA'],
  ['kms:MultiRegionKeyType', 'Encrypt', {}, { key }, undefined],
  ['kms:MultiRegionKeyType', 'ListKeys', {}, {}, undefined],
  ['kms:GrantConstraintType', 'CreateGrant', {}, {}, undefined],
  ['aws:ResourceAccount', 'Encrypt', {}, { key }, accountId],
  ['aws:ResourceTag/TEAM', 'Encrypt', {}, { key }, 'x'],
  ['aws:ResourceTag/role', 'Encrypt', {}, { key }, undefined],
  ['aws:RequestTag/team', 'TagResource', { Tags: [{ TagKey: 'team', TagValue: 'z' }] }, { key }, 'z'],
  ['aws:RequestTag/team', 'UntagResource', { TagKeys: ['team'] }, { key }, undefined],
  ['aws:TagKeys', 'TagResource', { Tags: [{ TagKey: 'team', TagValue: 'z' }] }, { key }, 'team'],
  ['aws:TagKeys', 'UntagResource', { TagKeys: ['team', 'role'] }, { key }, ['team', 'role']],
  ['aws:TagKeys', 'Encrypt', {}, { key }, undefined],
  ['aws:SourceIp', 'Encrypt', {}, {}, '192.0.2.7'],
  ['aws:SecureTransport', 'Encrypt', {}, {}, 'true'],
  ['aws:UserAgent', 'Encrypt', {}, {}, 'aws-cli'],
  ['aws:RequestedRegion', 'Encrypt', {}, {}, region],
  ['aws:PrincipalArn', 'Encrypt', {}, {}, alice.arn],
  ['aws:CurrentTime', 'Encrypt', {}, {}, '2026-01-02T00:00:00.000Z'],
  ['constructor', 'Encrypt', {}, {}, undefined],
  ['kms:Unknown', 'Encrypt', {}, {}, undefined],
]

test.each([...inputs, ...facts])('%s of %s %j %j is %j', (name, operation, input, more, expected) => {
  const wanted = typeof expected === 'string' ? [expected] : expected
  for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
    expect(conditionValue(spelling, operation, input, more)).toEqual(wanted)
  }
})

test.each(inputs)('%s is of no other operation than those like %s', (name, _operation, input, more) => {
  expect(conditionValue(name, 'Encrypt', input, more)).toBeUndefined()
})

test('what the caller or the owner named has one value, all else may have several', () => {
  const { hasOneValue } = contextOfCall({ context, now: 0, action: 'kms:Encrypt', input: {} })
  for (const name of ['kms:EncryptionContext:a', 'aws:ResourceTag/a', 'aws:RequestTag/a', 'AWS:requesttag/a']) {
    expect(hasOneValue?.(name)).toBe(true)
  }
  for (const name of ['kms:EncryptionContextKeys', 'aws:TagKeys', 'kms:GrantOperations']) {
    expect(hasOneValue?.(name)).toBe(false)
  }
})
