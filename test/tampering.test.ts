import { randomBytes } from 'node:crypto'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type DataFolder, makeDataFolder, type OpenStore } from './data-folder.ts'
import { type Journey, startJourney } from './emulator.ts'
import { customerKey } from './seeds/scheme.ts'

/*
 * Somebody changes the stopped store. What is read afterwards is right, or the read fails: an InternalError while nothing is
 * sent, a cut connection later; never wrong bytes.
 */

const Bucket = 'tampering'
const customer = customerKey()
const schemes = ['SSE-S3', 'SSE-KMS', 'SSE-KMS with a bucket key', 'DSSE-KMS', 'SSE-C'] as const
type SchemeName = (typeof schemes)[number]

/** Ways to read: all of it, its first and its last bytes, what two operations tell of its checksum, as the source of a copy. */
const reads = ['whole', 'first', 'last', 'head', 'attributes', 'copy'] as const
type Read = (typeof reads)[number]

interface Tampering {
  name: string
  /** Changes object `a`; `b` is another of the same kind. */
  apply(store: OpenStore, a: string, b: string): Promise<void>
  /** Which reads must fail; the others give what was written. */
  fails: readonly Read[]
  /** It shows only after the answer has begun: reading the whole may end in a cut connection. */
  isLate?: true
  /** Reads that may fail or give what was written. */
  mayFail?: readonly Read[]
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

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

function flippedBase64(text = ''): string {
  return flipped(Buffer.from(text, 'base64'), 5).toString('base64')
}

const withSealed = (field: string): Tampering['apply'] =>
  changingRecord((record) => {
    const sealed = record.envelope.sealed ?? {}
    return { ...record, envelope: { ...record.envelope, sealed: { ...sealed, [field]: flippedBase64(sealed[field]) } } }
  })

const body = (record: StoredRecord) => ('blob' in record.body ? record.body : undefined)

/** 256 KiB is a segment: these objects have two, the last a short one. */
const wholeTamperings: Tampering[] = [
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
  },
  {
    name: 'a changed salt',
    apply: changingRecord((record) => {
      const own = body(record)
      return own ? { ...record, body: { ...own, salt: flippedBase64(own.salt) } } : record
    }),
    fails: reads,
  },
  { name: 'a changed sealed key', apply: withSealed('objectKey'), fails: reads },
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
    name: 'a record that says the object is not sealed',
    apply: changingRecord((record) => ({ ...record, envelope: { scheme: 'none' } })),
    fails: ['whole', 'first', 'last', 'copy'],
    mayFail: ['head', 'attributes'],
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

const partTamperings: Tampering[] = [
  { name: 'a part dropped', apply: changingParts((parts) => parts.slice(0, -1)), fails: reads },
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

let folder: DataFolder
let journey: Journey
const written = new Map<string, Buffer>()

beforeAll(async () => {
  folder = await makeDataFolder()
  journey = await startJourney({ ephemeral: false, dataDir: folder.path })
  await journey.s3.send(new CreateBucketCommand({ Bucket }))
  const SSEKMSKeyId = await journey.createKey()
  const asked: Record<SchemeName, Partial<PutObjectCommandInput>> = {
    'SSE-S3': { ServerSideEncryption: 'AES256' },
    'SSE-KMS': { ServerSideEncryption: 'aws:kms', SSEKMSKeyId },
    'SSE-KMS with a bucket key': { ServerSideEncryption: 'aws:kms', SSEKMSKeyId, BucketKeyEnabled: true },
    'DSSE-KMS': { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId },
    'SSE-C': customer.own,
  }
  for (const scheme of schemes) {
    for (const { name } of wholeTamperings) {
      for (const Key of keysOf(scheme, name)) await putWhole(Key, asked[scheme])
    }
    for (const { name } of partTamperings) await putInParts(keysOf(scheme, name)[0], asked[scheme], ownKey(scheme))
  }
  await journey.stop()
  await folder.tamper(async (store) => {
    for (const scheme of schemes) {
      for (const { name, apply } of [...wholeTamperings, ...partTamperings]) await apply(store, ...keysOf(scheme, name))
    }
  })
  // What is broken is logged as a fault of the emulator's: here it is wanted.
  journey = await startJourney({ ephemeral: false, dataDir: folder.path, logLevel: 'silent' })
}, 120_000)

afterAll(async () => {
  await journey.stop()
  await folder.remove()
})

const keysOf = (scheme: string, name: string): [string, string] => [`${scheme} ${name} a`, `${scheme} ${name} b`]
const ownKey = (scheme: SchemeName) => (scheme === 'SSE-C' ? customer.own : {})

async function putWhole(Key: string, asked: Partial<PutObjectCommandInput>): Promise<void> {
  const Body = randomBytes((256 << 10) + 1000)
  written.set(Key, Body)
  await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...asked }))
}

