import { createHash, randomUUID } from 'node:crypto'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutBucketEncryptionCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UpdateObjectEncryptionCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from './emulator.ts'

/* Versioned buckets as applications use them, through the SDK. */

const Key = 'folder/report.txt'
let journey: Journey

beforeAll(async () => {
  journey = await startJourney({ bucketDefaults: 'current' })
})
afterAll(() => journey.stop())

async function newBucket(): Promise<string> {
  return await journey.createBucket(`versions-${randomUUID()}`)
}

async function versionedBucket(): Promise<string> {
  const Bucket = await newBucket()
  await setVersioning(Bucket, 'Enabled')
  return Bucket
}

function setVersioning(Bucket: string, Status: 'Enabled' | 'Suspended') {
  return journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
}

/** @returns the version's id */
async function put(Bucket: string, Body: string, key = Key): Promise<string | undefined> {
  return (await journey.s3.send(new PutObjectCommand({ Bucket, Key: key, Body }))).VersionId
}

async function read(Bucket: string, VersionId?: string, key = Key): Promise<[string | undefined, string | undefined]> {
  const { Body, VersionId: read } = await journey.s3.send(new GetObjectCommand({ Bucket, Key: key, VersionId }))
  return [await Body?.transformToString(), read]
}

function remove(Bucket: string, VersionId?: string, key = Key) {
  return journey.s3.send(new DeleteObjectCommand({ Bucket, Key: key, VersionId }))
}

function list(Bucket: string, MaxKeys?: number) {
  return journey.s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys }))
}

async function idsOf(Bucket: string): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await list(Bucket)
  return [...Versions, ...DeleteMarkers].map(({ VersionId }) => VersionId ?? '')
}

test('A bucket is never versioned, then versioned, then suspended, and never again what it was', async () => {
  const Bucket = await newBucket()
  const state = async () => {
    const { Status, MFADelete } = await journey.s3.send(new GetBucketVersioningCommand({ Bucket }))
    return [Status, MFADelete]
  }
  expect(await state()).toEqual([undefined, undefined])
  await setVersioning(Bucket, 'Suspended')
  expect(await state()).toEqual(['Suspended', undefined])
  await setVersioning(Bucket, 'Enabled')
  expect(await state()).toEqual(['Enabled', undefined])
  const [event] = (await journey.records()).filter(({ eventName }) => eventName === 'PutBucketVersioning').slice(-1)
  expect(event).toMatchObject({
    requestParameters: { bucketName: Bucket, VersioningConfiguration: { Status: 'Enabled' } },
    readOnly: false,
  })
})

test('What was written before is the null version; each write adds one, and each is read by its id', async () => {
  const Bucket = await newBucket()
  expect(await put(Bucket, 'zero')).toBeUndefined()
  expect(await read(Bucket)).toEqual(['zero', undefined])
  await setVersioning(Bucket, 'Enabled')
  expect(await read(Bucket)).toEqual(['zero', 'null'])
  const one = await put(Bucket, 'one')
  const two = await put(Bucket, 'two')
  expect(one).toMatch(/^[\w.]{32}$/)
  expect(await read(Bucket)).toEqual(['two', two])
  expect(await read(Bucket, one)).toEqual(['one', one])
  expect(await read(Bucket, 'null')).toEqual(['zero', 'null'])
  expect(await idsOf(Bucket)).toEqual([two, one, 'null'])
  const head = await journey.s3.send(new HeadObjectCommand({ Bucket, Key, VersionId: one }))
  expect(head).toMatchObject({ VersionId: one, ContentLength: 3 })
  const attributes = { Bucket, Key, VersionId: 'null', ObjectAttributes: ['ObjectSize' as const] }
  const told = await journey.s3.send(new GetObjectAttributesCommand(attributes))
  expect(told).toMatchObject({ VersionId: 'null', ObjectSize: 4 })
})

