import { checkSize } from '../../crypto/checked-segments.ts'
import { segmentSize } from '../../crypto/segment-arithmetic.ts'
import { segmentOverhead } from '../../crypto/segments.ts'
import type { EncryptionContext } from '../../kms/client.ts'
import { bucketContext, objectContext } from './encryption-context.ts'
import type { EnvelopeRecord, Scheme, SealTarget } from './envelope.ts'

/** An envelope as it lies in the store, for people: nothing of it opens anything. */
export interface EnvelopeDescription {
  scheme: Scheme
  /** SSE-KMS and DSSE-KMS: the KMS key's ARN. */
  keyArn?: string
  bucketKeyEnabled: boolean
  /** As KMS is asked with it, `aws:s3:arn` included; undefined where KMS is not asked. */
  encryptionContext?: EncryptionContext
  /** The data key as KMS sealed it, base64; only KMS opens it. */
  encryptedDataKey?: string
  /** How often the bodies are sealed, one seal around the other; 0: they lie in clear, with checksums. */
  layers: number
  /** Plaintext bytes of every segment but the last. */
  segmentSize: number
  /** Bytes that all layers, or the checksum, add to each segment. */
  segmentOverhead: number
}

/** @param target the object that the envelope is sealed to */
export function describeEnvelope(record: EnvelopeRecord, target: SealTarget): EnvelopeDescription {
  const { scheme, keyArn, bucketKeyEnabled = false, context, sealed } = record
  const asksKms = scheme === 'SSE-KMS' || scheme === 'DSSE-KMS'
  const layers = scheme === 'none' ? 0 : scheme === 'DSSE-KMS' ? 2 : 1
  return {
    scheme,
    keyArn,
    bucketKeyEnabled,
    encryptionContext: asksKms ? contextOf(bucketKeyEnabled, context, target) : undefined,
    encryptedDataKey: asksKms ? sealed?.dataKey : undefined,
    layers,
    segmentSize,
    segmentOverhead: layers === 0 ? checkSize : layers * segmentOverhead,
  }
}

function contextOf(isBucketKey: boolean, own: EncryptionContext | undefined, target: SealTarget): EncryptionContext {
  return isBucketKey ? bucketContext(target) : objectContext(own, target)
}
