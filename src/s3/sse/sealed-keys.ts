import { createHash } from 'node:crypto'
import { openSalted, saltSize, sealSalted } from '../../crypto/aead.ts'
import type { EnvelopeRecord, SealTarget } from './envelope.ts'

/*
 * An object key at rest: salt (32 B) ‖ sealed object key ‖ tag, base64 (`sealSalted`, crypto/aead.ts),
 *
 *   under  the key-encryption key, for `info`
 *   bound  to AAD = version, scheme, body scheme, KMS key, bucket key, context, tie, bucket, key, version id (JSON of them, in order)
 *
 * so a record that is exchanged with another's, or changed, does not open. JSON, because what a changed record holds may be any
 * text: no two lists may read alike.
 */

/** AES-256 */
export const objectKeySize = 32
const version = 1
const info = Buffer.from('s3kms-emu object key 1')

/** What a record says in the clear and must not be changed unnoticed. */
export type BoundFacts = Pick<EnvelopeRecord, 'scheme' | 'keyArn' | 'bucketKeyEnabled' | 'context'> & {
  /** The scheme that bodies were sealed under. */
  bodyScheme: string
  /** Ties one sealed key to another of the same record. */
  tie?: Buffer
}

export function sealKey(
  keyEncryptionKey: Buffer,
  objectKey: Buffer,
  facts: BoundFacts,
  target: SealTarget,
  randomBytes: (length: number) => Buffer,
): string {
  return sealSalted(keyEncryptionKey, randomBytes(saltSize), info, associated(facts, target), objectKey).toString(
    'base64',
  )
}

/** @throws NotAuthentic when the key was sealed under another key, or for another object */
export function openKey(
  keyEncryptionKey: Buffer,
  sealed: string | undefined,
  facts: BoundFacts,
  target: SealTarget,
): Buffer {
  return openSalted(keyEncryptionKey, info, associated(facts, target), Buffer.from(sealed ?? '', 'base64'))
}

function associated(facts: BoundFacts, { bucket, key, versionId }: SealTarget): string {
  const { scheme, bodyScheme, keyArn = '', bucketKeyEnabled = false, context = {}, tie } = facts
  const digest = tie ? createHash('sha256').update(tie).digest('hex') : ''
  const pairs = Object.entries(context)
  const bound = [version, scheme, bodyScheme, keyArn, bucketKeyEnabled, pairs, digest, bucket, key, versionId]
  return JSON.stringify(bound)
}