test('A deletion hides the object behind a marker; who deletes the marker has it back', async () => {
  const Bucket = await versionedBucket()
  const one = await put(Bucket, 'one')
  const deletion = await remove(Bucket)
  expect(deletion).toMatchObject({ DeleteMarker: true, VersionId: expect.stringMatching(/^[\w.]{32}$/) })
  expect(await failureOf(read(Bucket))).toMatchObject({ code: 'NoSuchKey', status: 404 })
  expect(await failureOf(journey.s3.send(new HeadObjectCommand({ Bucket, Key })))).toMatchObject({ status: 404 })
  expect(await read(Bucket, one)).toEqual(['one', one])
  const byId = await failureOf(read(Bucket, deletion.VersionId))
  expect(byId).toMatchObject({ code: 'MethodNotAllowed', status: 405 })
  const { KeyCount } = await journey.s3.send(new ListObjectsV2Command({ Bucket }))
  expect(KeyCount).toBe(0)
  const listed = await list(Bucket)
  expect(listed.DeleteMarkers).toMatchObject([{ Key, VersionId: deletion.VersionId, IsLatest: true }])
  expect(listed.Versions).toMatchObject([{ Key, VersionId: one, IsLatest: false, Size: 3 }])
  expect(await remove(Bucket, deletion.VersionId)).toMatchObject({ DeleteMarker: true, VersionId: deletion.VersionId })
  expect(await read(Bucket)).toEqual(['one', one])
})

test('While versioning is suspended the null version is replaced, and the others stay', async () => {
  const Bucket = await versionedBucket()
  const one = await put(Bucket, 'one')
  await setVersioning(Bucket, 'Suspended')
  expect(await put(Bucket, 'null one')).toBeUndefined()
  expect(await put(Bucket, 'null two')).toBeUndefined()
  expect(await read(Bucket)).toEqual(['null two', 'null'])
  expect(await idsOf(Bucket)).toEqual(['null', one])
  expect(await remove(Bucket)).toMatchObject({ DeleteMarker: true, VersionId: 'null' })
  expect(await remove(Bucket)).toMatchObject({ DeleteMarker: true, VersionId: 'null' })
  expect(await idsOf(Bucket)).toEqual([one, 'null'])
  const copied = { Bucket, Key, CopySource: `${Bucket}/${Key}?versionId=${one}` }
  expect(await journey.s3.send(new CopyObjectCommand(copied))).toMatchObject({
    VersionId: 'null',
    CopySourceVersionId: one,
  })
  expect(await read(Bucket)).toEqual(['one', 'null'])
})

test('An old version comes back as a copy of itself; a completed upload is a version too', async () => {
  const Bucket = await versionedBucket()
  const one = await put(Bucket, 'one')
  await put(Bucket, 'two')
  const CopySource = `${Bucket}/${Key}?versionId=${one}`
  const restored = await journey.s3.send(new CopyObjectCommand({ Bucket, Key, CopySource }))
  expect(restored.CopySourceVersionId).toBe(one)
  expect(await read(Bucket)).toEqual(['one', restored.VersionId])
  const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))
  const part = { Bucket, Key, UploadId, PartNumber: 1 }
  await journey.s3.send(new UploadPartCommand({ ...part, Body: 'a part' }))
  const copied = await journey.s3.send(new UploadPartCopyCommand({ ...part, CopySource }))
  expect(copied.CopySourceVersionId).toBe(one)
  const Parts = [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }]
  const complete = { Bucket, Key, UploadId, MultipartUpload: { Parts } }
  const completed = await journey.s3.send(new CompleteMultipartUploadCommand(complete))
  const again = await journey.s3.send(new CompleteMultipartUploadCommand(complete))
  expect(again.VersionId).toBe(completed.VersionId)
  expect(await read(Bucket)).toEqual(['one', completed.VersionId])
  expect(await idsOf(Bucket)).toHaveLength(4)
})

