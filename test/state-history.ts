import { createHash } from 'node:crypto'
import { join } from 'node:path'
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  KMSClient,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { expect } from '@jest/globals'
import type { TurnableAmbient } from '../src/ambient.ts'
import { type Emulator, startEmulator } from '../src/emulator.ts'
import { openExportFile } from '../src/lab/snapshots/export-file.ts'
import { readStateFile } from '../src/lab/snapshots/state-file.ts'
import { prefixes } from '../src/store/keyspace.ts'
import { region } from './emulator.ts'
import { observe } from './observation.ts'

/** What a step of a history does; what is here twice comes twice as often. */
export const doings = [
  ...['bucket', 'put', 'put', 'put', 'put sealed', 'put sealed', 'put large', 'delete', 'delete', 'copy', 'tag'],
  ...['version', 'upload', 'part', 'complete', 'lifecycle', 'lock', 'hold'],
  ...['key', 'alias', 'move alias', 'drop alias', 'grant', 'revoke', 'encrypt', 'tag key', 'rotate', 'switch key'],
  ...['end a key', 'end a key', 'keep a key', 'advance', 'advance', 'set', 'freeze', 'run', 'time passes'],
  ...['settle', 'reset', 'save', 'save', 'load', 'load', 'load', 'restart'],
] as const

export interface Step {
  does: (typeof doings)[number]
  which: number
}

/** A state: its records and bodies, what clients see of it, and its clock. */
interface Seen {
  dump: Map<string, string>
  observed: unknown
  clock: { isStanding: boolean; time: number }
}

export interface HistoryParts {
  emulator: Emulator
  /** The machine's clock: it stands until a step turns it. */
  machine: TurnableAmbient
  folder: string
  isMemory: boolean
}

/** What happens to an emulator, step by step; each state that is loaded is held against what it was when it was saved. */
export class StateHistory {
  emulator: Emulator
  readonly saved = new Map<string, Seen>()
  readonly #parts: HistoryParts
  #s3: S3Client
  #kms: KMSClient
  #count = 0
  readonly #keys: string[] = []
  readonly #grants: { KeyId: string; GrantId: string | undefined }[] = []
  readonly #uploads: { place: { Bucket: string; Key: string; UploadId: string | undefined }; etag?: string }[] = []

  constructor(parts: HistoryParts) {
    this.emulator = parts.emulator
    this.#parts = parts
    this.#s3 = s3Of(parts.emulator)
    this.#kms = kmsOf(parts.emulator)
  }

  async take({ does, which }: Step): Promise<void> {
    const lab = this.#labSteps(which)[does]
    if (lab) await lab()
    // Most of what is asked may be refused: there is no such bucket, no such upload.
    else await this.#ask(does, which).catch((error) => expect(error.$metadata?.httpStatusCode).toBeLessThan(500))
  }

  /** Without them most requests would be refused. */
  async seed(): Promise<void> {
    for (const which of [0, 1, 2]) {
      for (const does of ['bucket', 'key', 'alias'] as const) await this.take({ does, which })
    }
    for (const which of [0, 1]) await this.take({ does: 'lifecycle', which })
    await this.take({ does: 'version', which: 1 })
  }

  async loadAll(): Promise<void> {
    for (const name of this.saved.keys()) await this.#load(name)
  }

  /** All that is known of the present state. What is observed comes first, because it leaves events. */
  async see(emulator: Emulator = this.emulator): Promise<Seen> {
    const observed = await observe({ s3: s3Of(emulator), kms: kmsOf(emulator) })
    const { isStanding, time, ahead } = await emulator.clock.show()
    const clock = { isStanding, time: isStanding ? Date.parse(time) : ahead }
    return { observed, clock, dump: await dumpOf(emulator, this.#parts.folder) }
  }

  #labSteps(which: number): Partial<Record<Step['does'], () => Promise<unknown>>> {
    const { clock } = this.emulator
    const days = 1 + (which % 10)
    return {
      advance: () => clock.advance(`${days}d`),
      set: async () => clock.set(Date.parse((await clock.show()).time) + days * 3_600_000),
      freeze: () => clock.freeze(),
      run: () => clock.run(),
      'time passes': async () => {
        this.#parts.machine.turn(days * 1000)
        await this.emulator.settle()
      },
      settle: () => this.emulator.settle(),
      reset: () => this.#reset(which),
      save: () => this.#save(`state-${which % 2}`),
      load: () => this.#load(`state-${which % 2}`),
      restart: () => this.#restart(),
    }
  }

  async #save(name: string): Promise<void> {
    const seen = await this.see()
    await this.emulator.snapshots.save(name)
    this.saved.set(name, seen)
  }

  async #load(name: string): Promise<void> {
    const seen = this.saved.get(name)
    if (!seen) return
    await this.emulator.snapshots.load(name)
    expect(await dumpOf(this.emulator, this.#parts.folder)).toEqual(seen.dump)
    const { observed, clock } = await this.see()
    expect({ observed, clock }).toEqual({ observed: seen.observed, clock: seen.clock })
  }

  /** Most histories go on in what there is. */
  async #reset(which: number): Promise<void> {
    if (which % 3 !== 0) return
    await this.emulator.reset()
    this.#keys.length = 0
    await this.seed()
  }

