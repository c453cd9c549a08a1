import { createHash, randomBytes, randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { isMarker, objectParts, objectRecords } from '../src/s3/records/object-record.ts'
import { uploadParts as partRecords } from '../src/s3/records/uploads.ts'
import { openBlobs } from '../src/store/blobs.ts'
import { Database } from '../src/store/database.ts'
import { recordKind } from '../src/store/keyspace.ts'
import { isSmallBody, smallBodies } from '../src/store/small-bodies.ts'
import { type RunningProcess, startProcess } from './process.ts'

/*
 *   load ──ack──▶ what must be there        kill -9, start again        each key holds its last acknowledged content,
 *        ──sent─▶ what may be there                                     or the one that was on its way: nothing else
 */

const rounds = 50
const bucket = 'crash'
const region = 'us-east-1'
/** Contents are compared by digests of this test's own, so the SDK need not compute others. */
const withoutChecksums = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

/** undefined: no object */
type Content = string | undefined

/** One writer's key: what was acknowledged, and what was on its way when the process ended. */
interface Expectation {
  acknowledged: Content
  sent?: { content: Content }
}

let folder: string
let running: RunningProcess
let keyId: string
let toggledKeyId: string
const objects = new Map<string, Expectation>()
const toggled: { acknowledged: boolean; sent?: boolean } = { acknowledged: true }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kms-crash-'))
  running = await startProcess(['--data-dir', folder])
  const { s3, kms } = clients()
  keyId = await createKey(kms)
  toggledKeyId = await createKey(kms)
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
})

afterAll(async () => {
  await running.end('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

test(`${rounds} times kill -9 under mixed load loses nothing that was acknowledged and shows nothing half-written`, async () => {
  for (let round = 0; round < rounds; round++) {
    await loadUntilKilled(randomInt(1, 80))
    running = await startProcess(['--data-dir', folder])
    await checkObjects()
    await checkToggledKey()
    if (round % 5 === 4) await checkSound()
  }
  await checkTrailNamesEveryObject()
})

test('after a clean end every stored segment belongs to a body that is named, or is noted as garbage too thin to be cleared yet', async () => {
  const code = await running.end('SIGTERM')
  expect(code).toBe(0)
  const database = await Database.open({ folder })
  const blobs = await openBlobs(database)
  await blobs.sweep()
  const claimed = new Set<number>()
  for (const kind of ['blob', 'garbage'] as const) {
    for await (const { value } of database.entries(recordKind<[number, number][]>()(kind, ['integer']))) {
      for (const [first, count] of value) for (let index = 0; index < count; index++) claimed.add(first + index)
    }
  }
  const stored = (await database.bodies.keys().all()).map((key) => Number(key.readBigUInt64BE()))
  expect(stored.filter((segment) => !claimed.has(segment))).toEqual([])
  expect([...claimed].filter((number) => !isSmallBody(number)).length).toBe(stored.length)
  expect(await smallBodiesOfNobody(database, claimed)).toEqual([])
  await blobs.close()
  await database.close()
})

/** Nothing that is stored is wrong, and nothing of it unreachable: bodies in flight when the process ended are none of the store. */
async function checkSound(): Promise<void> {
  const answer = await fetch(`${running.endpoint}/_s3kms/verify`, { method: 'POST' })
  expect(await answer.json()).toMatchObject({ faults: [], unreachable: { bodies: 0 } })
}

/** Small bodies that neither an object, nor a part, nor a record of garbage names. */
async function smallBodiesOfNobody(database: Database, garbage: ReadonlySet<number>): Promise<number[]> {
  const named = new Set<number>()
  for await (const { value } of database.entries(objectRecords)) {
    if (!isMarker(value) && 'blob' in value.body) named.add(value.body.blob)
  }
  for await (const { value } of database.entries(objectParts)) for (const { blob } of value) named.add(blob)
  for await (const { value } of database.entries(partRecords)) named.add(value.blob)
  const left: number[] = []
  for await (const { key } of database.entries(smallBodies)) {
    if (!named.has(key[0]) && !garbage.has(key[0])) left.push(key[0])
  }
  return left
}

function clients() {
  const configuration = { endpoint: running.endpoint, region, credentials, maxAttempts: 1, ...withoutChecksums }
  return {
    s3: new S3Client(configuration),
    kms: new KMSClient(configuration),
    trail: new CloudTrailClient(configuration),
  }
}

async function createKey(kms: KMSClient): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  if (!KeyMetadata?.KeyId) throw new Error('CreateKey answered no KeyId')
  return KeyMetadata.KeyId
}

/** Six writers and a key that is switched off and on, until so many changes were acknowledged; then kill -9. */
async function loadUntilKilled(changes: number): Promise<void> {
  const { s3, kms } = clients()
  let left = changes
  let killed: Promise<unknown> | undefined
  const acknowledge = () => {
    left--
    if (left <= 0) killed ??= running.end('SIGKILL')
  }
  const writers = [0, 1, 2, 3].map((writer) =>
    repeat(() => writeOne(s3, `writer-${writer}/${randomInt(5)}`), acknowledge),
  )
  const multipart = [0, 1].map((writer) => repeat(() => uploadParts(s3, `multipart-${writer}`), acknowledge))
  const toggling = repeat(() => toggleKey(kms), acknowledge)
  await Promise.all([...writers, ...multipart, toggling])
  await killed
}

/** Repeats until the connection dies under it. */
async function repeat(change: () => Promise<void>, acknowledge: () => void): Promise<void> {
  for (;;) {
    try {
      await change()
    } catch (error) {
      if (isAnswer(error)) throw error
      return
    }
    acknowledge()
  }
}

/** An answer of the emulator itself is a failure of the test; a broken connection is what was ordered. */
function isAnswer(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  return status !== undefined
}

async function writeOne(s3: S3Client, key: string): Promise<void> {
  if (randomInt(4) === 0) {
    await change(key, undefined, () => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })))
    return
  }
  const body = randomBytes(randomInt(3) === 0 ? randomInt(1_000_000) : randomInt(2_000))
  const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...kmsSealed() })
  await change(key, digest(body), () => s3.send(command))
}

