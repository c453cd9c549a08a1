import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { alice, openKms, refusal, region } from '../kms.fixture.ts'

const day = 24 * 3600 * 1000
const Plaintext = Buffer.from('a secret')
const forEver = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
type Algorithm = 'RSAES_OAEP_SHA_1' | 'RSAES_OAEP_SHA_256' | 'RSA_AES_KEY_WRAP_SHA_1' | 'RSA_AES_KEY_WRAP_SHA_256'

/** As a user's own program wraps key material. */
function wrap(publicKey: Buffer, algorithm: Algorithm, material: Buffer): Buffer {
  const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' })
  const oaepHash = algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256'
  const seal = (bytes: Buffer) => publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, bytes)
  if (algorithm.startsWith('RSAES')) return seal(material)
  const wrappingKey = randomBytes(32)
  const cipher = createCipheriv('id-aes256-wrap-pad', wrappingKey, Buffer.from('a65959a6', 'hex'))
  return Buffer.concat([seal(wrappingKey), cipher.update(material), cipher.final()])
}

async function openExternal(input: object = {}) {
  const kms = await openKms()
  const key = await kms.createKey({ Origin: 'EXTERNAL', ...input })
  const parameters = async (algorithm: Algorithm = 'RSAES_OAEP_SHA_256', spec = 'RSA_2048') => {
    const request = { KeyId: key.id, WrappingAlgorithm: algorithm, WrappingKeySpec: spec }
    const answer = await kms.call('GetParametersForImport', request)
    return { token: answer.ImportToken as Buffer, publicKey: answer.PublicKey as Buffer, answer }
  }
  const bring = async (material: Buffer, options: object = forEver) => {
    const { token, publicKey } = await parameters()
    const EncryptedKeyMaterial = wrap(publicKey, 'RSAES_OAEP_SHA_256', material)
    return kms.call('ImportKeyMaterial', { KeyId: key.id, ImportToken: token, EncryptedKeyMaterial, ...options })
  }
  const metadata = async () => {
    const { KeyMetadata } = await kms.call('DescribeKey', { KeyId: key.id })
    return KeyMetadata as Record<string, unknown>
  }
  const materials = async () => {
    const all = { KeyId: key.id, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }
    return (await kms.call('ListKeyRotations', all)).Rotations as Record<string, unknown>[]
  }
  return { ...kms, ...key, parameters, bring, metadata, materials }
}

test.each([
  ['RSAES_OAEP_SHA_1', 'RSA_2048'],
  ['RSAES_OAEP_SHA_256', 'RSA_3072'],
  ['RSA_AES_KEY_WRAP_SHA_1', 'RSA_2048'],
  ['RSA_AES_KEY_WRAP_SHA_256', 'RSA_4096'],
] as const)('material wrapped by %s under %s is the key’s own from then on', async (algorithm, spec) => {
  const { call, id, arn, metadata, parameters } = await openExternal()
  expect(await metadata()).toMatchObject({ Origin: 'EXTERNAL', KeyState: 'PendingImport', Enabled: false })
  const { token, publicKey } = await parameters(algorithm, spec)
  const EncryptedKeyMaterial = wrap(publicKey, algorithm, randomBytes(32))
  const imported = await call('ImportKeyMaterial', {
    KeyId: id,
    ImportToken: token,
    EncryptedKeyMaterial,
    ...forEver,
  })
  expect(imported).toEqual({ KeyId: arn, KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/) })
  expect(await metadata()).toMatchObject({
    KeyState: 'Enabled',
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    CurrentKeyMaterialId: imported.KeyMaterialId,
  })
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext })
  const opened = await call('Decrypt', { CiphertextBlob })
  expect(opened).toMatchObject({ Plaintext, KeyMaterialId: imported.KeyMaterialId })
})

test('expired material leaves the key in PendingImport; the same material brings it back', async () => {
  const { call, id, arn, ambient, bring, metadata, service, events } = await openExternal()
  const material = randomBytes(32)
  const ValidTo = (ambient.now() + day) / 1000
  const { KeyMaterialId } = await bring(material, { ValidTo })
  expect(await metadata()).toMatchObject({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo })
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext })
  ambient.turn(day)
  expect(await metadata()).toMatchObject({ KeyState: 'PendingImport' })
  const pending = `KMSInvalidStateException: ${arn} is pending import.`
  expect(await refusal(call('Decrypt', { CiphertextBlob }))).toBe(pending)
  await service.sweep()
  expect((await events())[0]).toMatchObject({ eventName: 'DeleteExpiredKeyMaterial', eventType: 'AwsServiceEvent' })
  expect(await refusal(bring(randomBytes(32)))).toContain('IncorrectKeyMaterialException')
  expect(await bring(material)).toEqual({ KeyId: arn, KeyMaterialId })
  expect(await call('Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext })
})