  async #restart(): Promise<void> {
    const { folder, isMemory, machine } = this.#parts
    if (isMemory) return
    await this.emulator.stop()
    this.emulator = await startQuietly({ dataDir: join(folder, 'data') }, machine)
    this.#s3 = s3Of(this.emulator)
    this.#kms = kmsOf(this.emulator)
  }

  async #ask(does: Step['does'], which: number): Promise<unknown> {
    const requests = { ...this.#objectRequests(which), ...this.#keyRequests(which) }
    return requests[does]?.()
  }

  #objectRequests(which: number): Partial<Record<Step['does'], () => Promise<unknown>>> {
    const Bucket = `bucket-${which % 3}`
    const place = { Bucket, Key: `key-${which % 4}` }
    const sealed = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: `alias/${which % 3}` } as const
    const Body = `body ${this.#count++}`
    const Status = which % 4 === 0 ? 'Suspended' : 'Enabled'
    const s3 = this.#s3
    return {
      bucket: () => s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: which % 3 === 2 })),
      put: () => s3.send(new PutObjectCommand({ ...place, Body })),
      'put sealed': () => s3.send(new PutObjectCommand({ ...place, Body, ...sealed })),
      'put large': () => s3.send(new PutObjectCommand({ ...place, Body: Body.padEnd(400_000) })),
      delete: () => s3.send(new DeleteObjectCommand(place)),
      copy: () => s3.send(new CopyObjectCommand({ ...place, CopySource: `${Bucket}/key-${(which + 1) % 4}` })),
      tag: () => s3.send(new PutObjectTaggingCommand({ ...place, Tagging: { TagSet: [{ Key: 'a', Value: Body }] } })),
      version: () => s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } })),
      lifecycle: () => s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: aging })),
      lock: () => this.#lock(which % 4, which % 10),
      hold: () =>
        s3.send(
          new PutObjectLegalHoldCommand({
            ...place,
            Bucket: 'bucket-2',
            LegalHold: { Status: which % 3 ? 'ON' : 'OFF' },
          }),
        ),
      upload: () => this.#upload(place),
      part: () => this.#part(Body),
      complete: () => this.#complete(),
    }
  }

  #keyRequests(which: number): Partial<Record<Step['does'], () => Promise<unknown>>> {
    const KeyId = this.#keys[which % Math.max(1, this.#keys.length)] ?? '00000000-0000-0000-0000-000000000000'
    const alias = { AliasName: `alias/${which % 3}` }
    const kms = this.#kms
    const Tags = [{ TagKey: `tag-${which % 2}`, TagValue: `${which}` }]
    return {
      key: async () => this.#keys.push((await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? ''),
      alias: () => kms.send(new CreateAliasCommand({ ...alias, TargetKeyId: KeyId })),
      'move alias': () => kms.send(new UpdateAliasCommand({ ...alias, TargetKeyId: KeyId })),
      'drop alias': async () => which % 3 === 0 && kms.send(new DeleteAliasCommand(alias)),
      grant: async () => {
        const { GrantId } = await kms.send(new CreateGrantCommand({ KeyId, ...granted }))
        this.#grants.push({ KeyId, GrantId })
      },
      revoke: async () => {
        const grant = this.#grants.pop()
        if (grant) await kms.send(new RevokeGrantCommand(grant))
      },
      encrypt: () => kms.send(new EncryptCommand({ KeyId: alias.AliasName, Plaintext: Buffer.from(`${which}`) })),
      'tag key': () => kms.send(new TagResourceCommand({ KeyId, Tags })),
      rotate: () => kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 + which })),
      'switch key': () => kms.send(which % 2 ? new DisableKeyCommand({ KeyId }) : new EnableKeyCommand({ KeyId })),
      'end a key': () => kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })),
      'keep a key': () => kms.send(new CancelKeyDeletionCommand({ KeyId })),
    }
  }

  /** For some days by the emulator's clock. */
  async #lock(key: number, days: number): Promise<void> {
    const { time } = await this.emulator.clock.show()
    const ObjectLockRetainUntilDate = new Date(Date.parse(time) + (1 + days) * 86_400_000)
    const locked = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate } as const
    await this.#s3.send(
      new PutObjectCommand({ Bucket: 'bucket-2', Key: `key-${key}`, Body: `locked for ${days} days`, ...locked }),
    )
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

/** So that each turn of the clock finds something due. */
const aging = {
  Rules: [
    {
      ...{ ID: 'age', Status: 'Enabled' as const, Filter: { Prefix: '' } },
      ...{ Expiration: { Days: 4 }, NoncurrentVersionExpiration: { NoncurrentDays: 2 } },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 },
    },
  ],
}

/** @param machine its clock */
export function startQuietly(
  options: { dataDir?: string; ephemeral?: boolean },
  machine: TurnableAmbient,
): Promise<Emulator> {
  return startEmulator({ port: 0, logLevel: 'silent', ...options }, machine)
}

function s3Of({ endpoint, credentials }: Emulator): S3Client {
  return new S3Client({ endpoint, region, credentials, maxAttempts: 1, forcePathStyle: true })
}

function kmsOf({ endpoint, credentials }: Emulator): KMSClient {
  return new KMSClient({ endpoint, region, credentials, maxAttempts: 1 })
}

/** All records of a state, and a digest of each body; but for the numbers by which runs of the process are told apart. */
export async function dumpOf(emulator: Emulator, folder: string): Promise<Map<string, string>> {
  const path = join(folder, 'dump')
  await emulator.export(path)
  const file = await readStateFile(await openExportFile(path))
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
