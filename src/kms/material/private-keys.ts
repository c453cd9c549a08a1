import {
  constants,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto'
import { promisify } from 'node:util'
import { Turns } from '../../turns.ts'
import type { KeySpec } from '../keys/key-specs.ts'

/*
 * The key pairs of asymmetric keys and data key pairs, all by node:crypto. A private key is PKCS #8 in DER, a public key
 * SubjectPublicKeyInfo in DER, as KMS has them.
 */

const generateKeys = promisify(generateKeyPair)

interface Pair {
  publicKey: KeyObject
  privateKey: KeyObject
}

const modulusLengths: Partial<Record<KeySpec, number>> = { RSA_2048: 2048, RSA_3072: 3072, RSA_4096: 4096 }
/** OpenSSL's names */
const curveNames: Partial<Record<KeySpec, string>> = {
  ECC_NIST_P256: 'prime256v1',
  ECC_NIST_P384: 'secp384r1',
  ECC_NIST_P521: 'secp521r1',
  ECC_SECG_P256K1: 'secp256k1',
}

/** Whether keys of this spec can be made here: RSA, the NIST curves, secp256k1, Ed25519. */
export function hasKeyPair(keySpec: KeySpec): boolean {
  return keySpec in modulusLengths || keySpec in curveNames || keySpec === 'ECC_NIST_EDWARDS25519'
}

/** Those made at once; Node has four threads for them, for LevelDB and for files. */
const madeAtOnce = 2

/**
 * Makes private keys. An RSA key takes a thread for a second or more: without turns a few callers would hold all threads, and with
 * them everybody who waits for the store.
 */
export class PrivateKeyMaker {
  readonly #turns = new Turns(madeAtOnce)

  /** @returns PKCS #8. Precondition: `hasKeyPair` */
  async make(keySpec: KeySpec): Promise<Buffer> {
    const isSlow = keySpec in modulusLengths
    const { privateKey } = await (isSlow ? this.#turns.during(() => generate(keySpec)) : generate(keySpec))
    return privateKey.export({ type: 'pkcs8', format: 'der' })
  }
}

function generate(keySpec: KeySpec): Promise<Pair> {
  const modulusLength = modulusLengths[keySpec]
  if (modulusLength !== undefined) return generateKeys('rsa', { modulusLength, publicExponent: 0x10001 })
  const namedCurve = curveNames[keySpec]
  return namedCurve === undefined ? generateKeys('ed25519') : generateKeys('ec', { namedCurve })
}

export function readPrivateKey(pkcs8: Buffer): KeyObject {
  return createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' })
}

/** @returns undefined when the bytes are no public key */
export function readPublicKey(spki: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: spki, type: 'spki', format: 'der' })
  } catch {
    return undefined
  }
}

export function publicKeyOf(pkcs8: Buffer): Buffer {
  return createPublicKey(readPrivateKey(pkcs8)).export({ type: 'spki', format: 'der' })
}

/** Whether the bytes are a private key of this spec: for imports. */
export function isPrivateKeyOf(keySpec: KeySpec, pkcs8: Buffer): boolean {
  try {
    return isOfSpec(keySpec, readPrivateKey(pkcs8))
  } catch {
    return false
  }
}

function isOfSpec(keySpec: KeySpec, { asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): boolean {
  const modulusLength = modulusLengths[keySpec]
  if (modulusLength !== undefined) {
    return asymmetricKeyType === 'rsa' && asymmetricKeyDetails.modulusLength === modulusLength
  }
  const namedCurve = curveNames[keySpec]
  // Only keys on a curve have its name.
  if (namedCurve !== undefined) return asymmetricKeyDetails.namedCurve === namedCurve
  return keySpec === 'ECC_NIST_EDWARDS25519' && asymmetricKeyType === 'ed25519'
}

export type RsaEncryption = 'RSAES_OAEP_SHA_1' | 'RSAES_OAEP_SHA_256'
const oaep = {
  RSAES_OAEP_SHA_1: { hash: 'sha1', length: 20 },
  RSAES_OAEP_SHA_256: { hash: 'sha256', length: 32 },
} as const

export function isRsaEncryption(algorithm: string): algorithm is RsaEncryption {
  return algorithm in oaep
}

/** How many bytes RSAES-OAEP takes (RFC 8017, 7.1.1). */
export function longestPlaintext(keySpec: KeySpec, algorithm: RsaEncryption): number {
  return (modulusLengths[keySpec] ?? 0) / 8 - 2 * oaep[algorithm].length - 2
}

export function encryptRsa(pkcs8: Buffer, algorithm: RsaEncryption, plaintext: Buffer): Buffer {
  const key = createPublicKey(readPrivateKey(pkcs8))
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: oaep[algorithm].hash }, plaintext)
}

/** @returns undefined when it was not encrypted so, for this key */
export function decryptRsa(pkcs8: Buffer, algorithm: RsaEncryption, ciphertext: Buffer): Buffer | undefined {
  const key = readPrivateKey(pkcs8)
  try {
    return privateDecrypt(
      { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: oaep[algorithm].hash },
      ciphertext,
    )
  } catch {
    return undefined
  }
}

/** ECDH; undefined when the public key is not of the same curve. */
export function sharedSecret(pkcs8: Buffer, publicKey: KeyObject): Buffer | undefined {
  const privateKey = readPrivateKey(pkcs8)
  const { namedCurve } = privateKey.asymmetricKeyDetails ?? {}
  if (publicKey.asymmetricKeyDetails?.namedCurve !== namedCurve) return undefined
  return diffieHellman({ privateKey, publicKey })
}