test('deleted material leaves the key in PendingImport, whether asked for once or twice', async () => {
  const { call, id, arn, bring, metadata } = await openExternal()
  expect(await call('DeleteImportedKeyMaterial', { KeyId: id })).toEqual({ KeyId: arn })
  const material = randomBytes(32)
  const { KeyMaterialId } = await bring(material)
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext })
  expect(await call('DeleteImportedKeyMaterial', { KeyId: id })).toEqual({ KeyId: arn, KeyMaterialId })
  expect(await call('DeleteImportedKeyMaterial', { KeyId: id })).toEqual({ KeyId: arn, KeyMaterialId })
  expect(await metadata()).toMatchObject({ KeyState: 'PendingImport' })
  await bring(material, { ...forEver, KeyMaterialId })
  expect(await call('Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext })
})

test('new material waits for RotateKeyOnDemand, and becomes the current one two seconds later', async () => {
  const { call, id, arn, ambient, bring, metadata, materials } = await openExternal()
  const first = await bring(randomBytes(32))
  const none = `KMSInvalidStateException: No available key material pending rotation for the key: ${arn}.`
  expect(await refusal(call('RotateKeyOnDemand', { KeyId: id }))).toBe(none)
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext })
  const newMaterial = { ...forEver, ImportType: 'NEW_KEY_MATERIAL' }
  const second = await bring(randomBytes(32), { ...newMaterial, KeyMaterialDescription: 'the second' })
  expect(await metadata()).toMatchObject({ CurrentKeyMaterialId: first.KeyMaterialId })
  expect(await materials()).toMatchObject([
    { KeyMaterialId: first.KeyMaterialId, KeyMaterialState: 'CURRENT', ImportState: 'IMPORTED' },
    {
      KeyMaterialId: second.KeyMaterialId,
      KeyMaterialState: 'PENDING_ROTATION',
      KeyMaterialDescription: 'the second',
    },
  ])
  const third = await refusal(bring(randomBytes(32), newMaterial))
  expect(third).toContain(`cannot be imported into KMS key ${id}, because another key material (id: `)
  expect(third).toContain(`${second.KeyMaterialId}) is pending rotation.`)
  await call('RotateKeyOnDemand', { KeyId: id })
  ambient.turn(2000)
  expect(await metadata()).toMatchObject({ CurrentKeyMaterialId: second.KeyMaterialId, KeyState: 'Enabled' })
  expect(await call('Decrypt', { CiphertextBlob })).toMatchObject({ KeyMaterialId: first.KeyMaterialId })
  await call('DeleteImportedKeyMaterial', { KeyId: id, KeyMaterialId: first.KeyMaterialId })
  expect(await metadata()).toMatchObject({ KeyState: 'PendingImport' })
})

test('material that waits for its rotation is deleted without a trace', async () => {
  const { call, id, bring, metadata, materials } = await openExternal()
  await bring(randomBytes(32))
  const waiting = await bring(randomBytes(32), { ...forEver, ImportType: 'NEW_KEY_MATERIAL' })
  await call('DeleteImportedKeyMaterial', { KeyId: id, KeyMaterialId: waiting.KeyMaterialId })
  expect(await metadata()).toMatchObject({ KeyState: 'Enabled' })
  expect(await materials()).toHaveLength(1)
})

test('a token is good for its key, for 24 hours of the clock', async () => {
  const { call, createKey, id, ambient, parameters } = await openExternal()
  const { token, publicKey, answer } = await parameters()
  expect(answer.ParametersValidTo).toBe((ambient.now() + day) / 1000)
  const EncryptedKeyMaterial = wrap(publicKey, 'RSAES_OAEP_SHA_256', randomBytes(32))
  const input = { ImportToken: token, EncryptedKeyMaterial, ...forEver }
  const other = await createKey({ Origin: 'EXTERNAL' })
  const foreign = await refusal(call('ImportKeyMaterial', { KeyId: other.id, ...input }))
  expect(foreign).toBe('InvalidImportTokenException: ')
  const made = { KeyId: id, ...input, ImportToken: randomBytes(33) }
  expect(await refusal(call('ImportKeyMaterial', made))).toBe('InvalidImportTokenException: ')
  ambient.turn(day)
  expect(await refusal(call('ImportKeyMaterial', { KeyId: id, ...input }))).toBe('ExpiredImportTokenException: ')
})

test('a token outlives a restart', async () => {
  const { database, ambient, trail, id, parameters } = await openExternal()
  const { token, publicKey } = await parameters()
  const EncryptedKeyMaterial = wrap(publicKey, 'RSAES_OAEP_SHA_256', randomBytes(32))
  const { KmsService } = await import('../service.ts')
  const { openRootKey } = await import('../../root-key.ts')
  const again = new KmsService({ database, ambient, trail, rootKey: await openRootKey(database, ambient) })
  const from = { caller: alice, region, clientAddress: '', userAgent: '', secure: false, requestId: 'r' }
  const input = {
    KeyId: id,
    ImportToken: token.toString('base64'),
    EncryptedKeyMaterial: EncryptedKeyMaterial.toString('base64'),
    ...forEver,
  }
  expect(await again.invoke('ImportKeyMaterial', input, from)).toMatchObject({ KeyMaterialId: expect.any(String) })
})