test('DeleteObjects tells markers from versions, and a bucket goes only when the last of both is gone', async () => {
  const Bucket = await versionedBucket()
  const one = await put(Bucket, 'one')
  const batch = (Objects: { Key: string; VersionId?: string | undefined }[]) =>
    journey.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  const { Deleted = [] } = await batch([{ Key }, { Key: 'never there' }])
  expect(Deleted).toMatchObject([
    { Key, DeleteMarker: true },
    { Key: 'never there', DeleteMarker: true },
  ])
  const [marker, other] = Deleted.map(({ DeleteMarkerVersionId }) => DeleteMarkerVersionId)
  const emptied = () => failureOf(journey.s3.send(new DeleteBucketCommand({ Bucket })))
  const notEmpty = 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.'
  expect(await emptied()).toEqual({ code: 'BucketNotEmpty', message: notEmpty, status: 409 })
  const erased = await batch([
    { Key, VersionId: one },
    { Key, VersionId: marker },
    { Key, VersionId: 'not-a-version' },
  ])
  expect(erased.Deleted).toEqual([
    { Key, VersionId: one },
    { Key, VersionId: marker, DeleteMarker: true, DeleteMarkerVersionId: marker },
  ])
  expect(erased.Errors).toMatchObject([{ Key, VersionId: 'not-a-version', Code: 'NoSuchVersion' }])
  expect(await emptied()).toMatchObject({ code: 'BucketNotEmpty' })
  expect(await batch([{ Key: 'never there', VersionId: other }])).toMatchObject({ Deleted: [{ DeleteMarker: true }] })
  await journey.s3.send(new DeleteBucketCommand({ Bucket }))
  await journey.s3.send(new CreateBucketCommand({ Bucket }))
  expect((await journey.s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined()
})

test('Each version stays under the key that it was sealed with, whatever the bucket asks for later', async () => {
  const Bucket = await versionedBucket()
  const [first, second] = [await journey.createKey(), await journey.createKey()]
  const encryptUnder = (KMSMasterKeyID: string) =>
    journey.s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID } }],
        },
      }),
    )
  const plain = await put(Bucket, 'under S3’s key')
  await encryptUnder(first)
  const one = await put(Bucket, 'under the first')
  await encryptUnder(second)
  const two = await put(Bucket, 'under the second')
  const keysAskedFor = async (version: string | undefined, content: string) => {
    const calls = await journey.kmsCallsDuring(async () =>
      expect(await read(Bucket, version)).toEqual([content, version]),
    )
    return calls.map(({ eventName, resources }) => [eventName, resources?.[0]?.ARN])
  }
  expect(await keysAskedFor(one, 'under the first')).toEqual([['Decrypt', first]])
  expect(await keysAskedFor(two, 'under the second')).toEqual([['Decrypt', second]])
  expect(await keysAskedFor(plain, 'under S3’s key')).toEqual([])
})

test('A condition looks at what is current alone: behind a marker nothing is there', async () => {
  const Bucket = await versionedBucket()
  const write = (condition: { IfMatch?: string; IfNoneMatch?: string }) =>
    journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...condition }))
  const { ETag = '' } = await write({ IfNoneMatch: '*' })
  expect(await failureOf(write({ IfNoneMatch: '*' }))).toMatchObject({ code: 'PreconditionFailed', status: 412 })
  await remove(Bucket)
  expect(await failureOf(write({ IfMatch: ETag }))).toMatchObject({ code: 'NoSuchKey', status: 404 })
  const conditional = { Bucket, Key, IfMatch: '*' }
  expect(await failureOf(journey.s3.send(new DeleteObjectCommand(conditional)))).toMatchObject({ code: 'NoSuchKey' })
  expect((await write({ IfNoneMatch: '*' })).VersionId).toBeDefined()
  expect(await journey.s3.send(new DeleteObjectCommand(conditional))).toMatchObject({ DeleteMarker: true })
})

test('Pages of versions of any size, put together, are the whole list', async () => {
  const Bucket = await versionedBucket()
  for (const key of ['a', 'b', 'b', 'c', 'b']) await put(Bucket, 'x', key)
  await remove(Bucket, undefined, 'a')
  await remove(Bucket, undefined, 'b')
  const whole = await idsOf(Bucket)
  for (const MaxKeys of [1, 2, 3]) {
    const ids: (string | undefined)[] = []
    let [KeyMarker, VersionIdMarker]: (string | undefined)[] = []
    do {
      const page: ListObjectVersionsCommandOutput = await journey.s3.send(
        new ListObjectVersionsCommand({ Bucket, MaxKeys, KeyMarker, VersionIdMarker }),
      )
      ids.push(...[...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ VersionId }) => VersionId))
      KeyMarker = page.NextKeyMarker
      VersionIdMarker = page.NextVersionIdMarker
    } while (KeyMarker !== undefined)
    expect([MaxKeys, ids.sort()]).toEqual([MaxKeys, [...whole].sort()])
  }
})

