import type { PutObjectCommandInput } from '@aws-sdk/client-s3'
import type { OpenStore } from '../data-folder.ts'
import { customerKey } from '../seeds/scheme.ts'

/* What somebody who has the disk can do to an object, and which reads must fail of it. */

export const Bucket = 'tampering'
export const customer = customerKey()
export const schemes = ['none', 'SSE-S3', 'SSE-KMS', 'SSE-KMS with a bucket key', 'DSSE-KMS', 'SSE-C'] as const
export type SchemeName = (typeof schemes)[number]
const sealed = schemes.filter((scheme) => scheme !== 'none')
const underKms = sealed.filter((scheme) => scheme.includes('KMS'))

/** Ways to read: all of it, its first and its last bytes, what two operations tell of its checksum, as the source of a copy. */
export const reads = ['whole', 'first', 'last', 'head', 'attributes', 'copy'] as const
export type Read = (typeof reads)[number]

export interface Tampering {
  name: string
  /** Changes object `a`; `b` is another of the same kind. */
  apply(store: OpenStore, a: string, b: string): Promise<void>
  /** Which reads must fail; the others give what was written. */
  fails: readonly Read[]
  /** It shows only after the answer has begun: reading the whole may end in a cut connection. */
  isLate?: true
  /** Under which scheme a read is refused with other words than 500 InternalError. */
  refusals?: Partial<Record<SchemeName, string>>
  /** It changes what only objects under these schemes have; all when not given. */
  under?: readonly SchemeName[]
}

const segmentsOf = (store: OpenStore, key: string, part = 0) => {
  const { body } = store.record(Bucket, key)
  const blob = 'blob' in body ? body.blob : store.parts(Bucket, key)[part]?.blob
  return store.segments(blob ?? -1)
}

async function changeSegment(store: OpenStore, key: string, index: number, change: (bytes: Buffer) => Buffer) {
  const number = segmentsOf(store, key).at(index) ?? -1
  await store.putSegment(number, change(await store.segment(number)))
}

async function exchange(store: OpenStore, one: number, other: number): Promise<void> {
  const [first, second] = [await store.segment(one), await store.segment(other)]
  await store.putSegment(one, second)
  await store.putSegment(other, first)
}

type StoredRecord = ReturnType<OpenStore['record']>

function changingRecord(change: (record: StoredRecord, other: StoredRecord) => StoredRecord): Tampering['apply'] {
  return (store, a, b) => store.putRecord(Bucket, a, change(store.record(Bucket, a), store.record(Bucket, b)))
}

export function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

export function flippedBase64(text = ''): string {
  return flipped(Buffer.from(text, 'base64'), 5).toString('base64')
}

const withSealed = (field: string): Tampering['apply'] =>
  changingRecord((record) => {
    const fields = record.envelope.sealed ?? {}
    return { ...record, envelope: { ...record.envelope, sealed: { ...fields, [field]: flippedBase64(fields[field]) } } }
  })

const body = (record: StoredRecord) => ('blob' in record.body ? record.body : undefined)

/** KMS notices first what is in its encryption context: the object's ARN, but under a bucket key. */
export const otherContext = {
  'SSE-KMS': '400 KMS.InvalidCiphertextException',
  'DSSE-KMS': '400 KMS.InvalidCiphertextException',
}

