import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { openKms, refusal } from './kms.fixture.ts'
import { kmsOperations, supportedOperations } from './operations/index.ts'

/*
 * Error × message: the words AWS has for each refusal, as recorded or captured from it where they are known. KEY-ARN, KEYID,
 * HMAC and UNKNOWN stand for what a test makes.
 */

const unknown = '12345678-1234-1234-1234-123456789012'
const bytes = (length: number) => Buffer.alloc(length, 1)
const constraint = (shown: string, name: string, words: string) =>
  `ValidationException: 1 validation error detected: Value${shown} at '${name}' failed to satisfy constraint: ${words}`
const tags = (count: number) => Array.from({ length: count }, (_, index) => ({ TagKey: `k${index}`, TagValue: '' }))

type Row = [operation: string, input: object, words: string]
const rows: Row[] = [
  [
    'GenerateRandom',
    { NumberOfBytes: 0 },
    constraint(" '0'", 'numberOfBytes', 'Member must have value greater than or equal to 1'),
  ],
  [
    'GenerateRandom',
    { NumberOfBytes: 1025 },
    constraint(" '1025'", 'numberOfBytes', 'Member must have value less than or equal to 1024'),
  ],
  ['GenerateRandom', {}, 'ValidationException: NumberOfBytes is required.'],
  ['GenerateDataKey', { KeyId: 'KEYID' }, 'ValidationException: Please specify either number of bytes or key spec.'],
  [
    'Encrypt',
    { KeyId: 'KEYID', Plaintext: bytes(4097) },
    constraint('', 'plaintext', 'Member must have length less than or equal to 4096'),
  ],
  [
    'Encrypt',
    { KeyId: 'KEYID', Plaintext: bytes(1), EncryptionContext: { a: 'b'.repeat(8192) } },
    constraint('', 'encryptionContext', 'Member must have length less than or equal to 8192'),
  ],
  [
    'Encrypt',
    { KeyId: 'KEYID', Plaintext: bytes(1), GrantTokens: Array(11).fill('t') },
    constraint(
      ` '[${Array(11).fill('t').join(', ')}]'`,
      'grantTokens',
      'Member must have length less than or equal to 10',
    ),
  ],
  [
    'GenerateMac',
    { KeyId: 'HMAC', Message: bytes(1), MacAlgorithm: 'HMAC_SHA_512' },
    'InvalidKeyUsageException: Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256.',
  ],
  [
    'GenerateMac',
    { KeyId: 'HMAC', Message: bytes(1), MacAlgorithm: 'X' },
    constraint(
      " 'X'",
      'macAlgorithm',
      'Member must satisfy enum value set: [HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]',
    ),
  ],
  [
    'CreateAlias',
    { AliasName: 'name', TargetKeyId: 'KEYID' },
    'ValidationException: Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
  ],
  [
    'CreateAlias',
    { AliasName: 'alias/no space', TargetKeyId: 'KEYID' },
    constraint(" 'alias/no space'", 'aliasName', 'Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$'),
  ],
  [
    'CreateKey',
    { KeySpec: 'HMAC_256' },
    'ValidationException: You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
  ],
  [
    'CreateKey',
    { Tags: [{ TagKey: 'a'.repeat(129), TagValue: '' }] },
    constraint(` '${'a'.repeat(129)}'`, 'tags.1.member.tagKey', 'Member must have length less than or equal to 128'),
  ],
  ['CreateKey', { Tags: tags(51) }, 'TagException: Too many tags'],
  ['TagResource', { KeyId: 'KEYID', Tags: [...tags(1), ...tags(1)] }, 'TagException: Duplicate tag keys'],
  [
    'TagResource',
    { KeyId: 'KEYID', Tags: [{ TagKey: 'AWS:x', TagValue: '' }] },
    'TagException: Tags beginning with aws: are reserved',
  ],
  ['DescribeKey', { KeyId: 'mrk-x' }, "NotFoundException: Invalid keyId 'mrk-x'"],
  ['DescribeKey', { KeyId: unknown }, "NotFoundException: Key 'UNKNOWN' does not exist"],
  ['EnableKey', { KeyId: 'alias/a' }, 'InvalidArnException: Key Aliases are not supported for this operation.'],
  ['Decrypt', { CiphertextBlob: bytes(200) }, 'InvalidCiphertextException: '],
  [
    'Decrypt',
    { CiphertextBlob: bytes(200), DryRun: true, DryRunModifiers: ['IGNORE_CIPHERTEXT'] },
    'UnsupportedOperationException: DryRunModifiers is not supported.',
  ],
  ['ReplicateKey', { KeyId: 'KEYID', ReplicaRegion: 'eu-west-1' }, notPrimary()],
  ['UpdatePrimaryRegion', { KeyId: 'KEYID', PrimaryRegion: 'eu-west-1' }, notPrimary()],
  ['EnableKeyRotation', { KeyId: 'HMAC' }, 'UnsupportedOperationException: '],
  ['RotateKeyOnDemand', { KeyId: 'HMAC' }, 'UnsupportedOperationException: '],
  [
    'GenerateDataKey',
    { KeyId: 'KEYID', KeySpec: 'AES_256', DryRun: true },
    'DryRunOperationException: The request would have succeeded, but the DryRun option is set.',
  ],
  [
    'GenerateDataKey',
    { KeyId: 'HMAC', KeySpec: 'AES_256' },
    'InvalidKeyUsageException: HMAC-ARN key usage is GENERATE_VERIFY_MAC which is not valid for GenerateDataKey.',
  ],
  [
    'GenerateDataKeyPair',
    { KeyId: 'HMAC', KeyPairSpec: 'RSA_2048' },
    'InvalidKeyUsageException: HMAC-ARN key usage is GENERATE_VERIFY_MAC which is not valid for GenerateDataKeyPair.',
  ],
  [
    'ScheduleKeyDeletion',
    { KeyId: 'KEYID', PendingWindowInDays: 6 },
    constraint(" '6'", 'pendingWindowInDays', 'Member must have value greater than or equal to 7'),
  ],
  [
    'ScheduleKeyDeletion',
    { KeyId: 'KEYID', PendingWindowInDays: 31 },
    constraint(" '31'", 'pendingWindowInDays', 'Member must have value less than or equal to 30'),
  ],
  [
    'PutKeyPolicy',
    { KeyId: 'KEYID', Policy: 'x'.repeat(32_769) },
    'LimitExceededException: A key policy has at most 32768 bytes.',
  ],
  ['GetKeyPolicy', { KeyId: 'KEYID', PolicyName: 'other' }, 'NotFoundException: No such policy exists'],
  ...pagedLists().flatMap(([operation, input, most]): Row[] => [
    [operation, { ...input, Marker: 'no marker' }, 'InvalidMarkerException: '],
    [
      operation,
      { ...input, Limit: most + 1 },
      constraint(` '${most + 1}'`, 'limit', `Member must have value less than or equal to ${most}`),
    ],
    [
      operation,
      { ...input, Limit: 0 },
      constraint(" '0'", 'limit', 'Member must have value greater than or equal to 1'),
    ],
  ]),
]

