import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketOwnershipControlsCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ObjectCannedACL,
  type ObjectOwnership,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketRequestPaymentCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { canonicalUserId } from '../src/aws/caller.ts'
import { failureOf, type Journey, startJourney } from './emulator.ts'

/* ACLs as applications use them, through the SDK: a site that is public, a partner that delivers, a bucket whose readers pay. */

const otherAccount = '111111111111'
const thirdAccount = '222222222222'
const Key = 'folder/report.txt'
let journey: Journey
let owner: S3Client
let other: S3Client
let third: S3Client
let anonymous: S3Client

beforeAll(async () => {
  journey = await startJourney({ bucketDefaults: 'current' })
  owner = journey.s3
  other = journey.as(otherAccount).s3
  third = journey.as(thirdAccount).s3
  const unsigned = { signer: { sign: async <Request>(request: Request) => request } }
  anonymous = new S3Client({ ...journey.configuration, ...unsigned })
})
afterAll(() => journey.stop())

/** A bucket of today, opened as far as its two settings go. */
async function openBucket(Bucket: string, ownership: ObjectOwnership = 'ObjectWriter', isBlocked = false) {
  await owner.send(new CreateBucketCommand({ Bucket, ObjectOwnership: ownership }))
  if (!isBlocked) await owner.send(new DeletePublicAccessBlockCommand({ Bucket }))
  return Bucket
}

async function put(client: S3Client, Bucket: string, key: string, ACL?: ObjectCannedACL, Body = 'content') {
  await client.send(new PutObjectCommand({ Bucket, Key: key, ACL, Body }))
}

async function read(client: S3Client, Bucket: string, key: string): Promise<string | undefined> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }))
  return Body?.transformToString()
}

async function write(client: S3Client, Bucket: string, key: string, ACL?: ObjectCannedACL): Promise<string> {
  await put(client, Bucket, key, ACL)
  return 'written'
}

const denied = { code: 'AccessDenied', status: 403 }

test('A bucket of today takes a public ACL only when both of its settings allow it', async () => {
  const Bucket = 'site'
  await owner.send(new CreateBucketCommand({ Bucket }))
  const publish = () => write(owner, Bucket, Key, 'public-read')
  expect(await failureOf(publish())).toMatchObject({ code: 'AccessControlListNotSupported', status: 400 })
  await owner.send(new DeleteBucketOwnershipControlsCommand({ Bucket }))
  expect(await failureOf(publish())).toMatchObject({
    ...denied,
    message:
      'User: arn:aws:iam::000000000000:user/test is not authorized to perform: s3:PutObjectAcl on resource: ' +
      `"arn:aws:s3:::site/${Key}" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.`,
  })
  await owner.send(new DeletePublicAccessBlockCommand({ Bucket }))
  expect(await publish()).toBe('written')
  expect(await read(anonymous, Bucket, Key)).toBe('content')
})

test('What is public is read by everybody, what is beside it by nobody', async () => {
  const Bucket = await openBucket('gallery')
  await put(owner, Bucket, 'public', 'public-read')
  await put(owner, Bucket, 'members', 'authenticated-read')
  await put(owner, Bucket, 'private')
  for (const client of [anonymous, other]) expect(await read(client, Bucket, 'public')).toBe('content')
  expect(await read(other, Bucket, 'members')).toBe('content')
  expect(await failureOf(read(anonymous, Bucket, 'members'))).toMatchObject(denied)
  for (const client of [anonymous, other]) {
    expect(await failureOf(read(client, Bucket, 'private'))).toMatchObject(denied)
    expect(await failureOf(read(client, Bucket, 'none'))).toMatchObject(denied)
    expect(await failureOf(client.send(new ListObjectsV2Command({ Bucket })))).toMatchObject(denied)
    expect(await failureOf(write(client, Bucket, 'public'))).toMatchObject(denied)
    expect(await failureOf(client.send(new GetObjectAclCommand({ Bucket, Key: 'public' })))).toMatchObject(denied)
  }
})