test('what is not wrapped rightly, or not of the right length, is refused', async () => {
  const { call, id, bring, parameters } = await openExternal()
  const { token } = await parameters()
  const garbage = { KeyId: id, ImportToken: token, EncryptedKeyMaterial: randomBytes(256), ...forEver }
  expect(await refusal(call('ImportKeyMaterial', garbage))).toBe('InvalidCiphertextException: ')
  expect(await refusal(bring(randomBytes(16)))).toContain('IncorrectKeyMaterialException')
})

test.each([
  [{}, 'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES'],
  [{ ExpirationModel: 'KEY_MATERIAL_EXPIRES' }, 'A validTo date must be set if'],
  [{ ...forEver, ValidTo: 2_000_000_000 }, 'A validTo date must not be set if'],
  [{ ValidTo: 1 }, "'validTo' failed to satisfy constraint"],
  [{ ValidTo: 4_000_000_000 }, "'validTo' failed to satisfy constraint"],
  [{ ...forEver, ImportType: 'NEW_KEY_MATERIAL', KeyMaterialId: 'a'.repeat(64) }, 'A keyMaterialId must not be set'],
])('ImportKeyMaterial refuses %j', async (options, words) => {
  const { call, id } = await openExternal()
  const input = { KeyId: id, ImportToken: Buffer.of(1), EncryptedKeyMaterial: Buffer.of(1), ...options }
  const outcome = await refusal(call('ImportKeyMaterial', input))
  expect(outcome).toContain('ValidationException: ')
  expect(outcome).toContain(words)
})

test('a key whose material KMS made takes none', async () => {
  const { call, createKey } = await openKms()
  const { id, arn } = await createKey()
  const request = { KeyId: id, WrappingAlgorithm: 'RSAES_OAEP_SHA_1', WrappingKeySpec: 'RSA_2048' }
  const words = `UnsupportedOperationException: ${arn} origin is AWS_KMS which is not valid for this operation.`
  expect(await refusal(call('GetParametersForImport', request))).toBe(words)
  expect(await refusal(call('DeleteImportedKeyMaterial', { KeyId: id }))).toBe(words)
  const input = { KeyId: id, ImportToken: Buffer.of(1), EncryptedKeyMaterial: Buffer.of(1), ...forEver }
  expect(await refusal(call('ImportKeyMaterial', input))).toBe(words)
})

test('an EXTERNAL key does not rotate by itself', async () => {
  const { call, id, arn, bring } = await openExternal()
  const words = `UnsupportedOperationException: ${arn} origin is EXTERNAL which is not valid for this operation.`
  for (const operation of ['EnableKeyRotation', 'DisableKeyRotation', 'GetKeyRotationStatus']) {
    expect(await refusal(call(operation, { KeyId: id }))).toBe(words)
  }
  expect(await refusal(call('RotateKeyOnDemand', { KeyId: id }))).toBe(
    `KMSInvalidStateException: ${arn} is pending import.`,
  )
  await bring(randomBytes(32))
  expect(await refusal(call('EnableKeyRotation', { KeyId: id }))).toBe(words)
  expect(await call('GetKeyRotationStatus', { KeyId: id })).toEqual({ KeyId: arn, KeyRotationEnabled: false })
})

test('an HMAC key takes material of its own length, and never another', async () => {
  const { call, id, bring } = await openExternal({ KeySpec: 'HMAC_512', KeyUsage: 'GENERATE_VERIFY_MAC' })
  expect(await refusal(bring(randomBytes(32)))).toContain('IncorrectKeyMaterialException')
  await bring(randomBytes(64))
  const input = { KeyId: id, Message: Plaintext, MacAlgorithm: 'HMAC_SHA_512' }
  expect(await call('GenerateMac', input)).toMatchObject({ MacAlgorithm: 'HMAC_SHA_512' })
  const another = refusal(bring(randomBytes(64), { ...forEver, ImportType: 'NEW_KEY_MATERIAL' }))
  expect(await another).toContain('IncorrectKeyMaterialException')
})

test('imported material lies sealed in the store', async () => {
  const { database, bring } = await openExternal()
  const material = randomBytes(32)
  await bring(material)
  const { recordKind } = await import('../../store/keyspace.ts')
  const stored: string[] = []
  for await (const { value } of database.entries(recordKind<object>()('keyMaterial', ['string', 'string']))) {
    stored.push(JSON.stringify(value))
  }
  expect(stored).toHaveLength(1)
  expect(stored.join()).not.toContain(material.toString('base64'))
})

test('A ValidTo that no date has is refused before a policy asks for it', async () => {
  const { bring, declare, events } = await openExternal()
  const soon = { DateLessThan: { 'kms:ValidTo': '2030-01-01T00:00:00Z' } }
  await declare(
    alice.arn,
    { Effect: 'Allow', Action: 'kms:GetParametersForImport', Resource: '*' },
    { Effect: 'Allow', Action: 'kms:ImportKeyMaterial', Resource: '*', Condition: soon },
  )
  expect(await refusal(bring(randomBytes(32), { ValidTo: 1e300 }))).toContain('SerializationException')
  expect((await events())[0]).toMatchObject({ errorCode: 'SerializationException', requestParameters: null })
})
