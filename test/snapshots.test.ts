import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type Emulator, startEmulator } from '../src/emulator.ts'
import type { EmulatorOptions } from '../src/options.ts'
import { region } from './emulator.ts'

/*
 * The state of an emulator kept and put back, and carried from one emulator into another.
 */

const large = randomBytes(3_000_000)

let undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.reverse()) await step()
  undo = []
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 's3kms-snapshots-'))
  undo.push(() => rm(path, { recursive: true }))
  return path
}

async function start(options: Partial<EmulatorOptions>): Promise<Emulator> {
  const emulator = await startEmulator({ port: 0, logLevel: 'error', ...options })
  undo.push(() => emulator.stop())
  return emulator
}

function clientsOf({ endpoint, credentials }: Emulator) {
  const configuration = { endpoint, region, credentials, maxAttempts: 1 }
  return {
    s3: new S3Client({ ...configuration, forcePathStyle: true }),
    kms: new KMSClient(configuration),
    cloudTrail: new CloudTrailClient(configuration),
  }
}

interface Made {
  keyId: string
  ciphertext: Uint8Array
  parts: Buffer[]
}

/** A key, a ciphertext, objects small and large, plain and sealed, versions, a multipart object. */
async function fill(emulator: Emulator): Promise<Made> {
  const { s3, kms } = clientsOf(emulator)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const keyId = KeyMetadata?.Arn ?? ''
  const { CiphertextBlob = new Uint8Array() } = await kms.send(
    new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('secret') }),
  )
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }))
  const versioning = { Bucket: 'bucket', VersioningConfiguration: { Status: 'Enabled' } } as const
  await s3.send(new PutBucketVersioningCommand(versioning))
  const sealed = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyId } as const
  await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'small', Body: 'first' }))
  await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'small', Body: 'second', ...sealed }))
  await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'large', Body: large, ...sealed }))
  const parts = [Buffer.alloc(5 << 20, 'p'), Buffer.from('the end')]
  const place = { Bucket: 'bucket', Key: 'parts' }
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...place, ...sealed }))
  const Parts = []
  for (const [index, Body] of parts.entries()) {
    const part = { ...place, UploadId, PartNumber: index + 1 }
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body }))
    Parts.push({ ETag, PartNumber: index + 1 })
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }))
  return { keyId, ciphertext: CiphertextBlob, parts }
}

async function bytesAt({ s3 }: { s3: S3Client }, Key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

/** Whether all is there that `fill` made. */
async function expectFilled(emulator: Emulator, { keyId, ciphertext, parts }: Made): Promise<void> {
  const { s3, kms } = clientsOf(emulator)
  expect((await bytesAt({ s3 }, 'small')).toString()).toBe('second')
  expect((await bytesAt({ s3 }, 'large')).equals(large)).toBe(true)
  expect((await bytesAt({ s3 }, 'parts')).equals(Buffer.concat(parts))).toBe(true)
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'bucket' }))
  expect(Versions.map(({ Key }) => Key)).toEqual(['large', 'parts', 'small', 'small'])
  expect(DeleteMarkers).toEqual([])
  const { Plaintext = [] } = await kms.send(new DecryptCommand({ CiphertextBlob: ciphertext, KeyId: keyId }))
  expect(Buffer.from(Plaintext).toString()).toBe('secret')
}

/** Changes and removes what `fill` made, and makes other things. */
async function goOn(emulator: Emulator): Promise<void> {
  const { s3, kms } = clientsOf(emulator)
  await kms.send(new CreateKeyCommand({}))
  for (const { Key, VersionId } of (await s3.send(new ListObjectVersionsCommand({ Bucket: 'bucket' }))).Versions ??
    []) {
    await s3.send(new DeleteObjectCommand({ Bucket: 'bucket', Key, VersionId }))
  }
  await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'other', Body: Buffer.alloc(1 << 20, 'o') }))
  await s3.send(new CreateBucketCommand({ Bucket: 'other' }))
}

async function eventsOf(emulator: Emulator): Promise<string[]> {
  const { Events = [] } = await clientsOf(emulator).cloudTrail.send(new LookupEventsCommand({}))
  return Events.map(({ EventId = '' }) => EventId)
}

