import { createHash, randomBytes } from 'node:crypto'
import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from './emulator.ts'

let journey: Journey
let keyArn: string
const Bucket = 'story'

beforeAll(async () => {
  journey = await startJourney()
  keyArn = await journey.createKey()
  await journey.createBucket(Bucket)
})

afterAll(() => journey.stop())

function sealed(Key: string, Body: string | Uint8Array, key = keyArn) {
  return new PutObjectCommand({ Bucket, Key, Body, ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key })
}

function read(Key: string) {
  return journey.s3.send(new GetObjectCommand({ Bucket, Key }))
}

test('PutObject under SSE-KMS answers the algorithm and the ARN of the key, and GetObject brings the body back', async () => {
  const put = await journey.s3.send(sealed('hello.txt', 'hello'))
  expect(put.ServerSideEncryption).toBe('aws:kms')
  expect(put.SSEKMSKeyId).toBe(keyArn)
  expect(put.ETag).not.toBe(`"${createHash('md5').update('hello').digest('hex')}"`)
  const got = await read('hello.txt')
  expect(await got.Body?.transformToString()).toBe('hello')
  expect(got.SSEKMSKeyId).toBe(keyArn)
})

test('the trail shows one GenerateDataKey for a PutObject and one Decrypt for a GetObject, each with the ARN of the object', async () => {
  const calls = await journey.kmsCallsDuring(async () => {
    await journey.s3.send(sealed('traced.txt', 'traced'))
    await (await read('traced.txt')).Body?.transformToByteArray()
    await journey.s3.send(new HeadObjectCommand({ Bucket, Key: 'traced.txt' }))
  })
  const encryptionContext = { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/traced.txt` }
  expect(calls).toMatchObject([
    {
      eventName: 'GenerateDataKey',
      userIdentity: { type: 'IAMUser', userName: 'test', invokedBy: 'fas.s3.amazonaws.com' },
      sourceIPAddress: 'fas.s3.amazonaws.com',
      requestParameters: { keyId: keyArn, keySpec: 'AES_256', encryptionContext },
      responseElements: null,
      resources: [{ ARN: keyArn, type: 'AWS::KMS::Key' }],
    },
    {
      eventName: 'Decrypt',
      requestParameters: { encryptionContext, encryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
      resources: [{ ARN: keyArn }],
    },
  ])
  expect(calls).toHaveLength(2)
})

test('GetObject of an object whose key is disabled fails with KMS.DisabledException, is recorded so, and works again', async () => {
  const key = await journey.createKey()
  await journey.s3.send(sealed('disabled.txt', 'sealed', key))
  await journey.kms.send(new DisableKeyCommand({ KeyId: key }))
  const calls = await journey.kmsCallsDuring(async () => {
    const expected = { code: 'KMS.DisabledException', message: `${key} is disabled.`, status: 400 }
    expect(await failureOf(read('disabled.txt'))).toEqual(expected)
    expect(await failureOf(journey.s3.send(sealed('never.txt', 'never', key)))).toEqual(expected)
  })
  expect(calls).toMatchObject([
    { eventName: 'Decrypt', errorCode: 'DisabledException', errorMessage: `${key} is disabled.` },
    { eventName: 'GenerateDataKey', errorCode: 'DisabledException' },
  ])
  await journey.kms.send(new EnableKeyCommand({ KeyId: key }))
  expect(await (await read('disabled.txt')).Body?.transformToString()).toBe('sealed')
  expect((await failureOf(read('never.txt'))).code).toBe('NoSuchKey')
})

test('GetObject of an object whose key is pending deletion fails with KMS.KMSInvalidStateException', async () => {
  const key = await journey.createKey()
  await journey.s3.send(sealed('doomed.txt', 'sealed', key))
  await journey.kms.send(new ScheduleKeyDeletionCommand({ KeyId: key, PendingWindowInDays: 7 }))
  const [call] = await journey.kmsCallsDuring(async () => {
    expect(await failureOf(read('doomed.txt'))).toEqual({
      code: 'KMS.KMSInvalidStateException',
      message: `${key} is pending deletion.`,
      status: 400,
    })
  })
  expect(call).toMatchObject({ errorCode: 'KMSInvalidStateException' })
})

test('PutObject under a key that does not exist fails with KMS.NotFoundException, and stores nothing', async () => {
  const unknown = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-4333-8444-555555555555'
  const [call] = await journey.kmsCallsDuring(async () => {
    expect(await failureOf(journey.s3.send(sealed('unknown.txt', 'x', unknown)))).toEqual({
      code: 'KMS.NotFoundException',
      message: `Key '${unknown}' does not exist`,
      status: 400,
    })
  })
  expect(call).toMatchObject({ eventName: 'GenerateDataKey', errorCode: 'NotFoundException' })
  expect((await failureOf(read('unknown.txt'))).code).toBe('NoSuchKey')
})

test('a key identifier without the form of one fails with the words of KMS', async () => {
  expect(await failureOf(journey.s3.send(sealed('fake.txt', 'x', 'fake-key-id')))).toEqual({
    code: 'KMS.NotFoundException',
    message: "Invalid keyId 'fake-key-id'",
    status: 400,
  })
})

test('aws:kms without a key seals under the AWS managed key, made on first use', async () => {
  const put = await journey.s3.send(
    new PutObjectCommand({ Bucket, Key: 'managed.txt', Body: 'x', ServerSideEncryption: 'aws:kms' }),
  )
  expect(put.SSEKMSKeyId).toMatch(/^arn:aws:kms:us-east-1:000000000000:key\//)
  expect(await failureOf(journey.kms.send(new DisableKeyCommand({ KeyId: put.SSEKMSKeyId })))).toMatchObject({
    status: 400,
  })
})

test('a multipart upload asks KMS once at Create, once a part, once at Complete and once to read', async () => {
  const body = randomBytes(11 << 20)
  const calls = await journey.kmsCallsDuring(async () => {
    const upload = new Upload({
      client: journey.s3,
      params: { Bucket, Key: 'large.bin', Body: body, ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn },
      partSize: 5 << 20,
    })
    await upload.done()
    const got = await (await read('large.bin')).Body?.transformToByteArray()
    expect(Buffer.compare(Buffer.from(got ?? []), body)).toBe(0)
  })
  const names = calls.map(({ eventName }) => eventName)
  expect(names).toEqual(['GenerateDataKey', 'Decrypt', 'Decrypt', 'Decrypt', 'Decrypt', 'Decrypt'])
  for (const { requestParameters } of calls) {
    expect(requestParameters).toMatchObject({
      encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/large.bin` },
    })
  }
})

