import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KMSClient } from '@aws-sdk/client-kms'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterEach, expect } from '@jest/globals'
import { type Emulator, startEmulator } from '../src/emulator.ts'
import type { EmulatorOptions } from '../src/options.ts'
import { region } from './emulator.ts'

/* Emulators with data folders and a bucket of two objects, for tests of snapshots; all is gone when a test is over. */

export const large = Buffer.alloc(1 << 20, 'large')

let undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.reverse()) await step()
  undo = []
})

/** Called when the test is over, the last one first. */
export function afterwards(step: () => Promise<unknown>): void {
  undo.push(step)
}

export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 's3kms-snapshots-'))
  undo.push(() => rm(path, { recursive: true }))
  return path
}

export async function start(options: Partial<EmulatorOptions>): Promise<Emulator> {
  const emulator = await startEmulator({ port: 0, logLevel: 'silent', ...options })
  undo.push(() => emulator.stop())
  return emulator
}

export function s3Of({ endpoint, credentials }: Emulator): S3Client {
  return new S3Client({ endpoint, region, credentials, maxAttempts: 1, forcePathStyle: true })
}

export function kmsOf({ endpoint, credentials }: Emulator): KMSClient {
  return new KMSClient({ endpoint, region, credentials, maxAttempts: 1 })
}

export async function fill(emulator: Emulator): Promise<void> {
  const s3 = s3Of(emulator)
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }))
  await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'small', Body: 'small' }))
  await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'large', Body: large, ServerSideEncryption: 'AES256' }))
}

export async function empty(emulator: Emulator): Promise<void> {
  const s3 = s3Of(emulator)
  for (const Key of ['small', 'large']) await s3.send(new DeleteObjectCommand({ Bucket: 'bucket', Key }))
  await s3.send(new DeleteBucketCommand({ Bucket: 'bucket' }))
  await emulator.settle()
}

export async function bytesAt(emulator: Emulator, Key: string): Promise<Buffer> {
  const { Body } = await s3Of(emulator).send(new GetObjectCommand({ Bucket: 'bucket', Key }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

export async function expectFilled(emulator: Emulator): Promise<void> {
  expect((await bytesAt(emulator, 'small')).toString()).toBe('small')
  expect((await bytesAt(emulator, 'large')).equals(large)).toBe(true)
}

export async function isEmpty(emulator: Emulator): Promise<boolean> {
  const health = await (await fetch(`${emulator.endpoint}/_s3kms/health`)).json()
  const { counts } = health as { counts: { buckets: number } }
  return counts.buckets === 0
}
