import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import type { KeySpec } from '../keys/key-specs.ts'
import {
  decryptRsa,
  encryptRsa,
  hasKeyPair,
  isPrivateKeyOf,
  isRsaEncryption,
  longestPlaintext,
  PrivateKeyMaker,
  publicKeyOf,
  readPrivateKey,
  readPublicKey,
  sharedSecret,
} from './private-keys.ts'

const maker = new PrivateKeyMaker()

const quickSpecs: KeySpec[] = [
  'RSA_2048',
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'ECC_NIST_EDWARDS25519',
]

test('Pairs can be made for these specs and no others', () => {
  for (const spec of [...quickSpecs, 'RSA_3072', 'RSA_4096'] as const) expect(hasKeyPair(spec)).toBe(true)
  for (const spec of ['SYMMETRIC_DEFAULT', 'HMAC_256'] as const) expect(hasKeyPair(spec)).toBe(false)
})

test('A private key is one of its spec and of no other, and garbage is of none', async () => {
  const keys = await Promise.all(quickSpecs.map((spec) => maker.make(spec)))
  for (const [index, key] of keys.entries()) {
    const fitting = [...quickSpecs, 'RSA_3072' as const].filter((spec) => isPrivateKeyOf(spec, key))
    expect(fitting).toEqual([quickSpecs[index]])
  }
  expect(quickSpecs.some((spec) => isPrivateKeyOf(spec, randomBytes(100)))).toBe(false)
  expect(isPrivateKeyOf('SYMMETRIC_DEFAULT', keys[5] ?? Buffer.alloc(0))).toBe(false)
})

test('A public key is read, and other bytes are none', async () => {
  const spki = publicKeyOf(await maker.make('ECC_NIST_P256'))
  expect(readPublicKey(spki)?.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
  expect(readPublicKey(spki.subarray(1))).toBeUndefined()
})

test('RSAES-OAEP takes as many bytes as RFC 8017 says, and opens only what it sealed', async () => {
  const key = await maker.make('RSA_2048')
  expect(longestPlaintext('RSA_2048', 'RSAES_OAEP_SHA_1')).toBe(214)
  expect(longestPlaintext('RSA_2048', 'RSAES_OAEP_SHA_256')).toBe(190)
  expect(longestPlaintext('RSA_4096', 'RSAES_OAEP_SHA_256')).toBe(446)
  expect(readPrivateKey(key).asymmetricKeyDetails?.publicExponent).toBe(65_537n)
  for (const algorithm of ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const) {
    const plaintext = randomBytes(longestPlaintext('RSA_2048', algorithm))
    const ciphertext = encryptRsa(key, algorithm, plaintext)
    expect(decryptRsa(key, algorithm, ciphertext)).toEqual(plaintext)
    const other = algorithm === 'RSAES_OAEP_SHA_1' ? 'RSAES_OAEP_SHA_256' : 'RSAES_OAEP_SHA_1'
    expect(decryptRsa(key, other, ciphertext)).toBeUndefined()
    expect(() => encryptRsa(key, algorithm, Buffer.concat([plaintext, Buffer.of(0)]))).toThrow('data too large')
  }
  expect([isRsaEncryption('RSAES_OAEP_SHA_1'), isRsaEncryption('SYMMETRIC_DEFAULT')]).toEqual([true, false])
})

test('Two agree on a secret over one curve, and on none over two', async () => {
  const [one, two, other] = await Promise.all(
    (['ECC_NIST_P256', 'ECC_NIST_P256', 'ECC_NIST_P384'] as const).map((spec) => maker.make(spec)),
  )
  if (!one || !two || !other) throw new Error('Three keys were expected')
  const publicOf = (key: Buffer) => {
    const publicKey = readPublicKey(publicKeyOf(key))
    if (!publicKey) throw new Error('A public key was expected')
    return publicKey
  }
  const secret = sharedSecret(one, publicOf(two))
  expect(secret).toHaveLength(32)
  expect(secret).toEqual(sharedSecret(two, publicOf(one)))
  expect(sharedSecret(one, publicOf(other))).toBeUndefined()
})

test('while many RSA keys are wanted, others find a thread: a file is read and an elliptic key made before three are there', async () => {
  let made = 0
  const keys = Array.from({ length: 8 }, async () => {
    await maker.make('RSA_2048')
    made++
  })
  await maker.make('ECC_NIST_P256')
  await readFile(fileURLToPath(import.meta.url))
  expect(made).toBeLessThan(3)
  await Promise.all(keys)
  expect(made).toBe(8)
})