test('a presigned URL uploads and downloads an object under SSE-KMS without the SDK', async () => {
  const put = await getSignedUrl(journey.s3, sealed('presigned.txt', ''), {
    unhoistableHeaders: new Set(['x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id']),
  })
  const answer = await fetch(put, {
    method: 'PUT',
    body: 'presigned',
    headers: { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': keyArn },
  })
  expect(answer.status).toBe(200)
  const get = await getSignedUrl(journey.s3, new GetObjectCommand({ Bucket, Key: 'presigned.txt' }))
  expect(await (await fetch(get)).text()).toBe('presigned')
  journey.ambient.turn(960_000)
  const late = await fetch(get)
  expect(late.status).toBe(403)
  expect(await late.text()).toContain('Request has expired')
  journey.ambient.turn(-960_000)
})

test('Decrypt with one letter of the context changed fails with InvalidCiphertextException and says nothing more', async () => {
  const { CiphertextBlob } = await journey.kms.send(
    new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('secret'), EncryptionContext: { tenant: 'a' } }),
  )
  expect(CiphertextBlob?.length).toBe('secret'.length + 152)
  const opened = await journey.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { tenant: 'a' } }))
  expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('secret')
  const failure = await failureOf(
    journey.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { tenant: 'b' } })),
  )
  expect(failure).toMatchObject({ code: 'InvalidCiphertextException', status: 400 })
})

test('CreateKey refuses asymmetric keys with UnsupportedOperationException', async () => {
  const failure = await failureOf(
    journey.kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })),
  )
  expect(failure).toMatchObject({ code: 'UnsupportedOperationException', status: 400 })
  expect(failure.message).toMatch(/symmetric/i)
})