async function putInParts(Key: string, asked: object, own: object): Promise<void> {
  const place = { Bucket, Key }
  const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand({ ...place, ...asked }))
  const bodies = [randomBytes(5 << 20), randomBytes(1000)]
  written.set(Key, Buffer.concat(bodies))
  const Parts: { PartNumber: number; ETag?: string }[] = []
  for (const [index, Body] of bodies.entries()) {
    const part = { ...place, UploadId, PartNumber: index + 1, Body, ...own }
    Parts.push({ PartNumber: index + 1, ETag: (await journey.s3.send(new UploadPartCommand(part))).ETag })
  }
  const MultipartUpload = { Parts }
  await journey.s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }))
}

/** Reads, and resolves to what was read; nothing where no body is. */
async function read(way: Read, Key: string, scheme: SchemeName): Promise<Buffer> {
  const place = { Bucket, Key, ...ownKey(scheme) }
  if (way === 'head') {
    await journey.s3.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }))
    return Buffer.alloc(0)
  }
  if (way === 'attributes') {
    await journey.s3.send(new GetObjectAttributesCommand({ ...place, ObjectAttributes: ['Checksum'] }))
    return Buffer.alloc(0)
  }
  if (way === 'copy') {
    const source = { CopySource: encodeURI(`${Bucket}/${Key}`), ...(scheme === 'SSE-C' && customer.source) }
    await journey.s3.send(new CopyObjectCommand({ Bucket, Key: 'copied', ...source }))
    return read('whole', 'copied', 'SSE-S3')
  }
  const Range = { whole: undefined, first: 'bytes=0-15', last: 'bytes=-16' }[way]
  const { Body } = await journey.s3.send(new GetObjectCommand({ ...place, Range }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

function expectedOf(way: Read, plaintext: Buffer): Buffer {
  if (way === 'head' || way === 'attributes') return Buffer.alloc(0)
  if (way === 'first') return plaintext.subarray(0, 16)
  return way === 'last' ? plaintext.subarray(-16) : plaintext
}

type Outcome = 'right' | 'wrong' | 'refused' | 'cut'

async function outcomeOf(way: Read, Key: string, scheme: SchemeName): Promise<Outcome> {
  try {
    const expected = expectedOf(way, written.get(Key) ?? Buffer.alloc(0))
    return Buffer.compare(await read(way, Key, scheme), expected) === 0 ? 'right' : 'wrong'
  } catch (error) {
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } }
    return ($metadata?.httpStatusCode ?? 0) >= 400 ? 'refused' : 'cut'
  }
}

function expectedOutcomes({ fails, isLate, mayFail = [] }: Tampering, way: Read): Outcome[] {
  if (mayFail.includes(way)) return ['right', 'refused']
  if (!fails.includes(way)) return ['right']
  return isLate && way === 'whole' ? ['cut', 'refused'] : ['refused']
}

describe.each(schemes)('%s', (scheme) => {
  const tamperings = [...wholeTamperings, ...partTamperings]
  const rows = tamperings.flatMap((tampering) => reads.map((way) => [tampering.name, way, tampering] as const))

  test.each(rows)('%s: read %s', async (name, way, tampering) => {
    const [Key] = keysOf(scheme, name)
    expect(expectedOutcomes(tampering, way)).toContain(await outcomeOf(way, Key, scheme))
  })
})
