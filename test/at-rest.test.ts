import { createHash, randomBytes } from 'node:crypto'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type DataFolder, makeDataFolder, WindowSearch } from './data-folder.ts'
import { type Journey, startJourney } from './emulator.ts'
import { contextHeader, customerKey } from './seeds/scheme.ts'

/* What the data folder holds of what is stored: for every scheme, in one piece and in parts. */

const Bucket = 'at-rest'
const key = randomBytes(32)
const customer = customerKey(key)
const isCustomer = (scheme: string) => scheme === 'SSE-C'

let folder: DataFolder
let journey: Journey
let asked: Record<string, Partial<PutObjectCommandInput>>
const plaintexts = new Map<string, Buffer>()
/** Bytes after which a plaintext repeats itself, so that its windows are few. In base64 it repeats itself, too. */
const period = 48 << 10
let trail = ''
/** How much of which plaintext is in the files. */
const found = new Map<string, number>()

const names = ['none', 'SSE-S3', 'SSE-KMS', 'SSE-KMS with a bucket key', 'DSSE-KMS', 'SSE-C'] as const
const sealed = names.filter((name) => name !== 'none')

beforeAll(async () => {
  folder = await makeDataFolder()
  journey = await startJourney({ ephemeral: false, dataDir: folder.path })
  await journey.s3.send(new CreateBucketCommand({ Bucket }))
  const SSEKMSKeyId = await journey.createKey()
  const SSEKMSEncryptionContext = contextHeader({ team: 'a' })
  asked = {
    none: {},
    'SSE-S3': { ServerSideEncryption: 'AES256' },
    'SSE-KMS': { ServerSideEncryption: 'aws:kms', SSEKMSKeyId, SSEKMSEncryptionContext },
    'SSE-KMS with a bucket key': { ServerSideEncryption: 'aws:kms', SSEKMSKeyId, BucketKeyEnabled: true },
    'DSSE-KMS': { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId },
    'SSE-C': customer.own,
  }
  for (const name of names) {
    await putWhole(name, 300_000)
    await putWhole(name, 3000, ' small')
    await putInParts(name)
  }
  trail = JSON.stringify(await journey.records())
  const search = new WindowSearch()
  for (const [name, plaintext] of plaintexts) {
    search.add(name, plaintext.subarray(0, period))
    // As small bodies are stored.
    search.add(name, Buffer.from(plaintext.subarray(0, period).toString('base64')))
  }
  for (const { bytes } of await folder.files()) search.count(bytes, found)
})

afterAll(async () => {
  await journey.stop()
  await folder.remove()
})

async function putWhole(scheme: string, size: number, suffix = ''): Promise<void> {
  const Body = Buffer.alloc(size, randomBytes(period))
  const Key = `${scheme}${suffix}`
  plaintexts.set(Key, Body)
  await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...asked[scheme] }))
}

async function putInParts(scheme: string): Promise<void> {
  const place = { Bucket, Key: `${scheme} in parts` }
  const whole = Buffer.alloc((5 << 20) + 70_000, randomBytes(period))
  const bodies = [whole.subarray(0, 5 << 20), whole.subarray(5 << 20)]
  plaintexts.set(place.Key, whole)
  const own = isCustomer(scheme) ? customer.own : {}
  const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand({ ...place, ...asked[scheme] }))
  const Parts: { PartNumber: number; ETag?: string }[] = []
  for (const [index, Body] of bodies.entries()) {
    const part = { ...place, UploadId, PartNumber: index + 1, Body, ...own }
    const { ETag } = await journey.s3.send(new UploadPartCommand(part))
    Parts.push({ PartNumber: index + 1, ETag })
  }
  const MultipartUpload = { Parts }
  await journey.s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }))
}

async function get(Key: string): Promise<Buffer> {
  const own = isCustomer(Key.replace(/ (in parts|small)$/, '')) ? customer.own : {}
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key, ...own }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

test.each(sealed.flatMap((name) => [name, `${name} small`, `${name} in parts`]))(
  'no 16-byte window of what is stored under %s is in any file',
  async (Key) => {
    expect(Buffer.compare(await get(Key), plaintexts.get(Key) ?? Buffer.alloc(0))).toBe(0)
    expect(found.get(Key)).toBeUndefined()
  },
)

test.each(['none', 'none small', 'none in parts'])(
  'what is stored under %s is found whole by the same search',
  (Key) => {
    expect(found.get(Key)).toBeGreaterThanOrEqual(Math.floor((plaintexts.get(Key)?.length ?? 0) / 8) * 0.99)
  },
)

const keyForms = [key, createHash('md5').update(key).digest()].flatMap((bytes) => [
  bytes,
  ...(['base64', 'base64url', 'hex'] as const).map((form) => Buffer.from(bytes.toString(form))),
])

test('neither a customer’s key nor its MD5 is in any file or record, in any form', async () => {
  for (const { name, bytes } of await folder.files()) {
    const found = keyForms.filter((form) => bytes.includes(form))
    expect([name, found]).toEqual([name, []])
  }
})

test('the trail holds no plaintext, no ciphertext and no key', () => {
  expect(trail).toContain('GenerateDataKey')
  expect(trail).not.toMatch(/CiphertextBlob|"Plaintext"|ciphertextBlob"\s*:\s*"/i)
  for (const form of keyForms) expect(trail).not.toContain(form.toString('latin1'))
  for (const plaintext of plaintexts.values()) {
    expect(trail).not.toContain(plaintext.subarray(0, 12).toString('base64'))
  }
})

test('after the end and a new start everything is there and reads as it was written', async () => {
  await journey.stop()
  journey = await startJourney({ ephemeral: false, dataDir: folder.path })
  for (const [Key, plaintext] of plaintexts) {
    expect([Key, Buffer.compare(await get(Key), plaintext)]).toEqual([Key, 0])
  }
})
