import { expect, test } from '@jest/globals'
import { accountId, openKms, refusal, region } from '../kms.fixture.ts'

test('the metadata of a new key is what AWS shows', async () => {
  const { call } = await openKms()
  const { KeyMetadata } = await call('CreateKey', { Description: 'mine' })
  expect(KeyMetadata).toEqual({
    AWSAccountId: accountId,
    KeyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    Arn: expect.stringMatching(`^arn:aws:kms:${region}:${accountId}:key/[0-9a-f-]{36}$`),
    CreationDate: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000,
    Enabled: true,
    Description: 'mine',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: 'Enabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
    CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
})

test.each([
  [{ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }, 'UnsupportedOperationException: KeySpec RSA_2048 is not supp'],
  [{ CustomerMasterKeySpec: 'ECC_NIST_P256' }, 'UnsupportedOperationException: KeySpec ECC_NIST_P256 is not supp'],
  [
    { KeySpec: 'HMAC_256' },
    'ValidationException: You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
  ],
  [
    { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: 'c' },
    'UnsupportedOperationException: Custom key stores are not supported.',
  ],
  [
    { KeyUsage: 'SIGN_VERIFY' },
    'ValidationException: KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT',
  ],
  [{ KeySpec: 'AES' }, "ValidationException: 1 validation error detected: Value 'AES' at 'keySpec' failed"],
  [{ Policy: 'x' }, 'MalformedPolicyDocumentException: '],
  [{ Tags: [{ TagKey: 'aws:x', TagValue: '' }] }, 'TagException: Tags beginning with aws: are reserved'],
])('CreateKey refuses %j', async (input, words) => {
  const { call } = await openKms()
  expect(await refusal(call('CreateKey', input))).toContain(words)
  expect(await call('ListKeys')).toEqual({ Keys: [], Truncated: false })
})

test('a fixture declares a key with a fixed id, once', async () => {
  const { call, createKey } = await openKms()
  const keyId = '11111111-2222-4333-8444-555555555555'
  expect((await createKey({}, { fixture: { keyId } })).id).toBe(keyId)
  expect(await refusal(call('CreateKey', {}, { fixture: { keyId } }))).toContain('AlreadyExistsException')
  expect(await refusal(call('CreateKey', {}, { fixture: { keyId: 'x' } }))).toContain('ValidationException')
})

test.each([
  ['RSA_2048', 'ENCRYPT_DECRYPT', 'EncryptionAlgorithms'],
  ['ECC_NIST_P256', 'SIGN_VERIFY', 'SigningAlgorithms'],
  ['HMAC_256', 'GENERATE_VERIFY_MAC', 'MacAlgorithms'],
])('a fixture declares a key of spec %s, which nothing symmetric can be done with', async (KeySpec, usage, member) => {
  const { call, createKey } = await openKms()
  const { id, arn } = await createKey({ KeySpec }, { fixture: {} })
  const { KeyMetadata } = await call('DescribeKey', { KeyId: id })
  expect(KeyMetadata).toMatchObject({ KeySpec, KeyUsage: usage, [member]: expect.any(Array) })
  const dataKey = await refusal(call('GenerateDataKey', { KeyId: id, KeySpec: 'AES_256' }))
  const otherUsage = `${arn} key usage is ${usage} which is not valid for GenerateDataKey.`
  const asymmetric = 'You cannot generate a data key with an asymmetric CMK'
  expect(dataKey).toBe(`InvalidKeyUsageException: ${usage === 'ENCRYPT_DECRYPT' ? asymmetric : otherUsage}`)
  expect(await refusal(call('Encrypt', { KeyId: id, Plaintext: Buffer.of(1) }))).toContain('InvalidKeyUsageException')
  const symmetricKey = await createKey()
  const { CiphertextBlob } = await call('Encrypt', { KeyId: symmetricKey.id, Plaintext: Buffer.of(1) })
  expect(await refusal(call('Decrypt', { CiphertextBlob, KeyId: id }))).toContain('IncorrectKeyException')
})

test('ListKeys shows the keys of the account in the Region, page by page', async () => {
  const { call, createKey } = await openKms()
  const ids = new Set<string>()
  for (let index = 0; index < 5; index++) ids.add((await createKey()).id)
  await createKey({}, { region: 'eu-west-1' })
  const seen: unknown[] = []
  let Marker: unknown
  do {
    const page = await call('ListKeys', { Limit: 2, Marker })
    seen.push(...(page.Keys as { KeyId: string }[]).map(({ KeyId }) => KeyId))
    Marker = page.NextMarker
  } while (Marker)
  expect(seen).toEqual([...ids].sort())
  expect(await refusal(call('ListKeys', { Marker: '!' }))).toBe('InvalidMarkerException: ')
})

test('UpdateKeyDescription changes the description', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  await call('UpdateKeyDescription', { KeyId: id, Description: 'new' })
  expect(await call('DescribeKey', { KeyId: id })).toMatchObject({ KeyMetadata: { Description: 'new' } })
})

test('ScheduleKeyDeletion takes 7 to 30 days and tells the date', async () => {
  const { call, createKey, ambient, events } = await openKms()
  const { id, arn } = await createKey()
  const outside = (days: number) => refusal(call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: days }))
  expect(await outside(6)).toContain('Member must have value greater than or equal to 7')
  expect(await outside(31)).toContain('Member must have value less than or equal to 30')
  const DeletionDate = ambient.now() / 1000 + 30 * 24 * 3600
  const scheduled = await call('ScheduleKeyDeletion', { KeyId: id })
  expect(scheduled).toEqual({ KeyId: arn, DeletionDate, KeyState: 'PendingDeletion', PendingWindowInDays: 30 })
  const [event] = await events()
  expect(event?.responseElements).toEqual({
    keyId: arn,
    keyState: 'PendingDeletion',
    deletionDate: 'Feb 1, 2026, 3:04:05 AM',
  })
  expect(await call('DescribeKey', { KeyId: id })).toMatchObject({ KeyMetadata: { Enabled: false, DeletionDate } })
})

test('GetKeyRotationStatus says that nothing rotates', async () => {
  const { call, createKey } = await openKms()
  const { id, arn } = await createKey()
  expect(await call('GetKeyRotationStatus', { KeyId: id })).toEqual({ KeyId: arn, KeyRotationEnabled: false })
})

test('an operation that is not supported says so by name', async () => {
  const { call } = await openKms()
  const words = 'UnsupportedOperationException: CreateCustomKeyStore is not supported by this emulator.'
  expect(await refusal(call('CreateCustomKeyStore', { CustomKeyStoreName: 'x' }))).toBe(words)
})
