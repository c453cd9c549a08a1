import {
  constants,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  publicEncrypt,
  verify as verifyMessage,
} from 'node:crypto'
import { expect, test } from '@jest/globals'
import { openKms, refusal } from '../kms.fixture.ts'

const Message = Buffer.from('to be signed')
const open = () => openKms({ asymmetricKeys: true })

function publicKeyFrom(answer: Record<string, unknown>) {
  return createPublicKey({ key: answer.PublicKey as Buffer, format: 'der', type: 'spki' })
}

test.each([
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256'],
  ['RSA_2048', 'RSASSA_PSS_SHA_512'],
  ['ECC_NIST_P256', 'ECDSA_SHA_256'],
  ['ECC_NIST_P384', 'ECDSA_SHA_384'],
  ['ECC_NIST_P521', 'ECDSA_SHA_512'],
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256'],
  ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512'],
])('a %s key signs with %s, and anybody verifies it with the public key', async (KeySpec, SigningAlgorithm) => {
  const { call, createKey } = await open()
  const { id, arn } = await createKey({ KeySpec, KeyUsage: 'SIGN_VERIFY' })
  const { Signature, ...rest } = await call('Sign', { KeyId: id, Message, SigningAlgorithm })
  expect(rest).toEqual({ KeyId: arn, SigningAlgorithm })
  const checked = { KeyId: id, Message, SigningAlgorithm, Signature }
  expect(await call('Verify', checked)).toEqual({ KeyId: arn, SignatureValid: true, SigningAlgorithm })
  const wrong = refusal(call('Verify', { ...checked, Message: Buffer.from('other') }))
  expect(await wrong).toBe('KMSInvalidSignatureException: ')
  const answer = await call('GetPublicKey', { KeyId: id })
  expect(answer).toMatchObject({ KeyId: arn, KeySpec, KeyUsage: 'SIGN_VERIFY' })
  expect(answer.SigningAlgorithms).toContain(SigningAlgorithm)
  const hash = SigningAlgorithm.startsWith('ED') ? null : `sha${SigningAlgorithm.slice(-3)}`
  const padding = SigningAlgorithm.includes('PSS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : {}
  const key = { key: publicKeyFrom(answer), ...padding }
  expect(verifyMessage(hash, Message, key, Signature as Buffer)).toBe(true)
})

test('a digest is signed as what it is, and only in its right length', async () => {
  const { call, createKey } = await open()
  const { id } = await createKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
  const digest = createHash('sha256').update(Message).digest()
  const common = { KeyId: id, SigningAlgorithm: 'ECDSA_SHA_256' }
  const { Signature } = await call('Sign', { ...common, Message: digest, MessageType: 'DIGEST' })
  expect(await call('Verify', { ...common, Message, Signature })).toMatchObject({ SignatureValid: true })
  expect(await refusal(call('Sign', { ...common, Message, MessageType: 'DIGEST' }))).toBe(
    'ValidationException: Digest is invalid length for algorithm ECDSA_SHA_256.',
  )
  const other = { ...common, Message, SigningAlgorithm: 'ECDSA_SHA_384' }
  expect(await refusal(call('Sign', other))).toBe(
    'InvalidKeyUsageException: Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256.',
  )
})

test.each([
  ['RSAES_OAEP_SHA_1', 214, 'sha1'],
  ['RSAES_OAEP_SHA_256', 190, 'sha256'],
])('an RSA key encrypts with %s up to %i bytes, here and elsewhere', async (EncryptionAlgorithm, longest, oaepHash) => {
  const { call, createKey } = await open()
  const { id, arn } = await createKey({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })
  const Plaintext = Buffer.alloc(longest, 7)
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext, EncryptionAlgorithm })
  const opened = await call('Decrypt', { KeyId: id, CiphertextBlob, EncryptionAlgorithm })
  expect(opened).toMatchObject({ KeyId: arn, Plaintext, EncryptionAlgorithm })
  expect(opened.KeyMaterialId).toBeUndefined()
  const key = publicKeyFrom(await call('GetPublicKey', { KeyId: id }))
  const elsewhere = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, Plaintext)
  const again = await call('Decrypt', { KeyId: id, CiphertextBlob: elsewhere, EncryptionAlgorithm })
  expect(again).toMatchObject({ Plaintext })
  const tooLong = { KeyId: id, Plaintext: Buffer.alloc(longest + 1), EncryptionAlgorithm }
  expect(await refusal(call('Encrypt', tooLong))).toBe(
    `ValidationException: Algorithm ${EncryptionAlgorithm} and key spec RSA_2048 cannot encrypt data larger than ${longest} bytes.`,
  )
})

