import { expect, test } from '@jest/globals'
import { shapeOf } from '../../protocol/shapes.ts'
import { openKms, refusal } from '../kms.fixture.ts'
import { supportedOperations } from '../operations/index.ts'

/* What is refused first, where several things are wrong with a call. */

const plaintext = Buffer.from('a secret')
const wrongUses: [string, object][] = [
  ['Encrypt', { Plaintext: plaintext }],
  ['GenerateDataKey', { KeySpec: 'AES_256' }],
  ['GenerateDataKeyWithoutPlaintext', { KeySpec: 'AES_256' }],
  ['GenerateDataKeyPair', { KeyPairSpec: 'RSA_2048' }],
  ['GenerateDataKeyPairWithoutPlaintext', { KeyPairSpec: 'RSA_2048' }],
  ['Sign', { Message: plaintext, SigningAlgorithm: 'ECDSA_SHA_256' }],
  ['Verify', { Message: plaintext, SigningAlgorithm: 'ECDSA_SHA_256', Signature: plaintext }],
  ['DeriveSharedSecret', { KeyAgreementAlgorithm: 'ECDH', PublicKey: plaintext }],
]

test.each(wrongUses)('usage comes before state: a disabled HMAC key in %s', async (operation, input) => {
  const { call, createKey } = await openKms()
  const { id, arn } = await createKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  await call('DisableKey', { KeyId: id })
  expect(await refusal(call(operation, { KeyId: id, ...input }))).toBe(
    `InvalidKeyUsageException: ${arn} key usage is GENERATE_VERIFY_MAC which is not valid for ${operation}.`,
  )
})

test.each(['GenerateMac', 'VerifyMac'])(
  'usage comes before state: an encryption key pending deletion in %s',
  async (operation) => {
    const { call, createKey } = await openKms()
    const { id, arn } = await createKey()
    await call('ScheduleKeyDeletion', { KeyId: id })
    const input = { KeyId: id, Message: plaintext, MacAlgorithm: 'HMAC_SHA_256', Mac: plaintext }
    expect(await refusal(call(operation, input))).toBe(
      `InvalidKeyUsageException: ${arn} key usage is ENCRYPT_DECRYPT which is not valid for ${operation}.`,
    )
  },
)

test('the destination of ReEncrypt is looked at for its usage before its state', async () => {
  const { call, createKey } = await openKms()
  const source = await createKey()
  const { id, arn } = await createKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  const { CiphertextBlob } = await call('Encrypt', { KeyId: source.id, Plaintext: plaintext })
  await call('DisableKey', { KeyId: id })
  expect(await refusal(call('ReEncrypt', { CiphertextBlob, DestinationKeyId: id }))).toBe(
    `InvalidKeyUsageException: ${arn} key usage is GENERATE_VERIFY_MAC which is not valid for ReEncrypt.`,
  )
})

test.each([
  ['GenerateDataKey', { KeySpec: 'AES_256' }],
  ['GenerateDataKeyWithoutPlaintext', { NumberOfBytes: 32 }],
  ['GenerateDataKeyPair', { KeyPairSpec: 'RSA_2048' }],
  ['GenerateDataKeyPairWithoutPlaintext', { KeyPairSpec: 'RSA_2048' }],
])('%s under an RSA key has a sentence of its own, whatever the state of the key', async (operation, input) => {
  const { call, createKey } = await openKms({ asymmetricKeys: true })
  const { id } = await createKey({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })
  const words = 'InvalidKeyUsageException: You cannot generate a data key with an asymmetric CMK'
  expect(await refusal(call(operation, { KeyId: id, ...input }))).toBe(words)
  await call('DisableKey', { KeyId: id })
  expect(await refusal(call(operation, { KeyId: id, ...input }))).toBe(words)
})

const withKeyId = supportedOperations.filter(({ input }) => 'KeyId' in (input.description.members ?? {}))
const withoutAliases = withKeyId.filter(({ takesAliases }) => !takesAliases).map(({ name }) => name)

test('aliases are taken by cryptographic operations, DescribeKey and GetPublicKey alone', () => {
  const taking = supportedOperations.filter(({ takesAliases }) => takesAliases).map(({ name }) => name)
  expect(taking).toEqual([
    'Decrypt',
    'DeriveSharedSecret',
    'DescribeKey',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'GenerateDataKeyWithoutPlaintext',
    'GenerateMac',
    'GetPublicKey',
    'ReEncrypt',
    'Sign',
    'Verify',
    'VerifyMac',
  ])
  expect(withoutAliases.length).toBeGreaterThan(20)
})

test.each(withoutAliases)('%s refuses an alias before it misses a member or finds another fault', async (operation) => {
  const { call } = await openKms()
  const words = 'InvalidArnException: Key Aliases are not supported for this operation.'
  for (const KeyId of ['alias/app', 'arn:aws:kms:us-east-1:111122223333:alias/app', `alias/${'a'.repeat(2048)}`]) {
    expect(await refusal(call(operation, { KeyId }))).toBe(words)
    expect(await refusal(call(operation, { KeyId, PolicyName: '', Limit: 0, GranteePrincipal: '?' }))).toBe(words)
  }
})

test('what is no input of the operation at all is told before an alias', async () => {
  const { call } = await openKms()
  const outcome = await refusal(call('PutKeyPolicy', { KeyId: 'alias/app', Policy: 7 }))
  expect(outcome).toContain('SerializationException')
})

const keyMembers = ['KeyId', 'TargetKeyId', 'SourceKeyId', 'DestinationKeyId']
const identifying = supportedOperations.flatMap(({ name, input }) =>
  Object.entries(input.description.members ?? {})
    .filter(([member, shape]) => keyMembers.includes(member) && shapeOf(shape).description.max === 2048)
    .map(([member]) => [name, member] as const),
)

test.each(identifying)('%s takes ASCII alone as its %s', async (operation, member) => {
  const { call } = await openKms()
  const name = member.charAt(0).toLowerCase() + member.slice(1)
  const outcome = await refusal(call(operation, { [member]: 'schlüssel' }))
  expect(outcome).toContain('ValidationException: ')
  expect(outcome).toContain(
    `Value 'schlüssel' at '${name}' failed to satisfy constraint: Member must satisfy regular expression pattern: ^\\p{ASCII}+$`,
  )
})
