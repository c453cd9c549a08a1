import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type DataFolder, makeDataFolder } from './data-folder.ts'
import { type Journey, startJourney } from './emulator.ts'
import { commandLine } from './process.ts'

/* Proof that what is kept can be read as it was written, and what is said when it cannot. */

const Bucket = 'verified'
const large = Buffer.alloc(600_000, 'v')
const customer = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: Buffer.alloc(32, 1).toString('base64') }
let folder: DataFolder
let journey: Journey
let doomed: string

async function start(): Promise<void> {
  journey = await startJourney({ ephemeral: false, dataDir: folder.path, logLevel: 'silent' })
}

beforeAll(async () => {
  folder = await makeDataFolder()
  await start()
  await journey.createBucket(Bucket)
  const KeyId = await journey.createKey()
  doomed = await journey.createKey()
  const underKms = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: KeyId }
  const VersioningConfiguration = { Status: 'Enabled' as const }
  await journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  await put('small', Buffer.from('small'), underKms)
  await put('small', Buffer.from('its second version'), {})
  await put('large', large, underKms)
  await put('bucket-key', large, { ...underKms, BucketKeyEnabled: true })
  await put('dsse', large, { ...underKms, ServerSideEncryption: 'aws:kms:dsse' as const })
  await put('s3', large, { ServerSideEncryption: 'AES256' as const })
  await put('plain', large, {})
  await put('empty', Buffer.alloc(0), underKms)
  await put('customer', large, customer)
  await put('doomed', large, { ...underKms, SSEKMSKeyId: doomed })
  await putInParts('parts', underKms)
  await journey.s3.send(new DeleteObjectCommand({ Bucket, Key: 's3' }))
})

afterAll(async () => {
  await journey.emulator.stop()
  await folder.remove()
})

function put(Key: string, Body: Buffer, sealed: object) {
  return journey.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...sealed }))
}

async function putInParts(Key: string, sealed: object): Promise<void> {
  const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...sealed }))
  const part = { Bucket, Key, UploadId, PartNumber: 1, Body: large }
  const { ETag } = await journey.s3.send(new UploadPartCommand(part))
  const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] }
  await journey.s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }))
}

test('What is whole verifies, whatever seals it, and no event is left', async () => {
  const before = await journey.records()
  const verification = await journey.emulator.verify()
  expect(verification).toMatchObject({ ok: true, versions: 10, unopened: 1, faults: [], unreachable: { bodies: 0 } })
  expect(verification.bytes).toBe(7 * large.length + 'small'.length + 'its second version'.length)
  expect(await journey.records()).toEqual(before)
})

test('Whoever watches is told how far it is, by the library and over HTTP', async () => {
  const stages = new Map<string, [done: number, total: number | undefined]>()
  const verification = await journey.emulator.verify({
    onProgress: ({ stage, done, total }) => stages.set(stage, [done, total]),
  })
  expect([...stages.keys()]).toEqual(['files', 'records', 'objects', 'uploads', 'bodies', 'trail'])
  // What only its customer opens is counted with the others.
  const total = verification.bytes + large.length
  expect(stages.get('objects')).toEqual([total, total])
  const answer = await fetch(`${journey.endpoint}/_s3kms/verify/progress`, { method: 'POST' })
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
  const [last = ''] = (await answer.text()).trimEnd().split('\n').slice(-1)
  expect(JSON.parse(last)).toEqual({ verification })
})

test('It ends when nobody waits for its end', async () => {
  const signal = AbortSignal.abort(new Error('enough was seen'))
  await expect(journey.emulator.verify({ signal })).rejects.toThrow('enough was seen')
})

test('What lies under a key that is gone cannot be opened, and is no fault', async () => {
  await journey.kms.send(new ScheduleKeyDeletionCommand({ KeyId: doomed, PendingWindowInDays: 7 }))
  journey.turn(8 * 86_400_000)
  await journey.settle()
  expect(await journey.emulator.verify()).toMatchObject({ ok: true, versions: 9, unopened: 2 })
})

test('Each damage is found and named, and the command says so by its exit code', async () => {
  await journey.stop()
  await folder.tamper(async (store) => {
    const blobOf = (key: string) => {
      const { body } = store.record(Bucket, key)
      return 'blob' in body ? body.blob : -1
    }
    for (const key of ['large', 'plain']) {
      const [first = -1] = store.segments(blobOf(key))
      const segment = await store.segment(first)
      segment.writeUInt8(segment.readUInt8(100) ^ 1, 100)
      await store.putSegment(first, segment)
    }
    await store.forgetBody(blobOf('bucket-key'))
    await store.putRecord(Bucket, 'dsse', {
      ...store.record(Bucket, 'dsse'),
      manifest: Buffer.alloc(32).toString('base64'),
    })
  })
  await start()
  const { ok, faults, faultCount } = await journey.emulator.verify()
  const found = faults.map(({ kind, where }) => `${kind} ${where.slice(0, where.indexOf('?'))}`).sort()
  expect(found).toEqual([
    `body s3://${Bucket}/bucket-key`,
    `manifest s3://${Bucket}/dsse`,
    `segment s3://${Bucket}/large`,
    `segment s3://${Bucket}/plain`,
  ])
  expect([ok, faultCount]).toEqual([false, 4])
  const command = await commandLine(['verify', '--endpoint', journey.endpoint])
  expect([command.code, command.stdout]).toEqual([1, expect.stringContaining('4 faults')])
})

test('A key that is made while the trail is read has its event', async () => {
  const made: Promise<string>[] = []
  const verification = await journey.emulator.verify({
    onProgress: ({ stage }) => {
      if (stage === 'trail' && made.length === 0) made.push(journey.createKey())
    },
  })
  expect(await Promise.all(made)).toHaveLength(1)
  expect(verification.faults.filter(({ kind }) => kind === 'trail')).toEqual([])
})

test('An event that is older than the trail keeps is no fault while it still lies there', async () => {
  const aged = await startJourney({ trailRetention: 1 }, 'standing')
  // The trail is pruned by spans of 32 ms.
  aged.turn(32 - (aged.ambient.now() % 32))
  await aged.createKey()
  aged.turn(86_400_001)
  await aged.settle()
  expect(await aged.records()).toEqual([])
  expect(await aged.emulator.verify()).toMatchObject({ ok: true, events: 1, faults: [] })
  await aged.stop()
})

test('What nothing names is unreachable, and --repair removes it and nothing else', async () => {
  await journey.emulator.stop()
  await folder.tamper((store) => store.addBody(4_000_000))
  await start()
  const before = await journey.emulator.verify()
  expect(before.unreachable).toEqual({ bodies: 1, removed: false })
  const repaired = await journey.emulator.verify({ repair: true })
  expect(repaired.unreachable).toEqual({ bodies: 1, removed: true })
  const after = await journey.emulator.verify()
  expect(after).toEqual({
    ...before,
    unreachable: { bodies: 0, removed: false },
    records: after.records,
    bodies: after.bodies,
  })
})

test('A snapshot that is damaged is told with its file', async () => {
  await journey.emulator.snapshots.save('kept')
  const filesTold = async () => (await journey.emulator.verify()).faults.filter(({ kind }) => kind === 'file')
  expect(await filesTold()).toEqual([])
  const path = join(folder.path, 'snapshots', 'kept')
  const bytes = await readFile(path)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 100) ^ 1, bytes.length - 100)
  await writeFile(path, bytes)
  expect(await filesTold()).toEqual([
    { kind: 'file', where: 'snapshots/kept', message: expect.stringMatching(/damaged/) },
  ])
  await journey.emulator.snapshots.delete('kept')
})