test('IgnorePublicAcls closes what is public, and opens it again when it goes', async () => {
  const Bucket = await openBucket('closed')
  await put(owner, Bucket, Key, 'public-read')
  const PublicAccessBlockConfiguration = { IgnorePublicAcls: true }
  await owner.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))
  expect(await failureOf(read(anonymous, Bucket, Key))).toMatchObject(denied)
  expect(await failureOf(read(other, Bucket, Key))).toMatchObject(denied)
  expect(await read(owner, Bucket, Key)).toBe('content')
  await owner.send(new DeletePublicAccessBlockCommand({ Bucket }))
  expect(await read(anonymous, Bucket, Key)).toBe('content')
})

test('Who may list a bucket by its ACL is told that a key is missing', async () => {
  const Bucket = await openBucket('listed')
  await owner.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }))
  await put(owner, Bucket, 'private')
  const { Contents = [] } = await anonymous.send(new ListObjectsV2Command({ Bucket }))
  expect(Contents.map((entry) => entry.Key)).toEqual(['private'])
  expect(await failureOf(read(anonymous, Bucket, 'private'))).toMatchObject(denied)
  expect(await failureOf(read(anonymous, Bucket, 'none'))).toMatchObject({ code: 'NoSuchKey', status: 404 })
})

test('An account is granted one object, and its ACL', async () => {
  const Bucket = await openBucket('lent', 'ObjectWriter', true)
  await put(owner, Bucket, Key)
  const GrantRead = `id="${canonicalUserId(otherAccount)}"`
  await owner.send(new PutObjectAclCommand({ Bucket, Key, GrantRead, GrantReadACP: GrantRead }))
  expect(await read(other, Bucket, Key)).toBe('content')
  const { Owner, Grants = [] } = await other.send(new GetObjectAclCommand({ Bucket, Key }))
  expect(Owner?.ID).toBe(canonicalUserId('000000000000'))
  expect(Grants.map(({ Permission }) => Permission)).toEqual(['READ', 'READ_ACP'])
  expect(await failureOf(read(third, Bucket, Key))).toMatchObject(denied)
  const copy = { Bucket: 'lent-to', Key, CopySource: `${Bucket}/${Key}` }
  await other.send(new CreateBucketCommand({ Bucket: copy.Bucket }))
  await other.send(new CopyObjectCommand(copy))
  expect(await read(other, copy.Bucket, Key)).toBe('content')
})

const grantWrite = (Bucket: string) =>
  owner.send(
    new PutBucketAclCommand({
      Bucket,
      GrantFullControl: `id=${canonicalUserId('000000000000')}`,
      GrantWrite: `id=${canonicalUserId(otherAccount)},id=${canonicalUserId(thirdAccount)}`,
    }),
  )

test('ObjectWriter: what a partner delivers is the partner’s, until it gives it away', async () => {
  const Bucket = await openBucket('delivered', 'ObjectWriter', true)
  await grantWrite(Bucket)
  await put(other, Bucket, 'kept')
  await put(other, Bucket, 'shared', 'bucket-owner-full-control')
  expect(await read(other, Bucket, 'kept')).toBe('content')
  expect(await failureOf(read(owner, Bucket, 'kept'))).toMatchObject(denied)
  expect(await failureOf(owner.send(new GetObjectAclCommand({ Bucket, Key: 'kept' })))).toMatchObject(denied)
  expect(await failureOf(owner.send(new PutObjectAclCommand({ Bucket, Key: 'kept', ACL: 'private' })))).toMatchObject(
    denied,
  )
  expect(await read(owner, Bucket, 'shared')).toBe('content')
  const { Owner } = await owner.send(new GetObjectAclCommand({ Bucket, Key: 'shared' }))
  expect(Owner?.ID).toBe(canonicalUserId(otherAccount))
  const { Contents = [] } = await owner.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }))
  expect(Contents.map((entry) => entry.Owner?.ID)).toEqual([
    canonicalUserId(otherAccount),
    canonicalUserId(otherAccount),
  ])
  // A partner writes over what is its own, and over nobody else's.
  expect(await write(other, Bucket, 'kept')).toBe('written')
  expect(await failureOf(write(third, Bucket, 'kept'))).toMatchObject(denied)
  // The bucket's owner writes over everything.
  expect(await write(owner, Bucket, 'kept')).toBe('written')
  expect(await failureOf(write(other, Bucket, 'kept'))).toMatchObject(denied)
})

