import { constants, createDecipheriv, createPrivateKey, type KeyObject, privateDecrypt } from 'node:crypto'
import type { RootKey } from '../../root-key.ts'
import type { Database, Reader, Transaction } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'
import { arnOf, day, type KeyRecord } from '../keys/key.ts'
import { type PrivateKeyMaker, publicKeyOf } from './private-keys.ts'

/*
 * The way of imported material into a key:
 *
 *   GetParametersForImport   RSA pair made; private half sealed in the store under the token; public half and token go out
 *   the user                 wraps the material: RSAES-OAEP, or AES key wrap (RFC 5649) under an AES key wrapped by RSAES-OAEP
 *   ImportKeyMaterial        token → private half → material
 *
 * A token is 33 opaque bytes, good for its key and for 24 hours of the clock, as often as wanted.
 */

export const wrappingKeySpecs = ['RSA_2048', 'RSA_3072', 'RSA_4096', 'SM2'] as const
export const wrappingAlgorithms = [
  'RSAES_PKCS1_V1_5',
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_256',
  'SM2PKE',
] as const
export type WrappingKeySpec = (typeof wrappingKeySpecs)[number]
export type WrappingAlgorithm = (typeof wrappingAlgorithms)[number]

/** What a token stands for. */
export interface ImportToken {
  keyArn: string
  algorithm: WrappingAlgorithm
  /** ms since the epoch */
  validTo: number
  privateKey: KeyObject
}

export interface TokenRecord {
  keyArn: string
  algorithm: WrappingAlgorithm
  validTo: number
  sealedPrivateKey: string
}

/** The token, in hex */
export const importTokenRecords = recordKind<TokenRecord>()('importToken', ['string'])
const lifetime = day
/** How long an expired token is refused as expired, and not as unknown. */
const keptExpired = 7 * day
const tokenForm = 1
const pkcs8 = { type: 'pkcs8', format: 'der' } as const
// RFC 5649: the alternative initial value of a key wrap with padding.
const keyWrapInitialValue = Buffer.from('a65959a6', 'hex')

interface TokenParts {
  transaction: Transaction
  rootKey: RootKey
  privateKeys: PrivateKeyMaker
  randomBytes: (length: number) => Buffer
  now: number
}

/** Makes a wrapping key and the token for it. */
export async function makeImportToken(
  key: KeyRecord,
  spec: WrappingKeySpec,
  algorithm: WrappingAlgorithm,
  { transaction, rootKey, privateKeys, randomBytes, now }: TokenParts,
) {
  const privateKey = await privateKeys.make(spec)
  const token = Buffer.concat([Buffer.of(tokenForm), randomBytes(32)])
  const name = token.toString('hex')
  const validTo = now + lifetime
  const sealedPrivateKey = rootKey.seal(purposeOf(name), privateKey)
  transaction.put(importTokenRecords, [name], { keyArn: arnOf(key), algorithm, validTo, sealedPrivateKey })
  return { token, publicKey: publicKeyOf(privateKey), validTo }
}

/** @returns undefined when no such token was given out */
export function findImportToken(reader: Reader, rootKey: RootKey, token: Buffer): ImportToken | undefined {
  const name = token.toString('hex')
  const record = reader.get(importTokenRecords, [name])
  if (!record) return undefined
  const { keyArn, algorithm, validTo, sealedPrivateKey } = record
  const privateKey = createPrivateKey({ key: rootKey.open(purposeOf(name), sealedPrivateKey), ...pkcs8 })
  return { keyArn, algorithm, validTo, privateKey }
}

/** @returns undefined when the bytes were not wrapped for this token's key, in its way */
export function unwrapMaterial({ algorithm, privateKey }: ImportToken, wrapped: Buffer): Buffer | undefined {
  const oaepHash = algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256'
  const open = (bytes: Buffer) =>
    privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, bytes)
  try {
    if (!algorithm.startsWith('RSA_AES_KEY_WRAP')) return open(wrapped)
    const modulusLength = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
    return unwrapWithPadding(open(wrapped.subarray(0, modulusLength)), wrapped.subarray(modulusLength))
  } catch {
    // OpenSSL has many errors for bytes that do not decrypt; they all mean the same here.
    return undefined
  }
}

/** RFC 5649 wraps at least one byte in at least 16; of nothing OpenSSL makes nothing, and no fault. */
function unwrapWithPadding(key: Buffer, wrapped: Buffer): Buffer | undefined {
  if (wrapped.length === 0) return undefined
  const decipher = createDecipheriv(`id-aes${key.length * 8}-wrap-pad`, key, keyWrapInitialValue)
  return Buffer.concat([decipher.update(wrapped), decipher.final()])
}

/** Removes the tokens nobody can use any more. */
export async function sweepImportTokens(database: Database, now: number): Promise<void> {
  const transaction = database.transaction()
  for await (const { key, value } of database.entries(importTokenRecords)) {
    if (value.validTo + keptExpired <= now) transaction.delete(importTokenRecords, key)
  }
  await transaction.commit()
}

function purposeOf(name: string): string {
  return `kms import token ${name}`
}
