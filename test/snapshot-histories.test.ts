import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  EncryptCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Emulator, startEmulator } from '../src/emulator.ts'
import { readExportFile } from '../src/lab/snapshots/export-file.ts'
import { readStateFile } from '../src/lab/snapshots/state-file.ts'
import { prefixes } from '../src/store/keyspace.ts'
import { region } from './emulator.ts'

/*
 * Random histories with snapshots at any moment: a state that is loaded is the one that was saved, record for record and byte for byte,
 * whatever came between, and so is one that was exported and imported by an emulator of the other kind.
 */

const doings = [
  'bucket',
  'put',
  'put',
  'put',
  'put sealed',
  'put sealed',
  'put large',
  'delete',
  'delete',
  'copy',
  'tag',
  'version',
  'upload',
  'part',
  'complete',
  'key',
  'alias',
  'grant',
  'encrypt',
  'end a key',
  'clock',
  'settle',
  'reset',
  'save',
  'save',
  'load',
  'load',
  'load',
  'restart',
] as const
type Script = { does: (typeof doings)[number]; which: number }[]
const lengths = { minLength: 30, maxLength: 60, size: 'max' } as const
const scripts: fc.Arbitrary<Script> = fc.array(
  fc.record({ does: fc.constantFrom(...doings), which: fc.nat(30) }),
  lengths,
)

let undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.reverse()) await step()
  undo = []
})

class History {
  emulator: Emulator
  readonly saved = new Map<string, Map<string, string>>()
  readonly #folder: string
  readonly #isMemory: boolean
  #s3: S3Client
  #kms: KMSClient
  #count = 0
  readonly #keys: string[] = []
  readonly #uploads: { place: { Bucket: string; Key: string; UploadId: string | undefined }; etag?: string }[] = []

  constructor(emulator: Emulator, folder: string, isMemory: boolean) {
    this.emulator = emulator
    this.#folder = folder
    this.#isMemory = isMemory
    this.#s3 = s3Of(emulator)
    this.#kms = kmsOf(emulator)
  }

  async take({ does, which }: Script[number]): Promise<void> {
    if (does === 'clock') await this.emulator.clock.advance(`${1 + (which % 10)}d`)
    else if (does === 'settle') await this.emulator.settle()
    else if (does === 'reset') await this.#reset(which)
    else if (does === 'save') await this.#save(`state-${which % 2}`)
    else if (does === 'load') await this.#load(`state-${which % 2}`)
    else if (does === 'restart') await this.#restart()
    // Most of what is asked may be refused: there is no such bucket, no such upload.
    else await this.#ask(does, which).catch((error) => expect(error.$metadata?.httpStatusCode).toBeLessThan(500))
  }

  /** Without them most requests would be refused. */
  async seed(): Promise<void> {
    for (const which of [0, 1, 2]) {
      for (const does of ['bucket', 'key', 'alias'] as const) await this.take({ does, which })
    }
    await this.take({ does: 'version', which: 1 })
  }

  async loadAll(): Promise<void> {
    for (const name of this.saved.keys()) await this.#load(name)
  }

  async #save(name: string): Promise<void> {
    const dump = await dumpOf(this.emulator, this.#folder)
    await this.emulator.snapshots.save(name)
    this.saved.set(name, dump)
  }

  async #load(name: string): Promise<void> {
    const dump = this.saved.get(name)
    if (!dump) return
    await this.emulator.snapshots.load(name)
    expect(await dumpOf(this.emulator, this.#folder)).toEqual(dump)
  }

  /** Most histories go on in what there is. */
  async #reset(which: number): Promise<void> {
    if (which % 3 !== 0) return
    await this.emulator.reset()
    this.#keys.length = 0
    await this.seed()
  }