test('Versions under different keys of a customer are each read with their own', async () => {
  const Bucket = await versionedBucket()
  const customer = (letter: string) => {
    const key = Buffer.alloc(32, letter)
    const SSECustomerKeyMD5 = createHash('md5').update(key).digest('base64')
    return { SSECustomerAlgorithm: 'AES256', SSECustomerKey: key.toString('base64'), SSECustomerKeyMD5 }
  }
  await journey.s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
            BlockedEncryptionTypes: { EncryptionType: ['NONE'] },
          },
        ],
      },
    }),
  )
  const write = async (letter: string) =>
    (await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: letter, ...customer(letter) }))).VersionId
  const [a, b] = [await write('a'), await write('b')]
  const get = (VersionId: string | undefined, letter: string) =>
    journey.s3.send(new GetObjectCommand({ Bucket, Key, VersionId, ...customer(letter) }))
  expect(await (await get(a, 'a')).Body?.transformToString()).toBe('a')
  expect(await (await get(b, 'b')).Body?.transformToString()).toBe('b')
  expect(await failureOf(get(a, 'b'))).toMatchObject({ code: 'AccessDenied', status: 403 })
})

test('An old version gets another key where it stands, and stays the version that it is', async () => {
  const Bucket = await versionedBucket()
  const KMSKeyArn = await journey.createKey()
  const old = await put(Bucket, 'old')
  const current = await put(Bucket, 'current')
  const ObjectEncryption = { SSEKMS: { KMSKeyArn } }
  await journey.s3.send(new UpdateObjectEncryptionCommand({ Bucket, Key, VersionId: old, ObjectEncryption }))
  const calls = await journey.kmsCallsDuring(async () => {
    expect(await read(Bucket, old)).toEqual(['old', old])
    expect(await read(Bucket)).toEqual(['current', current])
  })
  expect(calls.map(({ eventName }) => eventName)).toEqual(['Decrypt'])
  expect(await idsOf(Bucket)).toEqual([current, old])
})

test('A presigned URL names one version, and no other', async () => {
  const Bucket = await versionedBucket()
  const old = await put(Bucket, 'old')
  const current = await put(Bucket, 'current')
  const url = await getSignedUrl(journey.s3, new GetObjectCommand({ Bucket, Key, VersionId: old }), { expiresIn: 60 })
  const answer = await fetch(url)
  expect([await answer.text(), answer.headers.get('x-amz-version-id')]).toEqual(['old', old])
  expect((await fetch(url.replace(String(old), String(current)))).status).toBe(403)
})

test('Writers of one key at one time each make a version; one of them is current', async () => {
  const Bucket = await versionedBucket()
  const contents = Array.from({ length: 12 }, (_, index) => `writer ${index}`)
  const ids = await Promise.all(contents.map((content) => put(Bucket, content)))
  expect(new Set(ids).size).toBe(12)
  const listed = await idsOf(Bucket)
  expect([...listed].sort()).toEqual([...ids].sort())
  expect((await read(Bucket))[1]).toBe(listed[0])
  for (const [index, id] of ids.entries()) expect(await read(Bucket, id)).toEqual([contents[index], id])
})

test('A browser’s form adds a version and names it, but not while versioning is suspended', async () => {
  const Bucket = await versionedBucket()
  const old = await put(Bucket, 'old')
  const submit = async (content: string) => {
    const { url, fields } = await createPresignedPost(journey.s3, { Bucket, Key })
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob([content]), 'file')
    const answer = await fetch(url, { method: 'POST', body: form })
    return [answer.status, answer.headers.get('x-amz-version-id') ?? undefined]
  }
  const [status, id] = await submit('by a form')
  expect([status, await read(Bucket)]).toEqual([204, ['by a form', id]])
  await setVersioning(Bucket, 'Suspended')
  expect(await submit('by another')).toEqual([204, undefined])
  expect(await idsOf(Bucket)).toEqual(['null', id, old])
})
