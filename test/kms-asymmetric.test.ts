import { createPublicKey, verify } from 'node:crypto'
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DeriveSharedSecretCommand,
  EncryptCommand,
  GenerateDataKeyPairCommand,
  GetPublicKeyCommand,
  SignCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from './emulator.ts'

const Message = Buffer.from('to be signed')
let journey: Journey

beforeAll(async () => {
  journey = await startJourney({ asymmetricKeys: true })
})

afterAll(() => journey.stop())

async function create(KeySpec: CreateKeyCommandInput['KeySpec'], KeyUsage: CreateKeyCommandInput['KeyUsage']) {
  const { KeyMetadata } = await journey.kms.send(new CreateKeyCommand({ KeySpec, KeyUsage }))
  return KeyMetadata?.Arn ?? ''
}

test('a signature is verified by KMS, and by anybody with the public key', async () => {
  const KeyId = await create('ECC_NIST_P256', 'SIGN_VERIFY')
  const signing = { KeyId, Message, SigningAlgorithm: 'ECDSA_SHA_256' } as const
  const { Signature } = await journey.kms.send(new SignCommand(signing))
  const verified = await journey.kms.send(new VerifyCommand({ ...signing, Signature }))
  expect(verified.SignatureValid).toBe(true)
  const { PublicKey } = await journey.kms.send(new GetPublicKeyCommand({ KeyId }))
  const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' })
  expect(verify('sha256', Message, key, Buffer.from(Signature ?? []))).toBe(true)
  const wrong = new VerifyCommand({ ...signing, Message: Buffer.from('other'), Signature })
  expect(await failureOf(journey.kms.send(wrong))).toMatchObject({ code: 'KMSInvalidSignatureException' })
})

test('RSA encrypts and decrypts', async () => {
  const KeyId = await create('RSA_2048', 'ENCRYPT_DECRYPT')
  const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256' as const
  const { CiphertextBlob } = await journey.kms.send(
    new EncryptCommand({ KeyId, Plaintext: Message, EncryptionAlgorithm }),
  )
  const { Plaintext } = await journey.kms.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm }))
  expect(Buffer.from(Plaintext ?? [])).toEqual(Message)
})

test('two keys agree on a secret', async () => {
  const [one, other] = [await create('ECC_NIST_P384', 'KEY_AGREEMENT'), await create('ECC_NIST_P384', 'KEY_AGREEMENT')]
  const derive = async (KeyId: string, peer: string) => {
    const { PublicKey } = await journey.kms.send(new GetPublicKeyCommand({ KeyId: peer }))
    const command = new DeriveSharedSecretCommand({ KeyId, PublicKey, KeyAgreementAlgorithm: 'ECDH' })
    return (await journey.kms.send(command)).SharedSecret
  }
  expect(await derive(one, other)).toEqual(await derive(other, one))
})

test('a data key pair under a symmetric key', async () => {
  const KeyId = await journey.createKey()
  const pair = await journey.kms.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }))
  const opened = await journey.kms.send(new DecryptCommand({ CiphertextBlob: pair.PrivateKeyCiphertextBlob }))
  expect(opened.Plaintext).toEqual(pair.PrivateKeyPlaintext)
})

test('S3 refuses them', async () => {
  const Bucket = await journey.createBucket('asymmetric')
  for (const key of [await create('RSA_2048', 'ENCRYPT_DECRYPT'), await create('ECC_NIST_P256', 'SIGN_VERIFY')]) {
    const put = new PutObjectCommand({ Bucket, Key: 'a', Body: 'a', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key })
    const failure = await failureOf(journey.s3.send(put))
    expect(failure).toMatchObject({ code: 'KMS.InvalidKeyUsageException', status: 400 })
  }
})
