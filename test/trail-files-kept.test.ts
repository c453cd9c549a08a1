import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  CloudTrailClient,
  CreateTrailCommand,
  GetTrailStatusCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail'
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { commandLine, type RunningProcess, startProcess } from './process.ts'

/* Trails of a process that is killed: what was acknowledged is in a log file, once, whenever it was killed. */

const rounds = 4
const Bucket = 'logs'
let folder: string
let running: RunningProcess
let clients: { s3: S3Client; kms: KMSClient; cloudTrail: CloudTrailClient }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kms-trail-'))
})
afterAll(async () => {
  await running?.end('SIGTERM')
  await rm(folder, { recursive: true })
})

async function start(): Promise<void> {
  running = await startProcess(['--data-dir', folder])
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const configuration = { endpoint: running.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }
  clients = {
    s3: new S3Client({ ...configuration, forcePathStyle: true }),
    kms: new KMSClient(configuration),
    cloudTrail: new CloudTrailClient(configuration),
  }
}

const advance = (by: string) => commandLine(['clock', 'advance', by, '--endpoint', running.endpoint])

async function aliasesInFiles(): Promise<unknown[]> {
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'AWSLogs/' }))
  const records = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key }))
      return JSON.parse(gunzipSync((await Body?.transformToByteArray()) ?? '').toString()).Records
    }),
  )
  const made = records.flat().filter(({ eventName }) => eventName === 'CreateAlias')
  return made.map(({ requestParameters }) => requestParameters.aliasName)
}

test('What was acknowledged before a kill is in a log file after it, once', async () => {
  await start()
  const { s3, kms, cloudTrail } = clients
  await s3.send(new CreateBucketCommand({ Bucket }))
  const Principal = { Service: 'cloudtrail.amazonaws.com' }
  const Statement = [
    { Effect: 'Allow', Principal, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${Bucket}` },
    { Effect: 'Allow', Principal, Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/AWSLogs/*` },
  ]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))
  await cloudTrail.send(new CreateTrailCommand({ Name: 'all', S3BucketName: Bucket }))
  await cloudTrail.send(new StartLoggingCommand({ Name: 'all' }))
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const TargetKeyId = KeyMetadata?.KeyId
  const aliases: string[] = []
  for (let round = 0; round < rounds; round++) {
    for (let count = 0; count < 5; count++) {
      const AliasName = `alias/${round}-${count}`
      await clients.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId }))
      aliases.push(AliasName)
    }
    // Every other time it is killed while it may be delivering.
    const turning = round % 2 === 0 ? undefined : advance('5m')
    await clients.cloudTrail.send(new GetTrailStatusCommand({ Name: 'all' }))
    await running.end('SIGKILL')
    await turning
    await start()
  }
  await advance('1h')
  expect((await aliasesInFiles()).sort()).toEqual(aliases)
  const { IsLogging } = await clients.cloudTrail.send(new GetTrailStatusCommand({ Name: 'all' }))
  expect(IsLogging).toBe(true)
})
