import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { accountId, failureOf } from '../emulator.ts'
import { Bench, run } from './bench.ts'
import { sendForm } from './form.ts'
import type { OperationName } from './schemes.ts'

/* Callers who may do all with S3 but not with KMS: GenerateDataKey is needed to write, Decrypt to read, both for uploads. */

let bench: Bench
let folder: string

/** The users by what KMS lets them do. */
const users = { writer: 'kms:GenerateDataKey', reader: 'kms:Decrypt', stranger: 'kms:ListKeys' }
type User = keyof typeof users

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kms-permissions-'))
  const principals = Object.entries(users).map(([name, Action]) => ({
    arn: `arn:aws:iam::${accountId}:user/${name}`,
    accessKeys: [{ id: name, secret: name }],
    policies: [{ name: 'all', document: policy(['s3:*', Action]) }],
  }))
  const file = join(folder, 'users.json')
  await writeFile(file, JSON.stringify({ principals }))
  bench = await Bench.open({ fixtures: [file] })
})
afterAll(async () => {
  await bench.table.stop()
  await rm(folder, { recursive: true })
})

function policy(Action: string[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] })
}

const needs: [OperationName, 'kms:GenerateDataKey' | 'kms:Decrypt'][] = [
  ['PutObject', 'kms:GenerateDataKey'],
  ['CreateMultipartUpload', 'kms:GenerateDataKey'],
  ['GetObject', 'kms:Decrypt'],
  ['GetObjectAttributes', 'kms:Decrypt'],
  ['CopyObject', 'kms:Decrypt'],
  ['UploadPart', 'kms:Decrypt'],
  ['UploadPartCopy', 'kms:Decrypt'],
  ['CompleteMultipartUpload', 'kms:Decrypt'],
]

const rows = (['SSE-KMS', 'DSSE-KMS'] as const).flatMap((scheme) =>
  needs.flatMap(([operation, action]) =>
    (Object.keys(users) as User[]).map((user) => [user, operation, scheme, action] as const),
  ),
)

/** What is written names the key by the SDK's own parameters; copies read it. */
async function inputOf(operation: OperationName, scheme: 'SSE-KMS' | 'DSSE-KMS') {
  const place = { Bucket: bench.bucket, Key: scheme as string }
  const ServerSideEncryption = scheme === 'SSE-KMS' ? 'aws:kms' : 'aws:kms:dsse'
  if (operation === 'PutObject' || operation === 'CreateMultipartUpload') {
    return { ...place, Key: bench.newKey(), ServerSideEncryption, SSEKMSKeyId: bench.keyArn }
  }
  if (operation === 'GetObject') return place
  if (operation === 'GetObjectAttributes') return { ...place, ObjectAttributes: ['Checksum'] }
  const CopySource = bench.copySource(scheme)
  if (operation === 'CopyObject') return { ...place, Key: bench.newKey(), CopySource }
  const upload = { ...place, CopySource, ...(await bench.createUpload(scheme)) }
  const part = await bench.table.send({}, (s3) => run(s3, 'UploadPart', upload))
  return { ...upload, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.headers.etag }] } }
}

function send(s3: S3Client, operation: OperationName, input: Awaited<ReturnType<typeof inputOf>>): Promise<unknown> {
  if (operation === 'PostObject') throw new Error('The SDK sends no forms')
  return run(s3, operation, input)
}

describe.each(rows)('%s: %s under %s', (user, operation, scheme, action) => {
  const isAllowed = users[user] === action

  test(isAllowed ? 'is allowed' : `is refused for want of ${action}`, async () => {
    const input = await inputOf(operation, scheme)
    const { s3 } = bench.table.journey.as(user, user)
    await bench.table.events()
    const call = action.slice('kms:'.length)
    if (isAllowed) {
      await send(s3, operation, input)
      expect((await bench.events(input.Key, scheme))[0]).toMatch(new RegExp(`^${call} [a-z]+$`))
      return
    }
    const why = `because no identity-based policy allows the ${action} action`
    const message = `User: arn:aws:iam::${accountId}:user/${user} is not authorized to perform: ${action} on resource: ${bench.keyArn} ${why}`
    expect(await failureOf(send(s3, operation, input))).toEqual({ code: 'AccessDenied', message, status: 403 })
    expect(await bench.events(input.Key, scheme)).toEqual([expect.stringMatching(`^${call} [a-z]+ !AccessDenied$`)])
  })
})

const forms = (['SSE-KMS', 'DSSE-KMS'] as const).flatMap((scheme) =>
  (Object.keys(users) as User[]).map((user) => [user, scheme] as const),
)

test.each(forms)('%s: PostObject under %s needs kms:GenerateDataKey', async (user, scheme) => {
  const Key = bench.newKey()
  const fields = {
    'x-amz-server-side-encryption': scheme === 'SSE-KMS' ? 'aws:kms' : 'aws:kms:dsse',
    'x-amz-server-side-encryption-aws-kms-key-id': bench.keyArn,
  }
  const { s3 } = bench.table.journey.as(user, user)
  await bench.table.events()
  const { status, text } = await sendForm(s3, { Bucket: bench.bucket, Key, fields, body: 'posted' })
  const isAllowed = users[user] === 'kms:GenerateDataKey'
  expect(status).toBe(isAllowed ? 204 : 403)
  if (!isAllowed) {
    expect(text).toContain('<Code>AccessDenied</Code>')
    expect(text).toContain('because no identity-based policy allows the kms:GenerateDataKey action')
  }
  const event = isAllowed ? /^GenerateDataKey [a-z]+$/ : /^GenerateDataKey [a-z]+ !AccessDenied$/
  expect(await bench.events(Key, scheme)).toEqual([expect.stringMatching(event)])
})

test.each(needs)('another account is refused %s before KMS is asked', async (operation) => {
  const input = await inputOf(operation, 'SSE-KMS')
  const { s3 } = bench.table.journey.as('111122223333')
  await bench.table.events()
  expect(await failureOf(send(s3, operation, input))).toMatchObject({ code: 'AccessDenied', status: 403 })
  expect(await bench.table.events()).toEqual([])
})

test.each(Object.keys(users))('%s may use what no KMS key protects', async (user) => {
  const { s3 } = bench.table.journey.as(user, user)
  const place = { Bucket: bench.bucket, Key: 'SSE-S3' }
  await bench.table.events()
  await run(s3, 'GetObject', place)
  await run(s3, 'HeadObject', { ...place, Key: 'SSE-KMS' })
  await run(s3, 'PutObject', { ...place, Key: bench.newKey(), ServerSideEncryption: 'AES256' })
  expect(await bench.table.events()).toEqual([])
})
