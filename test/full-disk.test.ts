import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateKeyCommand, DescribeKeyCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type RunningProcess, startProcess } from './process.ts'

/* A disk of 40 MiB that is full, and then is not: the built program on a file system of its own. Mounting takes a superuser. */

const mebibyte = 1 << 20
const folder = mkdtempSync(join(tmpdir(), 'full-disk-'))
const disk = join(folder, 'disk')
const isMounted = mounts()

function mounts(): boolean {
  try {
    execFileSync('mkdir', [disk])
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

afterAll(() => {
  if (isMounted) execFileSync('umount', [disk])
  rmSync(folder, { recursive: true })
})

const describeFullDisk = isMounted ? describe : describe.skip

describeFullDisk('on a full disk', () => {
  let emulator: RunningProcess
  let s3: S3Client
  let kms: KMSClient
  let sealed: { ServerSideEncryption: 'aws:kms'; SSEKMSKeyId: string }
  const Bucket = 'full'
  const ballast = join(disk, 'ballast')

  beforeAll(async () => {
    emulator = await startProcess(['--data-dir', join(disk, 'data')])
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const common = { endpoint: emulator.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }
    s3 = new S3Client({ ...common, forcePathStyle: true })
    kms = new KMSClient(common)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    sealed = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyMetadata?.KeyId ?? '' }
    await s3.send(new CreateBucketCommand({ Bucket }))
    await put('plain')
    await s3.send(new PutObjectCommand({ Bucket, Key: 'sealed', Body: Buffer.alloc(1000, 's'), ...sealed }))
  })

  afterAll(async () => {
    await emulator.end('SIGTERM')
  })

  async function restart(signal: NodeJS.Signals): Promise<void> {
    await emulator.end(signal)
    emulator = await startProcess(['--data-dir', join(disk, 'data'), '--port', new URL(emulator.endpoint).port])
  }

  function free(): number {
    const { bavail, bsize } = statfsSync(disk)
    return bavail * bsize
  }

  const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(mebibyte, 'p') }))
  const health = async () => (await fetch(`${emulator.endpoint}/_s3kms/health`)).json()
  const get = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    return (await Body?.transformToByteArray())?.length
  }

  /** Puts until one is refused; @returns the refusal */
  async function fill(prefix: string): Promise<unknown> {
    for (let number = 0; number < 60; number++) {
      const refusal = await put(`${prefix}${number}`).then(
        () => undefined,
        (error) => error,
      )
      if (refusal) return refusal
    }
    return undefined
  }

  const unavailable = { name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } }

  /** Another process takes all but so many bytes. */
  function leave(bytes: number): void {
    for (let taken = free(); taken > bytes; taken = free()) appendFileSync(ballast, Buffer.alloc(Math.min(4096, taken)))
  }

  test('new objects are refused with 503, plain ones are read, KMS gives nothing that it cannot record, and the health says why', async () => {
    expect(await fill('object')).toMatchObject({ ...unavailable, message: 'Service is unable to handle request.' })
    leave(mebibyte)
    expect(await fill('none of these')).toMatchObject(unavailable)
    expect(await get('plain')).toBe(mebibyte)
    await expect(get('sealed')).rejects.toMatchObject(unavailable)
    await expect(kms.send(new DescribeKeyCommand({ KeyId: sealed.SSEKMSKeyId }))).rejects.toMatchObject(unavailable)
    const reason = expect.stringMatching(/^The disk of the data folder is full|No space left on device$/)
    expect(await health()).toMatchObject({ status: 'degraded', reason })
  })

  test('deleting gives room', async () => {
    rmSync(ballast)
    for (let number = 0; number < 12; number++) {
      await s3.send(new DeleteObjectCommand({ Bucket, Key: `object${number}` }))
    }
    // The first sweep comes a second after a start, the others a minute later.
    await restart('SIGTERM')
    while (free() < 12 * mebibyte) await health()
    await put('new')
    expect(await get('new')).toBe(mebibyte)
    expect(await get('sealed')).toBe(1000)
    expect(await health()).toMatchObject({ status: 'ok' })
  })

  test('killed while the disk is full it is degraded from the start, and a new folder there is not begun', async () => {
    // Its reserve is 8 MiB then: 7 MiB are less, and still enough for the tables that a start makes of the logs.
    execFileSync('mount', ['-o', 'remount,size=64m', disk])
    await fill('full again')
    leave(7 * mebibyte)
    await restart('SIGKILL')
    // What the start cleared, others take.
    leave(7 * mebibyte)
    const reason = expect.stringMatching(/^The disk of the data folder is full/)
    expect(await health()).toMatchObject({ status: 'degraded', reason })
    const other = join(disk, 'other')
    await expect(startProcess(['--data-dir', other])).rejects.toThrow(
      `ended with 1 before it was ready:\ns3kms-emu: The data folder ${other} cannot be opened: The disk of the data folder is full`,
    )
    leave(0)
    await expect(startProcess(['--data-dir', join(disk, 'another')])).rejects.toThrow(
      `s3kms-emu: The data folder ${join(disk, 'another')} cannot be opened: ENOSPC, its disk is full`,
    )
    // What it had deleted and still held open is free once it is gone: others take that too.
    await emulator.end('SIGKILL')
    leave(0)
    await expect(restart('SIGKILL')).rejects.toThrow(
      `s3kms-emu: The data folder ${join(disk, 'data')} cannot be opened: ENOSPC, its disk is full`,
    )
    rmSync(ballast)
    rmSync(other, { recursive: true })
    await restart('SIGKILL')
  })

  test('others fill the disk to the last byte, and give it back: all works again without a restart', async () => {
    leave(0)
    expect(await fill('more')).toMatchObject({ $metadata: { httpStatusCode: 503 } })
    await expect(
      kms.send(new GenerateDataKeyCommand({ KeyId: sealed.SSEKMSKeyId, NumberOfBytes: 32 })),
    ).rejects.toMatchObject(unavailable)
    expect(await get('plain')).toBe(mebibyte)
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'new' }))).ContentLength).toBe(mebibyte)
    expect(await health()).toMatchObject({ status: 'degraded' })
    rmSync(ballast)
    // What was dropped on the way may not be cleared yet: there must be room beyond the reserve whatever it takes.
    execFileSync('mount', ['-o', 'remount,size=96m', disk])
    await put('after')
    expect(await get('after')).toBe(mebibyte)
    expect(await get('sealed')).toBe(1000)
    expect(await health()).toMatchObject({ status: 'ok' })
    await restart('SIGKILL')
    expect(await get('after')).toBe(mebibyte)
    expect(await get('plain')).toBe(mebibyte)
  })
})
