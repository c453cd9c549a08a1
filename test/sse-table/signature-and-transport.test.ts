import { PutBucketEncryptionCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Bench, body, type Row } from './bench.ts'
import {
  asking,
  bucketKeyHeader,
  contextHeader,
  customerHeaders,
  customerKey,
  encodeContext,
  keyIdHeader,
  method,
  type OperationName,
  opening,
  type SchemeName,
  schemes,
  sourceHeaders,
} from './schemes.ts'
import { type Expected, expectReply, type Headers } from './table.ts'
import { type PlainRequest, sendPlainly, type Way, ways } from './unsigned.ts'

/* Who may ask KMS through S3, which headers no reader may send, and customer keys over plain HTTP. */

let bench: Bench

beforeAll(async () => {
  bench = await Bench.open()
})
afterAll(() => bench.table.stop())

const isKms = (scheme: SchemeName) => !['none', 'SSE-S3', 'SSE-C'].includes(scheme)

const needsSigV4: Expected = {
  status: 400,
  code: 'InvalidArgument',
  message: 'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.',
  argument: ['Authorization', 'null'],
}
const accessDenied: Expected = { status: 403, code: 'AccessDenied', message: 'Access Denied' }

async function check(way: Way, request: PlainRequest, expected: Expected): Promise<void> {
  const { endpoint, ambient } = bench.table.journey
  await bench.table.events()
  const reply = await sendPlainly(endpoint, way, request, ambient.now())
  const { status, encryption } = expected
  expectReply(reply, await bench.events('-'), request.method === 'HEAD' ? { status, encryption } : expected)
}

describe.each(ways)('%s', (way) => {
  test.each(schemes)('GET and HEAD of an object under %s', async (scheme) => {
    const path = `/${bench.bucket}/${encodeURIComponent(scheme)}`
    const headers = opening(scheme)
    for (const verb of ['GET', 'HEAD']) {
      const request = { method: verb, path, headers }
      if (isKms(scheme)) await check(way, request, needsSigV4)
      else if (way === 'anonymous') await check(way, request, accessDenied)
      else expect((await send(way, request)).status).toBe(200)
    }
  })

  test.each(schemes)('PUT and CreateMultipartUpload that ask for %s', async (scheme) => {
    const path = `/${bench.bucket}/${bench.newKey()}`
    const headers = asking(scheme, bench.keyArn)
    const create: PlainRequest = { method: 'POST', path, query: '?uploads', headers }
    for (const request of [{ method: 'PUT', path, headers, body }, create]) {
      if (isKms(scheme)) await check(way, request, needsSigV4)
      else if (way === 'anonymous') await check(way, request, accessDenied)
      else expect([request.method, (await send(way, request)).status]).toEqual([request.method, 200])
    }
  })

  test('a write that asks for nothing where the bucket’s default is a KMS key', async () => {
    const Bucket = await bench.table.journey.createBucket(`kms-by-default-${ways.indexOf(way)}`)
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } }]
    const input = { Bucket, ServerSideEncryptionConfiguration: { Rules } }
    await bench.table.journey.s3.send(new PutBucketEncryptionCommand(input))
    const refusal = way === 'anonymous' ? accessDenied : needsSigV4
    await check(way, { method: 'PUT', path: `/${Bucket}/object`, body }, refusal)
    await check(way, { method: 'POST', path: `/${Bucket}/object`, query: '?uploads' }, refusal)
  })

  test('a part of an upload under a KMS key, a copy from and to one', async () => {
    const { Key, UploadId } = await bench.createUpload('SSE-KMS')
    const refusal = way === 'anonymous' ? accessDenied : needsSigV4
    const query = `?partNumber=1&uploadId=${UploadId}`
    await check(way, { method: 'PUT', path: `/${bench.bucket}/${Key}`, query, body }, refusal)
    const target = { method: 'PUT', path: `/${bench.bucket}/${bench.newKey()}` }
    const fromKms = { 'x-amz-copy-source': bench.copySource('SSE-KMS') }
    await check(way, { ...target, headers: fromKms }, refusal)
    const toKms = { 'x-amz-copy-source': bench.copySource('none'), ...asking('SSE-KMS', bench.keyArn) }
    await check(way, { ...target, headers: toKms }, needsSigV4)
  })
})

function send(way: Way, request: PlainRequest) {
  const { endpoint, ambient } = bench.table.journey
  return sendPlainly(endpoint, way, request, ambient.now())
}

describe.each(['GetObject', 'HeadObject', 'GetObjectAttributes'] as const)('%s', (operation) => {
  const headers: Headers[] = [
    { [method]: 'AES256' },
    { [method]: 'aws:kms' },
    { [keyIdHeader]: 'alias/any' },
    { [contextHeader]: encodeContext({ a: 'b' }) },
    { [bucketKeyHeader]: 'true' },
  ]

  test.each(schemes)(
    'refuses every encryption header of a write on an object under %s, before KMS is asked',
    async (on) => {
      for (const sent of headers) {
        const [[name = '', value = ''] = []] = Object.entries(sent)
        const refused: Expected = {
          status: 400,
          code: 'InvalidArgument',
          message: 'x-amz-server-side-encryption header is not supported for this operation.',
          argument: [name, value],
        }
        const expected = operation === 'HeadObject' ? { status: 400 } : refused
        await bench.check({ operation, on, headers: { ...opening(on), ...sent }, ...expected })
      }
    },
  )
})

describe('--require-tls-for-sse-c', () => {
  let strict: Bench
  beforeAll(async () => {
    strict = await Bench.open({ requireTlsForSseC: true }, 'strict')
  })
  afterAll(() => strict.table.stop())

  const right = customerHeaders(customerKey)
  const rows: [OperationName, Row['headers']][] = [
    ['PutObject', right],
    ['CopyObject', right],
    ['CopyObject', sourceHeaders(customerKey)],
    ['CreateMultipartUpload', right],
    ['UploadPart', right],
    ['UploadPartCopy', right],
    ['UploadPartCopy', sourceHeaders(customerKey)],
    ['CompleteMultipartUpload', right],
    ['ListParts', right],
    ['GetObject', right],
    ['HeadObject', right],
    ['GetObjectAttributes', right],
  ]

  test.each(rows)('%s refuses a customer key over plain HTTP', async (operation, headers) => {
    const message =
      'Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.'
    const refused: Expected = { status: 400, code: 'InvalidRequest', message }
    await strict.check({ operation, headers, ...(operation === 'HeadObject' ? { status: 400 } : refused) })
  })
})
