import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import {
  CreateKeyCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from './emulator.ts'

const day = 24 * 3600 * 1000
const Plaintext = Buffer.from('under a key of one’s own')
let journey: Journey

beforeAll(async () => {
  journey = await startJourney({}, 'standing')
})

afterAll(() => journey.stop())

async function createExternalKey(): Promise<string> {
  const { KeyMetadata } = await journey.kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))
  expect(KeyMetadata).toMatchObject({ KeyState: 'PendingImport', Origin: 'EXTERNAL', Enabled: false })
  return KeyMetadata?.Arn ?? ''
}

/** Wraps and imports as the KMS Developer Guide describes it: an AES key under RSA-OAEP, the material under the AES key. */
async function bring(KeyId: string, material: Buffer, more: Partial<ImportKeyMaterialCommandInput> = {}) {
  const { PublicKey, ImportToken } = await journey.kms.send(
    new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: 'RSA_AES_KEY_WRAP_SHA_256',
      WrappingKeySpec: 'RSA_3072',
    }),
  )
  const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' })
  const wrappingKey = randomBytes(32)
  const cipher = createCipheriv('id-aes256-wrap-pad', wrappingKey, Buffer.from('a65959a6', 'hex'))
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const EncryptedKeyMaterial = Buffer.concat([
    publicEncrypt({ key, padding, oaepHash: 'sha256' }, wrappingKey),
    cipher.update(material),
    cipher.final(),
  ])
  const expiration = more.ValidTo ? {} : ({ ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const)
  return journey.kms.send(
    new ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial, ...expiration, ...more }),
  )
}

async function stateOf(KeyId: string) {
  const { KeyMetadata } = await journey.kms.send(new DescribeKeyCommand({ KeyId }))
  return KeyMetadata?.KeyState
}

test('S3 seals with an imported key, cannot read while its material is away, and can again when it is back', async () => {
  const KeyId = await createExternalKey()
  const Bucket = await journey.createBucket('imported')
  const material = randomBytes(32)
  await bring(KeyId, material)
  const sse = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyId } as const
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'hello', ...sse }))
  await journey.kms.send(new DeleteImportedKeyMaterialCommand({ KeyId }))
  expect(await stateOf(KeyId)).toBe('PendingImport')
  const failure = await failureOf(journey.s3.send(new GetObjectCommand({ Bucket, Key: 'a' })))
  expect(failure).toMatchObject({ code: 'KMS.KMSInvalidStateException', message: `${KeyId} is pending import.` })
  await bring(KeyId, material)
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key: 'a' }))
  expect(await Body?.transformToString()).toBe('hello')
})

test('material expires by the clock', async () => {
  const KeyId = await createExternalKey()
  const ValidTo = new Date(Math.ceil((journey.ambient.now() + day) / 1000) * 1000)
  const material = randomBytes(32)
  await bring(KeyId, material, { ValidTo })
  const { KeyMetadata } = await journey.kms.send(new DescribeKeyCommand({ KeyId }))
  expect(KeyMetadata).toMatchObject({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo })
  const { CiphertextBlob } = await journey.kms.send(new EncryptCommand({ KeyId, Plaintext }))
  journey.turn(2 * day)
  expect(await stateOf(KeyId)).toBe('PendingImport')
  await bring(KeyId, material)
  const opened = await journey.kms.send(new DecryptCommand({ CiphertextBlob }))
  expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext)
})

test('other material is refused, unless it is brought as new, to be rotated to', async () => {
  const KeyId = await createExternalKey()
  const first = await bring(KeyId, randomBytes(32))
  expect(await failureOf(bring(KeyId, randomBytes(32)))).toMatchObject({ code: 'IncorrectKeyMaterialException' })
  const second = await bring(KeyId, randomBytes(32), { ImportType: 'NEW_KEY_MATERIAL' })
  const { CiphertextBlob } = await journey.kms.send(new EncryptCommand({ KeyId, Plaintext }))
  await journey.kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  journey.turn(3 * 60 * 1000)
  const { KeyMetadata } = await journey.kms.send(new DescribeKeyCommand({ KeyId }))
  expect(KeyMetadata?.CurrentKeyMaterialId).toBe(second.KeyMaterialId)
  const opened = await journey.kms.send(new DecryptCommand({ CiphertextBlob }))
  expect(opened.KeyMaterialId).toBe(first.KeyMaterialId)
})

test('the trail has the import, and nothing of what was imported', async () => {
  const KeyId = await createExternalKey()
  const material = randomBytes(32)
  const during = await journey.kmsCallsDuring(() => bring(KeyId, material))
  // The sweeper may tell of other tests' material at any moment.
  const calls = during.filter(({ eventType }) => eventType === 'AwsApiCall')
  expect(calls.map(({ eventName }) => eventName)).toEqual(['GetParametersForImport', 'ImportKeyMaterial'])
  expect(calls[1]?.responseElements).toMatchObject({ keyId: KeyId })
  expect(JSON.stringify(calls)).not.toMatch(/importToken|encryptedKeyMaterial/i)
})
