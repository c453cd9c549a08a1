import {
  constants,
  createPublicKey,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  sign as signMessage,
  verify as verifyMessage,
} from 'node:crypto'
import { signDigest, verifyDigest } from '../../crypto/ecdsa.ts'
import { encodePss, isPssOf } from '../../crypto/rsa-pss.ts'
import { readPrivateKey } from './private-keys.ts'

/*
 * Signatures as KMS makes them: over a message, which node:crypto hashes, or over a digest the caller made (MessageType DIGEST).
 * ECDSA signatures are DER, PSS salts are as long as the digest, Ed25519 takes messages only.
 */

const hashes = [
  { suffix: 'SHA_256', hash: 'sha256', length: 32, digestInfo: '3031300d060960864801650304020105000420' },
  { suffix: 'SHA_384', hash: 'sha384', length: 48, digestInfo: '3041300d060960864801650304020205000430' },
  { suffix: 'SHA_512', hash: 'sha512', length: 64, digestInfo: '3051300d060960864801650304020305000440' },
] as const
type Hash = (typeof hashes)[number]
type Random = (length: number) => Uint8Array

/** Bytes of the digests that an algorithm signs; undefined: it signs messages only. */
export function digestLength(algorithm: string): number | undefined {
  return algorithm.startsWith('ED25519') ? undefined : hashOf(algorithm).length
}

export function sign(pkcs8: Buffer, algorithm: string, message: Buffer, isDigest: boolean, random: Random): Buffer {
  const key = readPrivateKey(pkcs8)
  if (algorithm === 'ED25519_SHA_512') return signMessage(null, message, key)
  const hash = hashOf(algorithm)
  if (!isDigest) return signMessage(hash.hash, message, { key, ...paddingOf(algorithm) })
  if (algorithm.startsWith('ECDSA')) return signDigest(key, message, random)
  if (algorithm.startsWith('RSASSA_PKCS1')) return privateEncrypt(key, digestInfo(hash, message))
  const encoded = encodePss(hash.hash, message, random(hash.length), modulusBytes(key))
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded)
}

export function verify(
  pkcs8: Buffer,
  algorithm: string,
  message: Buffer,
  isDigest: boolean,
  signature: Buffer,
): boolean {
  const key = createPublicKey(readPrivateKey(pkcs8))
  if (algorithm === 'ED25519_SHA_512') return verifyMessage(null, message, key, signature)
  const hash = hashOf(algorithm)
  if (!isDigest) return verifyMessage(hash.hash, message, { key, ...paddingOf(algorithm) }, signature)
  if (algorithm.startsWith('ECDSA')) return verifyDigest(key, message, signature)
  if (algorithm.startsWith('RSASSA_PKCS1')) {
    return openRsa(key, constants.RSA_PKCS1_PADDING, signature)?.equals(digestInfo(hash, message)) ?? false
  }
  const encoded = openRsa(key, constants.RSA_NO_PADDING, signature)
  return encoded !== undefined && isPssOf(hash.hash, message, encoded)
}

function hashOf(algorithm: string): Hash {
  const hash = hashes.find(({ suffix }) => algorithm.endsWith(suffix))
  if (!hash) throw new Error(`There is no hash in ${algorithm}`)
  return hash
}

function paddingOf(algorithm: string) {
  if (!algorithm.startsWith('RSASSA_PSS')) return {}
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
}

/** RFC 8017, 9.2: the digest with the name of its hash. */
function digestInfo({ digestInfo: prefix }: Hash, digest: Buffer): Buffer {
  return Buffer.concat([Buffer.from(prefix, 'hex'), digest])
}

function modulusBytes(key: KeyObject): number {
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8
}

/** @returns undefined when the signature is not even of the right length, or not padded rightly */
function openRsa(key: KeyObject, padding: number, signature: Buffer): Buffer | undefined {
  if (signature.length !== modulusBytes(key)) return undefined
  try {
    return publicDecrypt({ key, padding }, signature)
  } catch {
    return undefined
  }
}
