import { expect, test } from '@jest/globals'
import { supportedOperations } from './index.ts'

/*
 * What CloudTrail shows of each operation, once more and in one place: an operation that shows a member more or less is seen here. No
 * row names a plaintext, a ciphertext, a signature, a message or a grant token.
 */

const ofContext = 'EncryptionContext'
const page = 'Limit Marker'
/** Operation → whether it only reads, members of its input, members of its output. */
const rows: Record<string, ['read' | 'write', string, string]> = {
  CancelKeyDeletion: ['write', 'KeyId', 'KeyId'],
  CreateAlias: ['write', 'AliasName TargetKeyId', ''],
  CreateGrant: ['write', 'KeyId GranteePrincipal RetiringPrincipal Operations Constraints Name', 'GrantId'],
  CreateKey: [
    'write',
    'Policy Description KeyUsage CustomerMasterKeySpec KeySpec Origin BypassPolicyLockoutSafetyCheck Tags MultiRegion',
    'KeyMetadata',
  ],
  Decrypt: ['read', `KeyId EncryptionAlgorithm ${ofContext}`, ''],
  DeleteAlias: ['write', 'AliasName', ''],
  DeleteImportedKeyMaterial: ['write', 'KeyId KeyMaterialId', 'KeyId KeyMaterialId'],
  DeriveSharedSecret: ['read', 'KeyId KeyAgreementAlgorithm', ''],
  DescribeKey: ['read', 'KeyId', ''],
  DisableKey: ['write', 'KeyId', ''],
  DisableKeyRotation: ['write', 'KeyId', ''],
  EnableKey: ['write', 'KeyId', ''],
  EnableKeyRotation: ['write', 'KeyId RotationPeriodInDays', ''],
  Encrypt: ['read', `KeyId EncryptionAlgorithm ${ofContext}`, ''],
  GenerateDataKey: ['read', `KeyId KeySpec NumberOfBytes ${ofContext}`, ''],
  GenerateDataKeyPair: ['read', `KeyId KeyPairSpec ${ofContext}`, ''],
  GenerateDataKeyPairWithoutPlaintext: ['read', `KeyId KeyPairSpec ${ofContext}`, ''],
  GenerateDataKeyWithoutPlaintext: ['read', `KeyId KeySpec NumberOfBytes ${ofContext}`, ''],
  GenerateMac: ['read', 'KeyId MacAlgorithm', ''],
  GenerateRandom: ['read', 'NumberOfBytes', ''],
  GetKeyLastUsage: ['read', 'KeyId', ''],
  GetKeyPolicy: ['read', 'KeyId PolicyName', ''],
  GetKeyRotationStatus: ['read', 'KeyId', ''],
  GetParametersForImport: ['read', 'KeyId WrappingAlgorithm WrappingKeySpec', ''],
  GetPublicKey: ['read', 'KeyId', ''],
  ImportKeyMaterial: [
    'write',
    'KeyId ValidTo ExpirationModel ImportType KeyMaterialDescription KeyMaterialId',
    'KeyId KeyMaterialId',
  ],
  ListAliases: ['read', `KeyId ${page}`, ''],
  ListGrants: ['read', `KeyId GrantId GranteePrincipal ${page}`, ''],
  ListKeyPolicies: ['read', `KeyId ${page}`, ''],
  ListKeyRotations: ['read', `KeyId IncludeKeyMaterial ${page}`, ''],
  ListKeys: ['read', page, ''],
  ListResourceTags: ['read', `KeyId ${page}`, ''],
  ListRetirableGrants: ['read', `RetiringPrincipal ${page}`, ''],
  PutKeyPolicy: ['write', 'KeyId PolicyName Policy BypassPolicyLockoutSafetyCheck', ''],
  ReEncrypt: [
    'read',
    `SourceKeyId SourceEncryptionAlgorithm Source${ofContext} DestinationKeyId DestinationEncryptionAlgorithm Destination${ofContext}`,
    '',
  ],
  ReplicateKey: [
    'write',
    'KeyId ReplicaRegion Policy BypassPolicyLockoutSafetyCheck Description Tags',
    'ReplicaKeyMetadata ReplicaPolicy ReplicaTags',
  ],
  RetireGrant: ['write', 'KeyId GrantId', ''],
  RevokeGrant: ['write', 'KeyId GrantId', ''],
  RotateKeyOnDemand: ['write', 'KeyId', 'KeyId'],
  ScheduleKeyDeletion: ['write', 'KeyId PendingWindowInDays', 'KeyId KeyState DeletionDate'],
  Sign: ['read', 'KeyId MessageType SigningAlgorithm', ''],
  TagResource: ['write', 'KeyId Tags', ''],
  UntagResource: ['write', 'KeyId TagKeys', ''],
  UpdateAlias: ['write', 'AliasName TargetKeyId', ''],
  UpdateKeyDescription: ['write', 'KeyId Description', ''],
  UpdatePrimaryRegion: ['write', 'KeyId PrimaryRegion', ''],
  Verify: ['read', 'KeyId MessageType SigningAlgorithm', ''],
  VerifyMac: ['read', 'KeyId MacAlgorithm', ''],
}

test('Every operation has its row', () => {
  expect(supportedOperations.map(({ name }) => name).sort()).toEqual(Object.keys(rows).sort())
})

test.each(supportedOperations.map((operation) => [operation.name, operation] as const))(
  '%s shows of its input and its output what is listed here, and nothing else',
  (name, { readOnly, audit }) => {
    const shown = [readOnly ? 'read' : 'write', audit.request.join(' '), (audit.response ?? []).join(' ')]
    expect(shown).toEqual(rows[name])
  },
)

test('What is shown whether sent or not are the algorithms, and all that a new key has', () => {
  const defaults = supportedOperations.flatMap(({ name, audit }) => (audit.defaults ? [[name, audit.defaults]] : []))
  const symmetric = 'SYMMETRIC_DEFAULT'
  expect(Object.fromEntries(defaults)).toEqual({
    CreateKey: {
      policy: '',
      description: '',
      keyUsage: 'ENCRYPT_DECRYPT',
      customerMasterKeySpec: symmetric,
      keySpec: symmetric,
      origin: 'AWS_KMS',
      bypassPolicyLockoutSafetyCheck: false,
      tags: [],
      multiRegion: false,
    },
    Decrypt: { encryptionAlgorithm: symmetric },
    Encrypt: { encryptionAlgorithm: symmetric },
    ReEncrypt: { sourceEncryptionAlgorithm: symmetric, destinationEncryptionAlgorithm: symmetric },
  })
})