/** What lists in pages, and how much a page has at most. */
function pagedLists(): [operation: string, input: object, most: number][] {
  const KeyId = 'KEYID'
  return [
    ['ListKeys', {}, 1000],
    ['ListAliases', {}, 100],
    ['ListKeyPolicies', { KeyId }, 1000],
    ['ListKeyRotations', { KeyId }, 1000],
    ['ListResourceTags', { KeyId }, 50],
    ['ListGrants', { KeyId }, 100],
    ['ListRetirableGrants', { RetiringPrincipal: 'arn:aws:iam::111122223333:user/Alice' }, 100],
  ]
}

function notPrimary(): string {
  return 'UnsupportedOperationException: KEY-ARN is not a multi-region primary key.'
}

test.each(rows)('%s %j', async (operation, input, words) => {
  const { call, createKey } = await openKms()
  const key = await createKey()
  const hmac = await createKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  const real: Record<string, string> = { KEYID: key.id, HMAC: hmac.id }
  const entries = Object.entries(input).map(([name, value]) => [name, real[value] ?? value])
  const outcome = await refusal(call(operation, Object.fromEntries(entries)))
  expect(outcome).toBe(
    words
      .replace('KEY-ARN', key.arn)
      .replace('HMAC-ARN', hmac.arn)
      .replace('UNKNOWN', key.arn.replace(key.id, unknown)),
  )
})