test('an RSA key wants its algorithm, takes no context, and its ciphertext names no key', async () => {
  const { call, createKey } = await open()
  const { id } = await createKey({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })
  const Plaintext = Buffer.from('a secret')
  const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256'
  expect(await refusal(call('Encrypt', { KeyId: id, Plaintext }))).toBe(
    'InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.',
  )
  const withContext = { KeyId: id, Plaintext, EncryptionAlgorithm, EncryptionContext: { a: 'b' } }
  expect(await refusal(call('Encrypt', withContext))).toContain('ValidationException')
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext, EncryptionAlgorithm })
  expect(await refusal(call('Decrypt', { CiphertextBlob, EncryptionAlgorithm }))).toContain('InvalidCiphertextExc')
  const bent = Buffer.from(CiphertextBlob as Buffer).reverse()
  const decrypted = refusal(call('Decrypt', { KeyId: id, CiphertextBlob: bent, EncryptionAlgorithm }))
  expect(await decrypted).toBe('InvalidCiphertextException: ')
})

test('ReEncrypt goes from a symmetric key to an RSA key and back', async () => {
  const { call, createKey } = await open()
  const rsa = await createKey({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })
  const symmetric = await createKey()
  const Plaintext = Buffer.from('a secret')
  const algorithm = 'RSAES_OAEP_SHA_256'
  const first = await call('Encrypt', { KeyId: symmetric.id, Plaintext })
  const moved = await call('ReEncrypt', {
    CiphertextBlob: first.CiphertextBlob,
    DestinationKeyId: rsa.id,
    DestinationEncryptionAlgorithm: algorithm,
  })
  expect(moved).toMatchObject({
    KeyId: rsa.arn,
    SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    DestinationEncryptionAlgorithm: algorithm,
  })
  const back = await call('ReEncrypt', {
    CiphertextBlob: moved.CiphertextBlob,
    SourceKeyId: rsa.id,
    SourceEncryptionAlgorithm: algorithm,
    DestinationKeyId: symmetric.id,
  })
  expect(await call('Decrypt', { CiphertextBlob: back.CiphertextBlob })).toMatchObject({ Plaintext })
})

test.each(['ECC_NIST_P256', 'ECC_NIST_P384', 'ECC_NIST_P521'])(
  'two %s keys derive the same secret',
  async (KeySpec) => {
    const { call, createKey } = await open()
    const [one, other] = [
      await createKey({ KeySpec, KeyUsage: 'KEY_AGREEMENT' }),
      await createKey({ KeySpec, KeyUsage: 'KEY_AGREEMENT' }),
    ]
    const derive = async (KeyId: string, peer: string) => {
      const { PublicKey } = await call('GetPublicKey', { KeyId: peer })
      return call('DeriveSharedSecret', { KeyId, PublicKey, KeyAgreementAlgorithm: 'ECDH' })
    }
    const secret = await derive(one.id, other.id)
    expect(secret).toMatchObject({ KeyId: one.arn, KeyAgreementAlgorithm: 'ECDH', KeyOrigin: 'AWS_KMS' })
    expect((await derive(other.id, one.id)).SharedSecret).toEqual(secret.SharedSecret)
    const foreign = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    const PublicKey = foreign.publicKey.export({ type: 'spki', format: 'der' })
    for (const wrong of [PublicKey, Buffer.from('no key')]) {
      const input = { KeyId: one.id, PublicKey: wrong, KeyAgreementAlgorithm: 'ECDH' }
      expect(await refusal(call('DeriveSharedSecret', input))).toContain('ValidationException')
    }
  },
)

