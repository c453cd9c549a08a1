import { createHmac } from 'node:crypto'
import { CreateAliasCommand } from '@aws-sdk/client-kms'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from '../emulator.ts'
import { contextHeader, sendingHeader } from './scheme.ts'

let journey: Journey
let keyArn: string
const Bucket = 'documents'

beforeAll(async () => {
  journey = await startJourney({ bucketDefaults: 'classic', fixtures: ['fixtures/asymmetric-key.yaml'] })
  keyArn = await journey.createKey()
  await journey.createBucket(Bucket)
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'plain', Body: 'plain' }))
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'sealed', Body: 'sealed', ...kmsSealed() }))
})

afterAll(() => journey.stop())

function kmsSealed() {
  return { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn } as const
}

function objectContext(Key: string, more: Record<string, string> = {}) {
  return { ...more, 'aws:s3:arn': `arn:aws:s3:::${Bucket}/${Key}` }
}

function put(Key: string, more: object = {}) {
  return journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...more }))
}

function copy(source: string, Key: string, more: object = {}) {
  return journey.s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${source}`, ...more }))
}

function get(Key: string) {
  return journey.s3.send(new GetObjectCommand({ Bucket, Key }))
}

async function text(Key: string): Promise<string | undefined> {
  return (await get(Key)).Body?.transformToString()
}

async function post(Key: string, more: Record<string, string>) {
  const { url, fields } = await createPresignedPost(journey.s3, { Bucket, Key, Fields: more })
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob([Key]), 'file.txt')
  return fetch(url, { method: 'POST', body: form })
}

const asFormFields = () => ({
  'x-amz-server-side-encryption': 'aws:kms',
  'x-amz-server-side-encryption-aws-kms-key-id': keyArn,
})

describe('asking for SSE-KMS', () => {
  test('K1 aws:kms in x-amz-server-side-encryption seals the object, and the answer confirms it', async () => {
    expect((await put('k1', kmsSealed())).ServerSideEncryption).toBe('aws:kms')
  })

  test('K2 the key id and the context headers go with aws:kms, and with nothing else', async () => {
    const both = { ...kmsSealed(), SSEKMSEncryptionContext: contextHeader({ tenant: 'a' }) }
    expect((await put('k2', both)).SSEKMSKeyId).toBe(keyArn)
    for (const lone of [{ SSEKMSKeyId: keyArn }, { SSEKMSEncryptionContext: contextHeader({ tenant: 'a' }) }]) {
      for (const scheme of [{}, { ServerSideEncryption: 'AES256' as const }]) {
        expect(await failureOf(put('k2-refused', { ...scheme, ...lone }))).toMatchObject({
          code: 'InvalidArgument',
          status: 400,
        })
      }
    }
  })

  test('K3 K8 PUT Object accepts the three headers and returns the algorithm', async () => {
    const answer = await put('k3', { ...kmsSealed(), SSEKMSEncryptionContext: contextHeader({ a: 'b' }) })
    expect(answer).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
    expect(await text('k3')).toBe('k3')
  })

  test('K4 K9 Copy applies the headers to the target only and returns the algorithm', async () => {
    const answer = await copy('plain', 'k4', kmsSealed())
    expect(answer).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
    expect((await get('plain')).ServerSideEncryption).toBeUndefined()
    expect((await get('k4')).ServerSideEncryption).toBe('aws:kms')
    expect(await text('k4')).toBe('plain')
  })

  test('K5 a copy of a sealed object is not encrypted unless asked', async () => {
    const answer = await copy('sealed', 'k5')
    expect(answer.ServerSideEncryption).toBeUndefined()
    expect((await get('k5')).ServerSideEncryption).toBeUndefined()
    expect(await text('k5')).toBe('sealed')
  })

  test('K6 K10 POST Object takes form fields and returns the algorithm', async () => {
    const answer = await post('k6', asFormFields())
    expect(answer.status).toBe(204)
    expect(answer.headers.get('x-amz-server-side-encryption')).toBe('aws:kms')
    expect((await get('k6')).SSEKMSKeyId).toBe(keyArn)
    expect(await text('k6')).toBe('k6')
  })

  test('K7 K11 K12 K13 K14 the initiate takes the headers; every step of the upload returns the algorithm', async () => {
    const upload = { Bucket, Key: 'k7' }
    const created = await journey.s3.send(new CreateMultipartUploadCommand({ ...upload, ...kmsSealed() }))
    const { UploadId } = created
    const Body = Buffer.alloc(5 << 20, 'a')
    const part = await journey.s3.send(new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body }))
    const copied = await journey.s3.send(
      new UploadPartCopyCommand({ ...upload, UploadId, PartNumber: 2, CopySource: `${Bucket}/plain` }),
    )
    const Parts = [
      { PartNumber: 1, ETag: part.ETag },
      { PartNumber: 2, ETag: copied.CopyPartResult?.ETag },
    ]
    const completed = await journey.s3.send(
      new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } }),
    )
    for (const answer of [created, part, copied, completed]) {
      expect(answer).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
    }
    expect(await text('k7')).toBe(`${Body}plain`)
  })
})

describe('reading', () => {
  test('K15 GET Object returns the algorithm and the key', async () => {
    expect(await get('sealed')).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
  })

  test('K16 HEAD Object returns the algorithm and the key', async () => {
    const answer = await journey.s3.send(new HeadObjectCommand({ Bucket, Key: 'sealed' }))
    expect(answer).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
  })

  test('K17 without Signature Version 4 an object under KMS is neither read nor written', async () => {
    const expires = Math.floor(journey.ambient.now() / 1000) + 3600
    const addressOf = (method: string, key: string, amazonHeaders = '') => {
      const text = `${method}\n\n\n${expires}\n${amazonHeaders}/${Bucket}/${key}`
      const Signature = createHmac('sha1', 'test').update(text).digest('base64')
      const query = new URLSearchParams({ AWSAccessKeyId: 'test', Expires: String(expires), Signature })
      return [`${journey.endpoint}/${Bucket}/${key}`, `${journey.endpoint}/${Bucket}/${key}?${query}`]
    }
    const asked = { 'x-amz-server-side-encryption': 'aws:kms' }
    const reads = addressOf('GET', 'sealed').map((url) => () => fetch(url))
    const writes = addressOf('PUT', 'k17', 'x-amz-server-side-encryption:aws:kms\n').map(
      (url) => () => fetch(url, { method: 'PUT', headers: asked, body: new Uint8Array([1]) }),
    )
    const calls = await journey.kmsCallsDuring(async () => {
      for (const send of [...reads, ...writes]) {
        const answer = await send()
        expect(answer.status).toBe(400)
        expect(await answer.text()).toContain(
          'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.',
        )
      }
    })
    expect(calls).toEqual([])
    expect((await failureOf(get('k17'))).code).toBe('NoSuchKey')
  })

  test('K18 encryption request headers on GET and HEAD get 400, and KMS is not asked', async () => {
    const client = sendingHeader(journey.as('test', 'test').s3, 'x-amz-server-side-encryption', 'aws:kms')
    const calls = await journey.kmsCallsDuring(async () => {
      const object = { Bucket, Key: 'sealed' }
      expect(await failureOf(client.send(new GetObjectCommand(object)))).toEqual({
        code: 'InvalidArgument',
        message: 'x-amz-server-side-encryption header is not supported for this operation.',
        status: 400,
      })
      expect(await failureOf(client.send(new HeadObjectCommand(object)))).toMatchObject({ status: 400 })
    })
    expect(calls).toEqual([])
  })
})

describe('the encryption context', () => {
  test('K19 K21 a context given with aws:kms reaches KMS and stands in the trail, on the write and on the read', async () => {
    const calls = await journey.kmsCallsDuring(async () => {
      await put('k19', { ...kmsSealed(), SSEKMSEncryptionContext: contextHeader({ tenant: 'a', stage: 'ä' }) })
      await text('k19')
    })
    const encryptionContext = objectContext('k19', { tenant: 'a', stage: 'ä' })
    expect(calls.map(({ requestParameters }) => requestParameters?.encryptionContext)).toEqual([
      encryptionContext,
      encryptionContext,
    ])
  })

  test.each([
    ['not base64', '***'],
    ['not JSON', Buffer.from('tenant').toString('base64')],
    ['a list', contextHeader([] as unknown as Record<string, unknown>)],
    ['a number as a value', contextHeader({ tenant: 1 })],
    ['a nested map', contextHeader({ tenant: { a: 'b' } })],
  ])('K20 a context that is %s is refused', async (_, header) => {
    const failure = await failureOf(put('k20', { ...kmsSealed(), SSEKMSEncryptionContext: header }))
    expect(failure).toEqual({
      code: 'InvalidArgument',
      message:
        "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map",
      status: 400,
    })
  })

  test('K22 aws:s3:arn is appended when the caller gave none', async () => {
    const [call] = await journey.kmsCallsDuring(() => put('k22', kmsSealed()))
    expect(call?.requestParameters?.encryptionContext).toEqual(objectContext('k22'))
  })

  test("K23 aws:s3:arn given with the object's ARN is not appended a second time", async () => {
    const given = contextHeader(objectContext('k23', { tenant: 'a' }))
    const [call] = await journey.kmsCallsDuring(() => put('k23', { ...kmsSealed(), SSEKMSEncryptionContext: given }))
    expect(call?.requestParameters?.encryptionContext).toEqual(objectContext('k23', { tenant: 'a' }))
    expect(await text('k23')).toBe('k23')
  })

  test('K24 aws:s3:arn with another value is refused', async () => {
    const given = contextHeader(objectContext('another'))
    const failure = await failureOf(put('k24', { ...kmsSealed(), SSEKMSEncryptionContext: given }))
    expect(failure).toMatchObject({ code: 'InvalidArgument', status: 400 })
  })

  test('K25 K26 the trail tells which object was used with which key, and no two objects have the same context', async () => {
    const calls = await journey.kmsCallsDuring(() => Promise.all([put('k25', kmsSealed()), put('k26', kmsSealed())]))
    const arns = calls.map(({ requestParameters }) => requestParameters?.encryptionContext)
    expect(arns).toEqual(expect.arrayContaining([objectContext('k25'), objectContext('k26')]))
    for (const { resources } of calls) expect(resources).toMatchObject([{ ARN: keyArn }])
  })
})

describe('the key', () => {
  test('K27 the key is named by id, ARN, alias or alias ARN, and answered as ARN', async () => {
    const id = keyArn.slice(keyArn.indexOf('/') + 1)
    await journey.kms.send(new CreateAliasCommand({ AliasName: 'alias/k27', TargetKeyId: id }))
    const aliasArn = `${keyArn.slice(0, keyArn.indexOf('key/'))}alias/k27`
    for (const SSEKMSKeyId of [id, keyArn, 'alias/k27', aliasArn]) {
      expect((await put('k27', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId })).SSEKMSKeyId).toBe(keyArn)
      expect(await text('k27')).toBe('k27')
    }
  })

  test('K28 without a key id the AWS managed key protects the object', async () => {
    const answer = await put('k28', { ServerSideEncryption: 'aws:kms' })
    expect(answer.SSEKMSKeyId).not.toBe(keyArn)
    const calls = await journey.kmsCallsDuring(() => text('k28'))
    expect(calls).toMatchObject([{ eventName: 'Decrypt', resources: [{ ARN: answer.SSEKMSKeyId }] }])
  })

  test('K29 a key that is not for symmetric encryption is refused', async () => {
    const failure = await failureOf(put('k29', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/rsa' }))
    expect(failure).toMatchObject({ code: 'KMS.InvalidKeyUsageException', status: 400 })
  })
})