test('BucketOwnerPreferred: a delivery with bucket-owner-full-control is the bucket owner’s', async () => {
  const Bucket = await openBucket('preferred', 'BucketOwnerPreferred', true)
  await grantWrite(Bucket)
  await put(other, Bucket, 'given', 'bucket-owner-full-control')
  await put(other, Bucket, 'kept')
  expect(await read(owner, Bucket, 'given')).toBe('content')
  const { Owner, Grants } = await owner.send(new GetObjectAclCommand({ Bucket, Key: 'given' }))
  expect([Owner?.ID, Grants?.length]).toEqual([canonicalUserId('000000000000'), 1])
  expect(await failureOf(read(other, Bucket, 'given'))).toMatchObject(denied)
  expect(await failureOf(read(owner, Bucket, 'kept'))).toMatchObject(denied)
})

test('BucketOwnerEnforced makes everything the bucket owner’s, and gives it back when it goes', async () => {
  const Bucket = await openBucket('enforced', 'ObjectWriter', true)
  await grantWrite(Bucket)
  await put(other, Bucket, Key)
  await owner.send(new PutBucketAclCommand({ Bucket, ACL: 'private' }))
  const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] }
  await owner.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }))
  expect(await read(owner, Bucket, Key)).toBe('content')
  expect(await failureOf(read(other, Bucket, Key))).toMatchObject(denied)
  await owner.send(new DeleteBucketOwnershipControlsCommand({ Bucket }))
  expect(await failureOf(read(owner, Bucket, Key))).toMatchObject(denied)
})

test('FULL_CONTROL of a bucket is its ACL too, and makes nobody its owner', async () => {
  const Bucket = await openBucket('shared', 'ObjectWriter', true)
  const GrantFullControl = `id=${canonicalUserId(otherAccount)}`
  await owner.send(new PutBucketAclCommand({ Bucket, GrantFullControl }))
  await other.send(
    new PutBucketAclCommand({ Bucket, GrantFullControl, GrantRead: `id=${canonicalUserId(thirdAccount)}` }),
  )
  const { Owner, Grants } = await other.send(new GetBucketAclCommand({ Bucket }))
  expect([Owner?.ID, Grants?.length]).toEqual([canonicalUserId('000000000000'), 2])
  expect((await third.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0)
  expect(await failureOf(third.send(new GetBucketAclCommand({ Bucket })))).toMatchObject(denied)
  // An ACL without its owner takes nothing from the owner's account.
  expect((await owner.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0)
})

test('Who reads a bucket whose readers pay says so, and is told', async () => {
  const Bucket = await openBucket('paid')
  await put(owner, Bucket, Key, 'public-read')
  const RequestPaymentConfiguration = { Payer: 'Requester' as const }
  await owner.send(new PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration }))
  const get = (client: S3Client, key: string, says: boolean) =>
    client.send(new GetObjectCommand({ Bucket, Key: key, ...(says && { RequestPayer: 'requester' as const }) }))
  expect((await get(owner, Key, false)).RequestCharged).toBeUndefined()
  expect(await failureOf(get(other, Key, false))).toMatchObject(denied)
  expect(await failureOf(get(anonymous, Key, true))).toMatchObject(denied)
  const paid = await get(other, Key, true)
  expect([paid.RequestCharged, await paid.Body?.transformToString()]).toEqual(['requester', 'content'])
  expect((await get(owner, Key, true)).RequestCharged).toBeUndefined()
})