async function uploadParts(s3: S3Client, key: string): Promise<void> {
  const parts = [randomBytes(5 << 20), randomBytes(1_000)]
  await change(key, digest(Buffer.concat(parts)), async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ...kmsSealed() }))
    const uploaded = []
    for (const [index, Body] of parts.entries()) {
      const part = { Bucket: bucket, Key: key, UploadId, PartNumber: index + 1, Body }
      const { ETag } = await s3.send(new UploadPartCommand(part))
      uploaded.push({ ETag, PartNumber: index + 1 })
    }
    const upload = { Bucket: bucket, Key: key, UploadId, MultipartUpload: { Parts: uploaded } }
    await s3.send(new CompleteMultipartUploadCommand(upload))
  })
}

async function change(key: string, content: Content, send: () => Promise<unknown>): Promise<void> {
  const expectation = objects.get(key) ?? { acknowledged: undefined }
  objects.set(key, expectation)
  expectation.sent = { content }
  await send()
  expectation.acknowledged = content
  expectation.sent = undefined
}

async function toggleKey(kms: KMSClient): Promise<void> {
  toggled.sent = !toggled.acknowledged
  const input = { KeyId: toggledKeyId }
  await kms.send(toggled.sent ? new EnableKeyCommand(input) : new DisableKeyCommand(input))
  toggled.acknowledged = toggled.sent
  toggled.sent = undefined
}

async function checkObjects(): Promise<void> {
  const { s3 } = clients()
  const contents = [...objects].map(async ([key, expectation]) => ({ key, expectation, found: await read(s3, key) }))
  for (const { key, expectation, found } of await Promise.all(contents)) {
    const allowed = [expectation.acknowledged, ...(expectation.sent ? [expectation.sent.content] : [])]
    expect({ key, found: allowed.includes(found) ? 'as it must be' : found, allowed }).toEqual({
      key,
      found: 'as it must be',
      allowed,
    })
    objects.set(key, { acknowledged: found })
  }
}

async function read(s3: S3Client, key: string): Promise<Content> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    return digest((await Body?.transformToByteArray()) ?? new Uint8Array())
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined
    throw error
  }
}

async function checkToggledKey(): Promise<void> {
  const { kms, trail } = clients()
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: toggledKeyId }))
  const enabled = KeyMetadata?.Enabled ?? false
  expect([toggled.acknowledged, toggled.sent]).toContain(enabled)
  Object.assign(toggled, { acknowledged: enabled, sent: undefined })
  const lastSwitch = await lastSwitchInTrail(trail)
  // A key begins enabled: the trail says nothing of it.
  expect(lastSwitch ?? 'EnableKey').toBe(enabled ? 'EnableKey' : 'DisableKey')
}

/** Trail and state agree: the newest EnableKey or DisableKey of the key says what state it is in. */
async function lastSwitchInTrail(trail: CloudTrailClient): Promise<string | undefined> {
  let NextToken: string | undefined
  do {
    const page = await trail.send(
      new LookupEventsCommand({
        LookupAttributes: [
          { AttributeKey: 'ResourceName', AttributeValue: `arn:aws:kms:${region}:000000000000:key/${toggledKeyId}` },
        ],
        NextToken,
      }),
    )
    const found = page.Events?.find(({ EventName }) => EventName === 'EnableKey' || EventName === 'DisableKey')
    if (found) return found.EventName
    NextToken = page.NextToken
  } while (NextToken)
  return undefined
}

async function checkTrailNamesEveryObject(): Promise<void> {
  const { s3, trail } = clients()
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }))
  const named = new Set<string>()
  let NextToken: string | undefined
  do {
    const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: 'GenerateDataKey' }]
    const page = await trail.send(new LookupEventsCommand({ LookupAttributes, NextToken }))
    for (const { CloudTrailEvent } of page.Events ?? []) {
      const record = JSON.parse(CloudTrailEvent ?? '{}')
      named.add(record.requestParameters?.encryptionContext?.['aws:s3:arn'])
    }
    NextToken = page.NextToken
  } while (NextToken)
  for (const { Key } of Contents) expect(named).toContain(`arn:aws:s3:::${bucket}/${Key}`)
}

function kmsSealed() {
  return { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyId } as const
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
