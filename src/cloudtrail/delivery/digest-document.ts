import { eventTimeOf } from '../../trail/record.ts'
import type { LastDigest, LogFile } from '../records/kinds.ts'

/*
 * A digest, and what its signature is over ("CloudTrail digest file structure", CloudTrail User Guide; evidence: trail-digest):
 *
 *   2026-11-30T11:00:00Z                        its end
 *   BUCKET/AWSLogs/…/…json.gz                   its own place
 *   64 hex digits                               SHA-256 of it, before it is compressed
 *   512 hex digits, or null                     the signature of the one before it
 */

export interface Digest {
  accountId: string
  /** ms since the epoch */
  start: number
  end: number
  bucket: string
  key: string
  fingerprint: string
  previous: LastDigest | undefined
  files: readonly LogFile[]
}

export function digestDocument(digest: Digest): Record<string, unknown> {
  const { accountId, start, end, bucket, key, fingerprint, previous, files } = digest
  const newest = Math.max(...files.map((file) => file.newest))
  const oldest = Math.min(...files.map((file) => file.oldest))
  return {
    awsAccountId: accountId,
    digestStartTime: eventTimeOf(start),
    digestEndTime: eventTimeOf(end),
    digestS3Bucket: bucket,
    digestS3Object: key,
    digestPublicKeyFingerprint: fingerprint,
    digestSignatureAlgorithm: 'SHA256withRSA',
    newestEventTime: files.length === 0 ? null : eventTimeOf(newest),
    oldestEventTime: files.length === 0 ? null : eventTimeOf(oldest),
    previousDigestS3Bucket: previous?.bucket ?? null,
    previousDigestS3Object: previous?.key ?? null,
    previousDigestHashValue: previous?.hash ?? null,
    previousDigestHashAlgorithm: previous ? 'SHA-256' : null,
    previousDigestSignature: previous?.signature ?? null,
    logFiles: files.map((file) => ({
      s3Bucket: file.bucket,
      s3Object: file.key,
      hashValue: file.hash,
      hashAlgorithm: 'SHA-256',
      newestEventTime: eventTimeOf(file.newest),
      oldestEventTime: eventTimeOf(file.oldest),
    })),
  }
}

export interface SignedParts {
  /** ms since the epoch */
  end: number
  bucket: string
  key: string
  /** SHA-256 of the document's JSON; hex */
  hash: string
  previous: Pick<LastDigest, 'signature'> | undefined
}

export function textToSign({ end, bucket, key, hash, previous }: SignedParts): string {
  return [eventTimeOf(end), `${bucket}/${key}`, hash, previous?.signature ?? 'null'].join('\n')
}