describe.each(['memory', 'a data folder'])('Snapshots of an emulator in %s', (backend) => {
  let dataDir: string
  const open = async () => {
    dataDir = await folder()
    return start({ dataDir, ephemeral: backend === 'memory' })
  }

  test('bring back objects, versions, keys and trail, again and again, whatever came between', async () => {
    const emulator = await open()
    const made = await fill(emulator)
    const events = await eventsOf(emulator)
    const saved = await emulator.snapshots.save('base')
    expect(saved).toMatchObject({ name: 'base' })
    expect(await emulator.snapshots.list()).toEqual([saved])
    await goOn(emulator)
    await emulator.settle()
    await emulator.snapshots.load('base')
    expect(await eventsOf(emulator)).toEqual(events)
    await expectFilled(emulator, made)
    await emulator.reset()
    await emulator.settle()
    await emulator.snapshots.load('base')
    await expectFilled(emulator, made)
    await emulator.snapshots.delete('base')
    await goOn(emulator)
    await emulator.settle()
    const gone = expect(emulator.snapshots.load('base')).rejects
    await gone.toMatchObject({ kind: 'absent', message: 'There is no snapshot base' })
  })

  test('keep what was seeded for each test, and are not in the list', async () => {
    const emulator = await open()
    const made = await fill(emulator)
    const restore = await emulator.snapshot()
    for (let time = 0; time < 3; time++) {
      await goOn(emulator)
      await restore()
      await expectFilled(emulator, made)
    }
    expect(await emulator.snapshots.list()).toEqual([])
    await restore.discard()
    await expect(restore()).rejects.toThrow('It was discarded')
  })

  test.each(['', '..', '../base', 'a/b', 'a\\b', '.hidden', 'Base', 'con', 'nul.txt', 'a.', 'x'.repeat(65), 'é'])(
    'have names that lead nowhere else: %j is refused',
    async (name) => {
      const emulator = await open()
      await expect(emulator.snapshots.save(name)).rejects.toMatchObject({ kind: 'wrong' })
      await expect(emulator.snapshots.load(name)).rejects.toMatchObject({ kind: 'wrong' })
      await expect(emulator.snapshots.delete(name)).rejects.toMatchObject({ kind: 'wrong' })
    },
  )

  test('are taken while writers are at work, and have each object whole or not at all', async () => {
    const emulator = await open()
    const { s3 } = clientsOf(emulator)
    await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }))
    let isOver = false
    const writer = async (name: string) => {
      for (let count = 0; !isOver; count++) {
        const Body = Buffer.alloc(count % 2 === 0 ? 40_000 : 10, String(count % 10))
        await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: name, Body }))
      }
    }
    const keys = ['a', 'b', 'c', 'd']
    for (const Key of keys)
      await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: Buffer.alloc(5000, '0') }))
    const writers = keys.map(writer)
    for (const name of ['one', 'two', 'three']) await emulator.snapshots.save(name)
    isOver = true
    await Promise.all(writers)
    for (const name of ['two', 'one', 'three']) {
      await emulator.settle()
      await emulator.snapshots.load(name)
      for (const key of keys) expect(new Set(await bytesAt({ s3 }, key)).size).toBe(1)
    }
  })

  test('are exported as one file, which another emulator imports, with a passphrase or without', async () => {
    const emulator = await open()
    const made = await fill(emulator)
    const plain = join(await folder(), 'plain')
    const sealed = join(await folder(), 'sealed')
    await emulator.export(plain)
    await emulator.export(sealed, { passphrase: 'of several words' })
    await expect(emulator.export(sealed, { passphrase: '' })).rejects.toThrow('An empty passphrase seals nothing')
    const headers = { 's3kms-passphrase': '' }
    expect((await fetch(`${emulator.endpoint}/_s3kms/export`, { headers })).status).toBe(422)
    const other = await open()
    await goOn(other).catch(() => undefined)
    await other.import(plain)
    await expectFilled(other, made)
    await goOn(other)
    await expect(other.import(sealed)).rejects.toThrow('The file is sealed with a passphrase: give it')
    await expect(other.import(sealed, { passphrase: 'another' })).rejects.toThrow('The passphrase is another one')
    await other.import(sealed, { passphrase: 'of several words' })
    await expectFilled(other, made)
    await other.settle()
    await expectFilled(other, made)
    expect(await other.verify()).toMatchObject({ ok: true, faults: [], unreachable: { bodies: 0 } })
  })
})

test.each([true, false])(
  'Saves, loads and deletions at once are all done, one after another (in memory: %j)',
  async (ephemeral) => {
    const { endpoint } = await start(ephemeral ? { ephemeral } : { dataDir: await folder() })
    const ask = async (method: string, path: string) => {
      const { status } = await fetch(`${endpoint}/_s3kms/snapshots/${path}`, { method })
      return status
    }
    expect([await ask('PUT', 'a'), await ask('PUT', 'old')]).toEqual([200, 200])
    const asked = ['POST a/load', 'PUT b', 'POST a/load', 'DELETE old', 'POST a/load', 'PUT c'].map((text) =>
      text.split(' '),
    )
    const answers = asked.map(([method = '', path = '']) => ask(method, path))
    expect(await Promise.all(answers)).toEqual([200, 200, 200, 200, 200, 200])
  },
)