const names = [
  ...JSON.parse(readFileSync(new URL('./model.fixture.json', import.meta.url), 'utf8')).operations,
  // Newer than that model.
  'GetKeyLastUsage',
]

test.each(names)('%s is done, or refused by its name', async (name) => {
  const isDone = supportedOperations.some((operation) => operation.name === name)
  if (isDone) return
  const { call } = await openKms()
  expect(kmsOperations.has(name)).toBe(true)
  expect(name).toMatch(/CustomKeyStore/)
  expect(await refusal(call(name))).toBe(`UnsupportedOperationException: ${name} is not supported by this emulator.`)
})

test('a key has at most 50 aliases and 50 tags', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey({ Tags: tags(50) })
  expect(await refusal(call('TagResource', { KeyId: id, Tags: [{ TagKey: 'one', TagValue: 'more' }] }))).toBe(
    'TagException: Too many tags',
  )
  for (let count = 0; count < 50; count++) {
    await call('CreateAlias', { AliasName: `alias/a${count}`, TargetKeyId: id })
  }
  const more = refusal(call('CreateAlias', { AliasName: 'alias/more', TargetKeyId: id }))
  expect(await more).toContain('LimitExceededException')
})

test('an encryption context of 8192 characters is still taken', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  const EncryptionContext = { a: 'b'.repeat(8191) }
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext: bytes(1), EncryptionContext })
  expect(await call('Decrypt', { CiphertextBlob, EncryptionContext })).toMatchObject({ Plaintext: bytes(1) })
})

test('the key specs stand in the order in which AWS was recorded to name them; later ones are among them', async () => {
  const { call } = await openKms()
  const outcome = await refusal(call('CreateKey', { KeySpec: 'X' }))
  const named = /\[(.*)\]/.exec(outcome)?.[1]?.split(', ') ?? []
  const recorded =
    'RSA_2048 ECC_NIST_P384 ECC_NIST_P256 ECC_NIST_P521 HMAC_384 RSA_3072 ECC_SECG_P256K1 RSA_4096 SYMMETRIC_DEFAULT HMAC_256 HMAC_224 HMAC_512'
  expect(named.filter((name) => recorded.split(' ').includes(name)).join(' ')).toBe(recorded)
})

test.each([
  [false, 'RSA_2048', /only symmetric .* unless the emulator is started with --asymmetric-keys\.$/],
  [false, 'ML_DSA_44', /only symmetric .* can be created\.$/],
  [true, 'ML_DSA_44', /^UnsupportedOperationException: KeySpec ML_DSA_44 is not supported: no key of this key spec/],
  [true, 'SM2', /^UnsupportedOperationException: KeySpec SM2 is not supported: no key of this key spec/],
])('a refusal says what can be made: asymmetric keys %s, %s', async (asymmetricKeys, KeySpec, words) => {
  const { call } = await openKms({ asymmetricKeys })
  expect(await refusal(call('CreateKey', { KeySpec, KeyUsage: 'SIGN_VERIFY' }))).toMatch(words)
})

test.each([
  [false, 'only with the option --asymmetric-keys'],
  [true, 'while the emulator ran without the option --asymmetric-keys, or no such key can be made here'],
])('a declared key without material says why: asymmetric keys %s', async (asymmetricKeys, words) => {
  const { call, createKey } = await openKms({ asymmetricKeys })
  const { id, arn } = await createKey({ KeySpec: 'ML_DSA_44' }, { fixture: {} })
  const input = { KeyId: id, Message: bytes(1), SigningAlgorithm: 'ML_DSA_SHAKE_256' }
  const outcome = await refusal(call('Sign', input))
  expect(outcome).toContain(`UnsupportedOperationException: ${arn} (ML_DSA_44) has no key material: `)
  expect(outcome).toContain(words)
})
