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
import { type DataFolder, makeDataFolder } from '../data-folder.ts'
import { type Journey, startJourney } from '../emulator.ts'
import {
  askedBy,
  Bucket,
  customer,
  ownKey,
  partTamperings,
  type Read,
  reads,
  type SchemeName,
  schemes,
  type Tampering,
  wholeTamperings,
} from './ways.ts'

/*
 * Somebody changes the stopped store. What is read afterwards is right, or the read fails: an InternalError while nothing is
 * sent, a cut connection later; never wrong bytes.
 */

let folder: DataFolder
let journey: Journey
const written = new Map<string, Buffer>()

beforeAll(async () => {
  folder = await makeDataFolder()
  journey = await startJourney({ ephemeral: false, dataDir: folder.path })
  await journey.s3.send(new CreateBucketCommand({ Bucket }))
  const asked = askedBy(await journey.createKey())
  for (const scheme of schemes) {
    for (const { name } of wholeTamperings) {
      for (const Key of keysOf(scheme, name)) await putWhole(Key, asked[scheme])
    }
    for (const { name } of partTamperings) await putInParts(keysOf(scheme, name)[0], asked[scheme], ownKey(scheme))
  }
  await journey.stop()
  await folder.tamper(async (store) => {
    for (const scheme of schemes) {
      for (const { name, apply } of tamperingsOf(scheme)) await apply(store, ...keysOf(scheme, name))
    }
  })
  // What is broken is logged as a fault of the emulator's: here it is wanted.
  journey = await startJourney({ ephemeral: false, dataDir: folder.path, logLevel: 'silent' })
})

afterAll(async () => {
  // What it keeps is damaged, as it was meant to be.
  await journey.emulator.stop()
  await folder.remove()
})

const keysOf = (scheme: string, name: string): [string, string] => [`${scheme} ${name} a`, `${scheme} ${name} b`]

const tamperingsOf = (scheme: SchemeName) =>
  [...wholeTamperings, ...partTamperings].filter(({ under = schemes }) => under.includes(scheme))

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

async function outcomeOf(way: Read, Key: string, scheme: SchemeName): Promise<string> {
  try {
    const expected = expectedOf(way, written.get(Key) ?? Buffer.alloc(0))
    return Buffer.compare(await read(way, Key, scheme), expected) === 0 ? 'right' : 'wrong'
  } catch (error) {
    const { $metadata, name, message } = error as Error & { $metadata?: { httpStatusCode?: number } }
    const { httpStatusCode = 200 } = $metadata ?? {}
    if (httpStatusCode < 400) return message === 'aborted' ? 'cut' : `${error}`
    return way === 'head' ? `${httpStatusCode}` : `${httpStatusCode} ${name}`
  }
}

/** What a read may come to. An answer to HEAD has a status alone. */
function expectedOutcomes({ fails, isLate, refusals = {} }: Tampering, way: Read, scheme: SchemeName): string[] {
  if (!fails.includes(way)) return ['right']
  const { [scheme]: refusal = '500 InternalError' } = refusals
  const refused = way === 'head' ? refusal.slice(0, 3) : refusal
  return isLate && way === 'whole' ? ['cut', refused] : [refused]
}

describe.each(schemes)('%s', (scheme) => {
  const tamperings = tamperingsOf(scheme)
  const rows = tamperings.flatMap((tampering) => reads.map((way) => [tampering.name, way, tampering] as const))

  test.each(rows)('%s: read %s', async (name, way, tampering) => {
    const [Key] = keysOf(scheme, name)
    expect(expectedOutcomes(tampering, way, scheme)).toContain(await outcomeOf(way, Key, scheme))
  })
})