test('somebody without KMS derives the same secret', async () => {
  const { call, createKey } = await open()
  const { id } = await createKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' })
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const PublicKey = publicKey.export({ type: 'spki', format: 'der' })
  const { SharedSecret } = await call('DeriveSharedSecret', { KeyId: id, PublicKey, KeyAgreementAlgorithm: 'ECDH' })
  const own = diffieHellman({ privateKey, publicKey: publicKeyFrom(await call('GetPublicKey', { KeyId: id })) })
  expect(SharedSecret).toEqual(own)
})

test('asymmetric keys do not rotate, and their usage must be said and fit', async () => {
  const { call, createKey } = await open()
  expect(await refusal(call('CreateKey', { KeySpec: 'RSA_2048' }))).toContain('You must specify a KeyUsage value')
  expect(await refusal(call('CreateKey', { KeySpec: 'RSA_2048', KeyUsage: 'KEY_AGREEMENT' }))).toBe(
    'ValidationException: KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048',
  )
  const { id } = await createKey({ KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'SIGN_VERIFY' })
  expect(await refusal(call('EnableKeyRotation', { KeyId: id }))).toBe('UnsupportedOperationException: ')
  for (const KeySpec of ['ML_DSA_44', 'SM2']) {
    const outcome = await refusal(call('CreateKey', { KeySpec, KeyUsage: 'SIGN_VERIFY' }))
    expect(outcome).toContain(`UnsupportedOperationException: KeySpec ${KeySpec} is not supported`)
  }
})

test.each(['RSA_2048', 'ECC_NIST_P521', 'ECC_SECG_P256K1', 'ECC_NIST_EDWARDS25519'])(
  'a %s data key pair: the private half comes back from its ciphertext; no option is needed',
  async (KeyPairSpec) => {
    const { call, createKey } = await openKms()
    const { id, arn } = await createKey()
    const EncryptionContext = { tenant: 'a' }
    const made = await call('GenerateDataKeyPair', { KeyId: id, KeyPairSpec, EncryptionContext })
    expect(made).toMatchObject({ KeyId: arn, KeyPairSpec, KeyMaterialId: expect.any(String) })
    const CiphertextBlob = made.PrivateKeyCiphertextBlob
    const opened = await call('Decrypt', { CiphertextBlob, EncryptionContext })
    expect(opened.Plaintext).toEqual(made.PrivateKeyPlaintext)
    const { publicKeyOf } = await import('../material/private-keys.ts')
    expect(publicKeyOf(opened.Plaintext as Buffer)).toEqual(made.PublicKey)
    const without = await call('GenerateDataKeyPairWithoutPlaintext', { KeyId: id, KeyPairSpec })
    expect(Object.keys(without).sort()).toEqual(
      ['KeyId', 'KeyMaterialId', 'KeyPairSpec', 'PrivateKeyCiphertextBlob', 'PublicKey'].sort(),
    )
  },
)

test('without the option asymmetric keys are refused, and the refusal names it', async () => {
  const { call } = await openKms()
  const outcome = await refusal(call('CreateKey', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }))
  expect(outcome).toContain('UnsupportedOperationException: KeySpec RSA_2048 is not supported')
  expect(outcome).toContain('--asymmetric-keys')
})

test('no event shows a message, a signature, a secret or a private key', async () => {
  const { call, createKey, events } = await open()
  const { id } = await createKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
  const { Signature } = await call('Sign', { KeyId: id, Message, SigningAlgorithm: 'ECDSA_SHA_256' })
  const symmetric = await createKey()
  const pair = await call('GenerateDataKeyPair', { KeyId: symmetric.id, KeyPairSpec: 'ECC_NIST_P256' })
  const text = JSON.stringify(await events())
  const secrets = [Message, Signature, pair.PrivateKeyPlaintext, pair.PrivateKeyCiphertextBlob]
  for (const secret of secrets) expect(text).not.toContain(Buffer.from(secret as Buffer).toString('base64'))
})
