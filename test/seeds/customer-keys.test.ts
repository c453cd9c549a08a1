import { createHash, randomBytes } from 'node:crypto'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  GetObjectTorrentCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from '../emulator.ts'
import { type CustomerKeyParameters, customerKey, sendingHeader } from './scheme.ts'

let journey: Journey
const Bucket = 'customer-keys'
const key = customerKey()
const anotherKey = customerKey()
const wrongKeyMessage =
  'Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.'

beforeAll(async () => {
  journey = await startJourney({ bucketDefaults: 'classic' })
  await journey.createBucket(Bucket)
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'plain', Body: 'plain' }))
  await put('sealed')
})

afterAll(() => journey.stop())

function put(Key: string, customer: Partial<CustomerKeyParameters['own']> = key.own) {
  return journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...customer }))
}

/** The SDK makes a fit key and its MD5 of whatever parameters it is given: headers that are not fit go past it. */
function putWith(Key: string, headers: Record<string, string>) {
  const client = new S3Client(journey.configuration)
  for (const [name, value] of Object.entries(headers)) sendingHeader(client, name, value)
  return client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))
}

function get(Key: string, customer: Partial<CustomerKeyParameters['own']> = {}) {
  return journey.s3.send(new GetObjectCommand({ Bucket, Key, ...customer }))
}

function head(Key: string, customer: Partial<CustomerKeyParameters['own']> = {}) {
  return journey.s3.send(new HeadObjectCommand({ Bucket, Key, ...customer }))
}

describe('the three headers', () => {
  test('C1 C8 PUT with the three headers seals the object and echoes algorithm and MD5, never the key', async () => {
    const answer = await put('c1')
    expect(answer).toMatchObject({
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKeyMD5: key.own.SSECustomerKeyMD5,
    })
    expect(answer.ServerSideEncryption).toBeUndefined()
  })

  test.each(['aes256', 'aws:kms', 'AES128'])('C2 the algorithm %s is refused', async (SSECustomerAlgorithm) => {
    const failure = await failureOf(put('c2', { ...key.own, SSECustomerAlgorithm }))
    expect(failure).toEqual({
      code: 'InvalidEncryptionAlgorithmError',
      message: 'The Encryption request you specified is not valid. Supported value: AES256.',
      status: 400,
    })
  })

  test.each([10, 16, 24, 31, 33, 64])('C3 a key of %s bytes is refused', async (length) => {
    const failure = await failureOf(putWith('c3', customerKey(randomBytes(length)).headers))
    expect(failure).toEqual({
      code: 'InvalidArgument',
      message: 'The secret key was invalid for the specified algorithm.',
      status: 400,
    })
  })

  test('C4 an MD5 that is not the key’s is refused', async () => {
    const name = 'x-amz-server-side-encryption-customer-key-md5'
    const anotherMd5 = createHash('md5').update('another').digest('base64')
    expect(await failureOf(putWith('c4', { ...key.headers, [name]: anotherMd5 }))).toEqual({
      code: 'InvalidArgument',
      message: 'The calculated MD5 hash of the key did not match the hash that was provided.',
      status: 400,
    })
  })
})

describe('the operations', () => {
  test('C5 GET needs the key: without it 400, with another 403, with it the body', async () => {
    expect(await failureOf(get('sealed'))).toEqual({
      code: 'InvalidRequest',
      message:
        'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
      status: 400,
    })
    expect(await failureOf(get('sealed', anotherKey.own))).toEqual({
      code: 'AccessDenied',
      message: wrongKeyMessage,
      status: 403,
    })
    const answer = await get('sealed', key.own)
    expect(answer.SSECustomerKeyMD5).toBe(key.own.SSECustomerKeyMD5)
    expect(await answer.Body?.transformToString()).toBe('sealed')
  })

  test('C6 GetObjectTorrent refuses an SSE-C object', async () => {
    const sealed = await failureOf(journey.s3.send(new GetObjectTorrentCommand({ Bucket, Key: 'sealed' })))
    expect(sealed.status).toBe(400)
    const plain = await failureOf(journey.s3.send(new GetObjectTorrentCommand({ Bucket, Key: 'plain' })))
    expect(plain).toMatchObject({ code: 'MethodNotAllowed', status: 405 })
  })

  test('C7 HEAD needs the key', async () => {
    expect(await failureOf(head('sealed'))).toMatchObject({ status: 400 })
    expect(await failureOf(head('sealed', anotherKey.own))).toMatchObject({ status: 403 })
    expect(await head('sealed', key.own)).toMatchObject({ SSECustomerAlgorithm: 'AES256', ContentLength: 6 })
  })

  test('C9 C10 a multipart upload takes the headers at the initiate, in each part and in each copied part', async () => {
    const upload = { Bucket, Key: 'c9' }
    const { UploadId, SSECustomerKeyMD5 } = await journey.s3.send(
      new CreateMultipartUploadCommand({ ...upload, ...key.own }),
    )
    expect(SSECustomerKeyMD5).toBe(key.own.SSECustomerKeyMD5)
    const part = { ...upload, UploadId, ...key.own }
    const Body = Buffer.alloc(5 << 20, 'a')
    const first = await journey.s3.send(new UploadPartCommand({ ...part, PartNumber: 1, Body }))
    const second = await journey.s3.send(
      new UploadPartCopyCommand({ ...part, PartNumber: 2, CopySource: `${Bucket}/sealed`, ...key.source }),
    )
    const Parts = [
      { PartNumber: 1, ETag: first.ETag },
      { PartNumber: 2, ETag: second.CopyPartResult?.ETag },
    ]
    await journey.s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } }))
    expect(await (await get('c9', key.own)).Body?.transformToString()).toBe(`${Body}sealed`)
  })

  test('C11 a part with another key, or with none, is refused', async () => {
    const upload = { Bucket, Key: 'c11' }
    const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand({ ...upload, ...key.own }))
    const part = { ...upload, UploadId, PartNumber: 1, Body: 'x' }
    expect(await failureOf(journey.s3.send(new UploadPartCommand({ ...part, ...anotherKey.own })))).toEqual({
      code: 'InvalidRequest',
      message: 'The provided encryption parameters did not match the ones used originally.',
      status: 400,
    })
    expect(await failureOf(journey.s3.send(new UploadPartCommand(part)))).toEqual({
      code: 'InvalidRequest',
      message:
        'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.',
      status: 400,
    })
  })

  test('C12 POST takes the headers as form fields', async () => {
    const Fields = {
      'x-amz-server-side-encryption-customer-algorithm': 'AES256',
      'x-amz-server-side-encryption-customer-key': key.own.SSECustomerKey,
      'x-amz-server-side-encryption-customer-key-MD5': key.own.SSECustomerKeyMD5,
    }
    const { url, fields } = await createPresignedPost(journey.s3, { Bucket, Key: 'c12', Fields })
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob(['posted']))
    const answer = await fetch(url, { method: 'POST', body: form })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('x-amz-server-side-encryption-customer-algorithm')).toBe('AES256')
    expect(await (await get('c12', key.own)).Body?.transformToString()).toBe('posted')
  })
})

