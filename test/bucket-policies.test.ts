import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { explain } from '../src/cli/explain.ts'
import { accountId, failureOf, type Journey, startJourney } from './emulator.ts'

/* The example policies of the Amazon S3 User Guide, each as a story through the SDK: what passes, what is refused, in which words. */

const stranger = '999999999999'
const testArn = `arn:aws:iam::${accountId}:user/test`
const homeOwner = 'carlos'
const everything = (bucket: string) => [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]

/** Of one user: his own prefix, by his name ("User policy examples"). */
const homePolicy = [
  {
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: 'arn:aws:s3:::homes',
    Condition: { StringLike: { 's3:prefix': [`home/\${aws:username}/*`] } },
  },
  { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: `arn:aws:s3:::homes/home/\${aws:username}/*` },
]

let journey: Journey
let keyArn: string
let folder: string
let root: ReturnType<Journey['as']>['s3']

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bucket-policies-'))
  const principals = [
    { arn: `arn:aws:iam::${accountId}:root`, accessKeys: [{ id: 'root', secret: 'any' }] },
    {
      arn: `arn:aws:iam::${accountId}:user/${homeOwner}`,
      accessKeys: [{ id: homeOwner, secret: 'any' }],
      policies: [{ name: 'home', document: { Version: '2012-10-17', Statement: homePolicy } }],
    },
  ]
  const file = join(folder, 'principals.yaml')
  await writeFile(file, JSON.stringify({ account: accountId, principals }))
  journey = await startJourney({ bucketDefaults: 'current', fixtures: [file] })
  root = journey.as('root').s3
  keyArn = await journey.createKey()
})
afterAll(async () => {
  await journey.stop()
  await rm(folder, { recursive: true })
})

/** A bucket with a policy; what a statement does not say of itself is: everybody, all objects. */
async function open(Bucket: string, ...statements: object[]): Promise<void> {
  await journey.s3.send(new CreateBucketCommand({ Bucket }))
  await journey.s3.send(new DeletePublicAccessBlockCommand({ Bucket }))
  if (statements.length > 0) await putPolicy(Bucket, ...statements)
}

function putPolicy(Bucket: string, ...statements: object[]) {
  const common = { Principal: '*', Resource: `arn:aws:s3:::${Bucket}/*` }
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ ...common, ...statement })),
  })
  return root.send(new PutBucketPolicyCommand({ Bucket, Policy }))
}

function put(Bucket: string, more: Partial<PutObjectCommandInput> = {}, client = journey.s3) {
  return client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', ...more }))
}

function read(Bucket: string, Key = 'a', client = journey.s3) {
  return client.send(new GetObjectCommand({ Bucket, Key }))
}

