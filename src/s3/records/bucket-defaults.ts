import type { S3Settings } from '../settings.ts'
import type { BucketRecord } from './buckets.ts'

/** The encryption of a new bucket, and again after DeleteBucketEncryption (evidence: s3-defaults). */
export function unsetEncryption({ bucketDefaults }: S3Settings): BucketRecord['encryption'] {
  if (bucketDefaults === 'classic') return undefined
  const blockedEncryptionTypes = bucketDefaults === 'current' ? 'SSE-C' : 'NONE'
  return { algorithm: 'AES256', bucketKeyEnabled: false, blockedEncryptionTypes }
}
