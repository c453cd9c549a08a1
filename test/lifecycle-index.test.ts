import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type RunningProcess, startProcess } from './process.ts'

/* A lifecycle that comes to a bucket with objects, in the built program: killed as soon as the rules are acknowledged. */

const Bucket = 'indexed'
const old = Array.from({ length: 150 }, (_, index) => `old/${index}`)
let folder: string
let program: RunningProcess
let s3: S3Client

async function start(): Promise<void> {
  program = await startProcess(['--data-dir', folder])
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  s3 = new S3Client({ endpoint: program.endpoint, region: 'us-east-1', credentials, forcePathStyle: true })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifecycle-index-'))
  await start()
})
afterAll(async () => {
  await program.end('SIGTERM')
  await rm(folder, { recursive: true })
})

async function control(path: string): Promise<void> {
  expect((await fetch(`${program.endpoint}/_s3kms/${path}`, { method: 'POST' })).status).toBe(200)
}

const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))

async function keys(): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
  return Contents.map(({ Key = '' }) => Key)
}

test('Old objects go, young and other ones stay; a tag that comes later is seen', async () => {
  await s3.send(new CreateBucketCommand({ Bucket }))
  await Promise.all([...old, 'tagged'].map(put))
  await control('clock/advance/5d')
  await put('old/young')
  const expiring = { Status: 'Enabled' as const, Expiration: { Days: 2 } }
  const Rules = [
    { ...expiring, ID: 'prefix', Filter: { Prefix: 'old/' } },
    { ...expiring, ID: 'tag', Filter: { Tag: { Key: 'k', Value: 'v' } } },
  ]
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
  await program.end('SIGKILL')
  await start()
  await control('settle')
  expect(await keys()).toEqual(['old/young', 'tagged'])
  const Tagging = { TagSet: [{ Key: 'k', Value: 'v' }] }
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging }))
  await control('clock/advance/1d')
  expect(await keys()).toEqual(['old/young'])
  await control('clock/advance/2d')
  expect(await keys()).toEqual([])
})