describe('copies', () => {
  function copy(source: string, Key: string, more: object) {
    return journey.s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${source}`, ...more }))
  }

  test('C13 a target under a managed key needs x-amz-server-side-encryption', async () => {
    const answer = await copy('sealed', 'c13', { ...key.source, ServerSideEncryption: 'AES256' })
    expect(answer.ServerSideEncryption).toBe('AES256')
    expect(await (await get('c13')).Body?.transformToString()).toBe('sealed')
  })

  test('C14 a target under SSE-C needs the three headers', async () => {
    const answer = await copy('plain', 'c14', anotherKey.own)
    expect(answer.SSECustomerKeyMD5).toBe(anotherKey.own.SSECustomerKeyMD5)
    expect(await (await get('c14', anotherKey.own)).Body?.transformToString()).toBe('plain')
  })

  test('C15 an SSE-C source needs its own key in the copy-source headers', async () => {
    expect(await failureOf(copy('sealed', 'c15', {}))).toMatchObject({ code: 'InvalidRequest', status: 400 })
    expect(await failureOf(copy('sealed', 'c15', anotherKey.source))).toMatchObject({
      code: 'AccessDenied',
      status: 403,
    })
    await copy('sealed', 'c15', { ...key.source, ...anotherKey.own })
    expect(await (await get('c15', anotherKey.own)).Body?.transformToString()).toBe('sealed')
  })
})

describe('presigned URLs', () => {
  const signedHeaders = new Set(Object.keys(key.headers))
  const signing = { unhoistableHeaders: signedHeaders }

  test('C16 the algorithm header that is sent must be among the signed ones', async () => {
    const unsigned = await getSignedUrl(journey.s3, new PutObjectCommand({ Bucket, Key: 'c16' }))
    const answer = await fetch(unsigned, { method: 'PUT', body: 'x', headers: key.headers })
    expect(answer.status).toBe(403)
    const text = await answer.text()
    expect(text).toContain('There were headers present in the request which were not signed')
    expect(text).toContain('x-amz-server-side-encryption-customer-algorithm')
  })

  test('C17 with all headers sent by the client an upload, a download and a HEAD work', async () => {
    const object = { Bucket, Key: 'c17', ...key.own }
    const upload = await getSignedUrl(journey.s3, new PutObjectCommand(object), signing)
    expect((await fetch(upload, { method: 'PUT', body: 'presigned', headers: key.headers })).status).toBe(200)
    const download = await getSignedUrl(journey.s3, new GetObjectCommand(object), signing)
    expect(await (await fetch(download, { headers: key.headers })).text()).toBe('presigned')
    const metadata = await getSignedUrl(journey.s3, new HeadObjectCommand(object), signing)
    expect((await fetch(metadata, { method: 'HEAD', headers: key.headers })).status).toBe(200)
  })

  test('C18 the presigned URL of another object works as it is', async () => {
    const url = await getSignedUrl(journey.s3, new GetObjectCommand({ Bucket, Key: 'plain' }))
    expect(await (await fetch(url)).text()).toBe('plain')
  })

  test('C19 the presigned URL of an SSE-C object without the headers does not work', async () => {
    const url = await getSignedUrl(journey.s3, new GetObjectCommand({ Bucket, Key: 'sealed', ...key.own }), signing)
    expect((await fetch(url)).status).toBe(403)
    const bare = await getSignedUrl(journey.s3, new GetObjectCommand({ Bucket, Key: 'sealed' }))
    expect((await fetch(bare)).status).toBe(400)
  })
})
