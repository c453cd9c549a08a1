import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { KeySpec } from '../keys/key-specs.ts'
import { PrivateKeyMaker } from './private-keys.ts'
import { sign, verify } from './signatures.ts'

const privateKeys = new PrivateKeyMaker()
const message = Buffer.from('to be signed')
const pairs: [KeySpec, string][] = [
  ...['PKCS1_V1_5', 'PSS'].flatMap((padding) =>
    [256, 384, 512].map((bits): [KeySpec, string] => ['RSA_2048', `RSASSA_${padding}_SHA_${bits}`]),
  ),
  ['ECC_NIST_P256', 'ECDSA_SHA_256'],
  ['ECC_NIST_P384', 'ECDSA_SHA_384'],
  ['ECC_NIST_P521', 'ECDSA_SHA_512'],
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256'],
]

test.each(pairs)('%s with %s: a signature over the digest is one over the message', async (keySpec, algorithm) => {
  const key = await privateKeys.make(keySpec)
  const digest = createHash(`sha${algorithm.slice(-3)}`)
    .update(message)
    .digest()
  const other = createHash(`sha${algorithm.slice(-3)}`)
    .update('other')
    .digest()
  for (let round = 0; round < 3; round++) {
    const ofDigest = sign(key, algorithm, digest, true, randomBytes)
    const ofMessage = sign(key, algorithm, message, false, randomBytes)
    for (const signature of [ofDigest, ofMessage]) {
      expect(verify(key, algorithm, message, false, signature)).toBe(true)
      expect(verify(key, algorithm, digest, true, signature)).toBe(true)
      expect(verify(key, algorithm, other, true, signature)).toBe(false)
      const bent = Buffer.from(signature)
      bent[bent.length - 3] = (bent.at(-3) ?? 0) ^ 1
      expect(verify(key, algorithm, digest, true, bent)).toBe(false)
      expect(verify(key, algorithm, digest, true, signature.subarray(1))).toBe(false)
    }
  }
})

test('garbage is no signature, and no fault', async () => {
  for (const [keySpec, algorithm] of pairs.slice(3, 8)) {
    const key = await privateKeys.make(keySpec)
    const digest = createHash(`sha${algorithm.slice(-3)}`)
      .update(message)
      .digest()
    for (const length of [1, 2, 3, 64, 256, 300]) {
      expect(verify(key, algorithm, digest, true, randomBytes(length))).toBe(false)
      expect(verify(key, algorithm, message, false, randomBytes(length))).toBe(false)
    }
  }
})

test('Ed25519 signs messages', async () => {
  const key = await privateKeys.make('ECC_NIST_EDWARDS25519')
  const signature = sign(key, 'ED25519_SHA_512', message, false, randomBytes)
  expect(verify(key, 'ED25519_SHA_512', message, false, signature)).toBe(true)
  expect(verify(key, 'ED25519_SHA_512', Buffer.from('other'), false, signature)).toBe(false)
})