/** 256 KiB is a segment: these objects have two, the last a short one. */
export const wholeTamperings: Tampering[] = [
  {
    name: 'a flipped bit in the first segment',
    apply: (store, a) => changeSegment(store, a, 0, (bytes) => flipped(bytes, 1000)),
    fails: ['whole', 'first', 'copy'],
  },
  {
    name: 'a flipped bit in the last segment',
    apply: (store, a) => changeSegment(store, a, -1, (bytes) => flipped(bytes, 10)),
    fails: ['whole', 'last', 'copy'],
    isLate: true,
  },
  {
    name: 'a flipped bit in a segment’s tag',
    apply: (store, a) => changeSegment(store, a, 0, (bytes) => flipped(bytes, bytes.length - 1)),
    fails: ['whole', 'first', 'copy'],
  },
  {
    name: 'a truncated segment',
    apply: (store, a) => changeSegment(store, a, -1, (bytes) => bytes.subarray(0, -20)),
    fails: ['whole', 'last', 'copy'],
    isLate: true,
  },
  {
    name: 'a segment that is gone',
    apply: (store, a) => store.deleteSegment(segmentsOf(store, a).at(-1) ?? -1),
    fails: ['whole', 'last', 'copy'],
    isLate: true,
  },
  {
    name: 'a segment exchanged with another object’s',
    apply: (store, a, b) => exchange(store, segmentsOf(store, a)[0] ?? -1, segmentsOf(store, b)[0] ?? -1),
    fails: ['whole', 'first', 'copy'],
  },
  {
    name: 'two segments of the object exchanged',
    apply: (store, a) => exchange(store, segmentsOf(store, a)[0] ?? -1, segmentsOf(store, a)[1] ?? -1),
    fails: ['whole', 'first', 'last', 'copy'],
  },
  {
    name: 'two records exchanged',
    apply: async (store, a, b) => {
      const [one, other] = [store.record(Bucket, a), store.record(Bucket, b)]
      await store.putRecord(Bucket, a, other)
      await store.putRecord(Bucket, b, one)
    },
    fails: reads,
    refusals: otherContext,
  },
  {
    name: 'the body of another record',
    apply: changingRecord((record, other) => ({ ...record, body: other.body })),
    fails: reads,
  },
  {
    name: 'the envelope of another record',
    apply: changingRecord((record, other) => ({ ...record, envelope: other.envelope })),
    fails: reads,
    refusals: otherContext,
    under: sealed,
  },
  {
    name: 'a changed salt',
    apply: changingRecord((record) => {
      const own = body(record)
      return own ? { ...record, body: { ...own, salt: flippedBase64(own.salt) } } : record
    }),
    fails: reads,
  },
  { name: 'a changed sealed key', apply: withSealed('objectKey'), fails: reads, under: sealed },
  {
    name: 'a changed manifest',
    apply: changingRecord((record) => ({ ...record, manifest: flippedBase64(record.manifest) })),
    fails: reads,
  },
  {
    name: 'no manifest',
    apply: changingRecord((record) => ({ ...record, manifest: '' })),
    fails: reads,
  },
  {
    name: 'a smaller size of the body',
    apply: changingRecord((record) => {
      const own = body(record)
      return own ? { ...record, size: 100, body: { ...own, size: 100 } } : record
    }),
    fails: reads,
  },
  {
    name: 'a smaller size of the object',
    apply: changingRecord((record) => ({ ...record, size: 100 })),
    fails: reads,
  },
  {
    name: 'the ARN of another KMS key',
    apply: changingRecord((record) => {
      const { keyArn = '' } = record.envelope
      return { ...record, envelope: { ...record.envelope, keyArn: `${keyArn.slice(0, -1)}x` } }
    }),
    fails: reads,
    under: underKms,
  },
  {
    name: 'a record that says the object is not sealed',
    apply: changingRecord((record) => ({ ...record, envelope: { scheme: 'none' } })),
    fails: reads,
    // The customer's key comes with a read of what says that it has none.
    refusals: { 'SSE-C': '400 InvalidRequest' },
    under: sealed,
  },
]

type Parts = ReturnType<OpenStore['parts']>

function changingParts(change: (parts: Parts) => Parts): Tampering['apply'] {
  return async (store, a) => {
    const parts = change(store.parts(Bucket, a))
    await store.putParts(Bucket, a, parts)
    const size = parts.reduce((sum, part) => sum + part.size, 0)
    await store.putRecord(Bucket, a, { ...store.record(Bucket, a), size, body: { partCount: parts.length } })
  }
}

export const partTamperings: Tampering[] = [
  { name: 'a part dropped', apply: changingParts((parts) => parts.slice(0, -1)), fails: reads },
  {
    name: 'two parts renumbered',
    apply: changingParts((parts) => parts.map((part, index) => ({ ...part, number: parts.length - index }))),
    fails: reads,
  },
  { name: 'two parts reordered', apply: changingParts((parts) => [...parts].reverse()), fails: reads },
  {
    name: 'a flipped bit in the second part',
    apply: async (store, a) => {
      const [number = -1] = segmentsOf(store, a, 1)
      await store.putSegment(number, flipped(await store.segment(number), 3))
    },
    fails: ['whole', 'last', 'copy'],
    isLate: true,
  },
]

/** What asks for each scheme. */
export function askedBy(SSEKMSKeyId: string): Record<SchemeName, Partial<PutObjectCommandInput>> {
  return {
    none: {},
    'SSE-S3': { ServerSideEncryption: 'AES256' },
    'SSE-KMS': { ServerSideEncryption: 'aws:kms', SSEKMSKeyId },
    'SSE-KMS with a bucket key': { ServerSideEncryption: 'aws:kms', SSEKMSKeyId, BucketKeyEnabled: true },
    'DSSE-KMS': { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId },
    'SSE-C': customer.own,
  }
}

/** The customer's key where the scheme needs it. */
export const ownKey = (scheme: SchemeName) => (scheme === 'SSE-C' ? customer.own : {})