  async #restart(): Promise<void> {
    if (this.#isMemory) return
    await this.emulator.stop()
    this.emulator = await start({ dataDir: join(this.#folder, 'data') })
    this.#s3 = s3Of(this.emulator)
    this.#kms = kmsOf(this.emulator)
  }

  #ask(does: string, which: number): Promise<unknown> {
    const Bucket = `bucket-${which % 2}`
    const place = { Bucket, Key: `key-${which % 4}` }
    const KeyId = `alias/${which % 3}`
    const sealed = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyId } as const
    const Body = `body ${this.#count++}`
    const s3 = this.#s3
    const kms = this.#kms
    const Status = which % 3 === 0 ? 'Suspended' : 'Enabled'
    const requests: Record<string, () => Promise<unknown>> = {
      bucket: () => s3.send(new CreateBucketCommand({ Bucket })),
      put: () => s3.send(new PutObjectCommand({ ...place, Body })),
      'put sealed': () => s3.send(new PutObjectCommand({ ...place, Body, ...sealed })),
      'put large': () => s3.send(new PutObjectCommand({ ...place, Body: Body.padEnd(400_000) })),
      delete: () => s3.send(new DeleteObjectCommand(place)),
      copy: () => s3.send(new CopyObjectCommand({ ...place, CopySource: `${Bucket}/key-${(which + 1) % 4}` })),
      tag: () => s3.send(new PutObjectTaggingCommand({ ...place, Tagging: { TagSet: [{ Key: 'a', Value: Body }] } })),
      version: () => s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } })),
      upload: () => this.#upload(place),
      part: () => this.#part(Body),
      complete: () => this.#complete(),
      key: () =>
        kms.send(new CreateKeyCommand({})).then(({ KeyMetadata }) => this.#keys.push(KeyMetadata?.KeyId ?? '')),
      alias: () => kms.send(new CreateAliasCommand({ AliasName: KeyId, TargetKeyId: this.#keyOf(which) })),
      grant: () => kms.send(new CreateGrantCommand({ KeyId: this.#keyOf(which), ...granted })),
      encrypt: () => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(Body) })),
      'end a key': () =>
        kms.send(new ScheduleKeyDeletionCommand({ KeyId: this.#keyOf(which), PendingWindowInDays: 7 })),
    }
    return requests[does]?.() ?? Promise.resolve()
  }

  #keyOf(which: number): string {
    return this.#keys[which % Math.max(1, this.#keys.length)] ?? '00000000-0000-0000-0000-000000000000'
  }

  async #upload(place: { Bucket: string; Key: string }): Promise<void> {
    const { UploadId } = await this.#s3.send(new CreateMultipartUploadCommand(place))
    this.#uploads.push({ place: { ...place, UploadId } })
  }

  async #part(Body: string): Promise<void> {
    const upload = this.#uploads.at(-1)
    if (!upload) return
    upload.etag = (await this.#s3.send(new UploadPartCommand({ ...upload.place, PartNumber: 1, Body }))).ETag
  }

  async #complete(): Promise<void> {
    const { place, etag } = this.#uploads.pop() ?? {}
    if (!place) return
    const MultipartUpload = { Parts: [{ ETag: etag, PartNumber: 1 }] }
    await this.#s3.send(new CompleteMultipartUploadCommand({ ...place, MultipartUpload }))
  }
}

const granted = { GranteePrincipal: 'arn:aws:iam::000000000000:user/grantee', Operations: ['Decrypt' as const] }

async function start(options: { dataDir?: string; ephemeral?: boolean }): Promise<Emulator> {
  const emulator = await startEmulator({ port: 0, logLevel: 'silent', ...options })
  undo.push(() => emulator.stop())
  return emulator
}

function s3Of({ endpoint, credentials }: Emulator): S3Client {
  return new S3Client({ endpoint, region, credentials, maxAttempts: 1, forcePathStyle: true })
}

function kmsOf({ endpoint, credentials }: Emulator): KMSClient {
  return new KMSClient({ endpoint, region, credentials, maxAttempts: 1 })
}

/** All records of a state, and a digest of each body; but for the numbers by which runs of the process are told apart. */
async function dumpOf(emulator: Emulator, folder: string): Promise<Map<string, string>> {
  const path = join(folder, 'dump')
  await emulator.export(path)
  const file = await readStateFile(readExportFile(path))
  const dump = new Map<string, string>()
  let body = ''
  for await (const page of file.entries()) {
    for (const entry of page) {
      if (entry.type === 'body') body = `body ${entry.id}`
      else if (entry.type === 'segment') dump.set(body, digestOf(dump.get(body) ?? '', entry.bytes))
      else if (entry.name.charCodeAt(0) !== prefixes.setting) dump.set(entry.name, entry.text)
    }
  }
  return dump
}

function digestOf(before: string, bytes: Uint8Array): string {
  return createHash('sha256').update(before).update(bytes).digest('base64')
}

test.each([
  ['memory', 3],
  ['a data folder', 3],
])('What is saved is what is loaded, and what is exported is what is imported (%s)', async (backend, numRuns) => {
  const isMemory = backend === 'memory'
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const folder = await mkdtemp(join(tmpdir(), 's3kms-histories-'))
      const emulator = await start(isMemory ? { ephemeral: true } : { dataDir: join(folder, 'data') })
      const history = new History(emulator, folder, isMemory)
      await history.seed()
      for (const step of script) await history.take(step)
      const dump = await dumpOf(history.emulator, folder)
      const other = await start(isMemory ? { dataDir: join(folder, 'other') } : { ephemeral: true })
      await other.import(join(folder, 'dump'))
      expect(await dumpOf(other, folder)).toEqual(dump)
      await history.loadAll()
      for (const step of undo.reverse()) await step()
      undo = []
      await rm(folder, { recursive: true })
    }),
    // To make a history shorter takes longer than to read it.
    { numRuns, endOnFailure: true },
  )
})