async function outcomeOf(action: Promise<unknown>): Promise<string> {
  try {
    await action
    return 'done'
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
}

async function withoutSignature(path: string): Promise<number> {
  return (await fetch(`${journey.endpoint}/${path}`)).status
}

async function explained(request: string): Promise<string> {
  const written: string[] = []
  const { endpoint } = journey
  await explain(
    request,
    { endpoint },
    {},
    () => journey.ambient.now(),
    (text) => written.push(text),
  )
  return written.join('')
}

function denial(action: string, resource: string) {
  const message = `User: ${testArn} is not authorized to perform: ${action} on resource: "arn:aws:s3:::${resource}" with an explicit deny in a resource-based policy`
  return { code: 'AccessDenied', status: 403, message }
}

test('Uploads without SSE-KMS are denied, and explain says by which statement', async () => {
  await open('sealed', {
    Sid: 'DenyUnEncryptedObjectUploads',
    Effect: 'Deny',
    Action: 's3:PutObject',
    Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
  })
  expect(await failureOf(put('sealed'))).toEqual(denial('s3:PutObject', 'sealed/a'))
  const text = await explained('last')
  expect(text).toContain('S3 PutObject: refused, AccessDenied')
  expect(text).toContain(
    's3:PutObject on arn:aws:s3:::sealed/a: refused with an explicit deny in a resource-based policy',
  )
  expect(text).toContain('bucket policy, statement 1 "DenyUnEncryptedObjectUploads" (Deny): applies')
  expect(text).toContain('to change it: statement 1 of the bucket policy must not apply')
  expect(await outcomeOf(put('sealed', { ServerSideEncryption: 'AES256' }))).toBe('AccessDenied')
  const { $metadata } = await put('sealed', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
  const both = await explained($metadata.requestId ?? '')
  expect(both).toContain('S3 PutObject: done')
  expect(both).toContain(
    'does not apply, StringNotEquals s3:x-amz-server-side-encryption wants other than aws:kms, and the request has aws:kms',
  )
  expect(both.indexOf('GenerateDataKey: done')).toBeGreaterThan(both.indexOf('S3 PutObject: done'))
  expect(await explained('last')).toBe(both)
})

test('Parts of an upload count as it was begun', async () => {
  const upload = { Bucket: 'sealed', Key: 'parts' }
  const create = (more: object) => journey.s3.send(new CreateMultipartUploadCommand({ ...upload, ...more }))
  expect(await outcomeOf(create({}))).toBe('AccessDenied')
  const { UploadId } = await create({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
  const part = new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: 'x' })
  expect(await outcomeOf(journey.s3.send(part))).toBe('done')
})

test('Another key than the one that is prescribed is denied, however it is named', async () => {
  await open('one-key', {
    Effect: 'Deny',
    Action: 's3:PutObject',
    Condition: { ArnNotEqualsIfExists: { 's3:x-amz-server-side-encryption-aws-kms-key-id': keyArn } },
  })
  const another = await journey.createKey()
  const under = (SSEKMSKeyId: string) => outcomeOf(put('one-key', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId }))
  expect(await under(keyArn)).toBe('done')
  expect(await under(keyArn.slice(keyArn.lastIndexOf('/') + 1))).toBe('done')
  expect(await under(another)).toBe('AccessDenied')
})

test('SSE-C is denied', async () => {
  await open('no-customer-keys', {
    Effect: 'Deny',
    Action: 's3:PutObject',
    Condition: { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' } },
  })
  const customer = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'k'.repeat(32) }
  expect(await failureOf(put('no-customer-keys', customer))).toEqual(denial('s3:PutObject', 'no-customer-keys/a'))
  expect(await outcomeOf(put('no-customer-keys'))).toBe('done')
})

test('What does not come over TLS is denied, to the root of the account too, but not the policy itself', async () => {
  const overTls = {
    Effect: 'Deny',
    Action: 's3:*',
    Resource: everything('tls'),
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  }
  await open('tls', overTls)
  expect(await failureOf(put('tls'))).toEqual(denial('s3:PutObject', 'tls/a'))
  expect(await outcomeOf(put('tls', {}, root))).toBe('AccessDenied')
  expect(await outcomeOf(root.send(new GetBucketPolicyCommand({ Bucket: 'tls' })))).toBe('done')
})

test('Everybody may read, and nobody more', async () => {
  await open('website', { Sid: 'PublicReadGetObject', Effect: 'Allow', Action: 's3:GetObject' })
  await put('website')
  expect(await withoutSignature('website/a')).toBe(200)
  expect(await withoutSignature('website/none')).toBe(403)
  expect(await withoutSignature('website')).toBe(403)
  expect(await withoutSignature('website/a?response-content-type=text/plain')).toBe(400)
  const { PolicyStatus } = await journey.s3.send(new GetBucketPolicyStatusCommand({ Bucket: 'website' }))
  expect(PolicyStatus).toEqual({ IsPublic: true })
  // A stranger who signs needs a permission of his own account too: keys nobody declared are administrators.
  expect(await outcomeOf(read('website', 'a', journey.as(stranger).s3))).toBe('done')
  expect(await outcomeOf(put('website', {}, journey.as(stranger).s3))).toBe('AccessDenied')
})

test('A user has the prefix of his name', async () => {
  await open('homes')
  const { s3 } = journey.as(homeOwner)
  const list = (Prefix?: string) => outcomeOf(s3.send(new ListObjectsV2Command({ Bucket: 'homes', Prefix })))
  expect(await outcomeOf(put('homes', { Key: `home/${homeOwner}/a` }, s3))).toBe('done')
  expect(await outcomeOf(read('homes', `home/${homeOwner}/a`, s3))).toBe('done')
  expect(await outcomeOf(put('homes', { Key: 'home/ana/a' }, s3))).toBe('AccessDenied')
  expect(await list(`home/${homeOwner}/`)).toBe('done')
  expect(await list('home/ana/')).toBe('AccessDenied')
  expect(await list()).toBe('AccessDenied')
})

test('Addresses are let in and kept out', async () => {
  const from = (range: string) => ({ NotIpAddress: { 'aws:SourceIp': range } })
  await open('addresses', {
    Effect: 'Deny',
    Action: 's3:*',
    Resource: everything('addresses'),
    Condition: from('192.0.2.0/24'),
  })
  expect(await failureOf(put('addresses'))).toEqual(denial('s3:PutObject', 'addresses/a'))
  await putPolicy('addresses', { Effect: 'Deny', Action: 's3:*', Condition: from('127.0.0.0/8') })
  expect(await outcomeOf(put('addresses'))).toBe('done')
})

test('Another account may upload where it gives the bucket’s owner full control', async () => {
  await open('shared', {
    Effect: 'Allow',
    Principal: { AWS: stranger },
    Action: 's3:PutObject',
    Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
  })
  const theirs = journey.as(stranger).s3
  expect(await failureOf(put('shared', {}, theirs))).toEqual({
    code: 'AccessDenied',
    status: 403,
    message: 'Access Denied',
  })
  expect(await outcomeOf(put('shared', { ACL: 'bucket-owner-full-control' }, theirs))).toBe('done')
  expect(await outcomeOf(read('shared', 'a', theirs))).toBe('AccessDenied')
  expect(await outcomeOf(read('shared'))).toBe('done')
  expect(await withoutSignature('shared/a')).toBe(403)
})

test('Who reads an object under a KMS key needs both: S3’s permission and the key’s', async () => {
  const Principal = { AWS: `arn:aws:iam::${accountId}:user/${homeOwner}` }
  await open('both', { Effect: 'Allow', Principal, Action: 's3:GetObject' })
  await put('both', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
  const { s3 } = journey.as(homeOwner)
  const refused = await failureOf(read('both', 'a', s3))
  expect(refused.message).toBe(
    `User: ${Principal.AWS} is not authorized to perform: kms:Decrypt on resource: ${keyArn} because no identity-based policy allows the kms:Decrypt action`,
  )
  const text = await explained('last')
  expect(text).toContain('s3:GetObject on arn:aws:s3:::both/a: allowed: the bucket policy names the caller')
  expect(text).toContain('Decrypt: refused, AccessDeniedException')
  expect(text).toContain('S3 GetObject: refused, AccessDenied')
})
