import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sendingHeader } from '../seeds/scheme.ts'
import { Bench, body } from './bench.ts'
import {
  anotherKey,
  asking,
  customerHeaders,
  customerKey,
  customerMd5,
  kmsCall,
  method,
  opening,
  schemes,
  told,
} from './schemes.ts'
import { element, expectReply, type Headers, type Reply } from './table.ts'

/* Presigned URLs: the encryption headers are signed with the URL, and sent by whoever uses it. */

let bench: Bench

beforeAll(async () => {
  bench = await Bench.open()
})
afterAll(() => bench.table.stop())

type Place = { Bucket: string; Key: string }
const commands = {
  PUT: (place: Place) => new PutObjectCommand(place),
  GET: (place: Place) => new GetObjectCommand(place),
  HEAD: (place: Place) => new HeadObjectCommand(place),
}

/** @param where the signed headers go: to be sent, or into the URL's query */
async function presign(
  verb: keyof typeof commands,
  Key: string,
  headers: Headers,
  where: 'header' | 'query' = 'header',
) {
  const client = new S3Client(bench.table.journey.configuration)
  for (const [name, value] of Object.entries(headers)) sendingHeader(client, name, value)
  const names = new Set(Object.keys(headers))
  const options = where === 'header' ? { unhoistableHeaders: names } : { hoistableHeaders: names }
  return getSignedUrl(client, commands[verb]({ Bucket: bench.bucket, Key }), options)
}

async function use(url: string, verb: string, headers: Headers = {}): Promise<Reply> {
  const answer = await fetch(url, { method: verb, headers, ...(verb === 'PUT' && { body }) })
  return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
}

describe.each(schemes)('under %s', (scheme) => {
  test('a URL to PUT takes the headers it was signed with', async () => {
    const Key = bench.newKey()
    const headers = asking(scheme, bench.keyArn)
    const url = await presign('PUT', Key, headers)
    await bench.table.events()
    const reply = await use(url, 'PUT', headers)
    const kms = kmsCall(scheme, 'GenerateDataKey')
    const encryption = told('PutObject', scheme, bench.keyArn)
    expectReply(reply, await bench.events(Key), { status: 200, encryption, kms })
    expect((await bench.get(Key, opening(scheme))).text).toBe(body)
  })

  test.each(['GET', 'HEAD'] as const)(
    'a URL to %s takes the customer’s key where there is one, and else nothing',
    async (verb) => {
      const url = await presign(verb, scheme, opening(scheme))
      await bench.table.events()
      const reply = await use(url, verb, opening(scheme))
      const kms = verb === 'GET' ? kmsCall(scheme, 'Decrypt') : []
      const encryption = told(verb === 'GET' ? 'GetObject' : 'HeadObject', scheme, bench.keyArn)
      expectReply(reply, await bench.events(scheme), { status: 200, encryption, kms })
      expect(reply.text).toBe(verb === 'GET' ? body : '')
    },
  )

  test('a URL to PUT may carry the headers in its query', async () => {
    const Key = bench.newKey()
    const headers = asking(scheme, bench.keyArn)
    const reply = await use(await presign('PUT', Key, headers, 'query'), 'PUT')
    expect(reply).toMatchObject({ status: 200, headers: told('PutObject', scheme, bench.keyArn) })
  })
})

test.each(schemes.filter((scheme) => scheme !== 'none'))(
  'a URL signed without the headers of %s takes none',
  async (scheme) => {
    const url = await presign('PUT', bench.newKey(), {})
    const headers = asking(scheme, bench.keyArn)
    const reply = await use(url, 'PUT', headers)
    expect([reply.status, element(reply, 'Code'), element(reply, 'Message')]).toEqual([
      403,
      'AccessDenied',
      'There were headers present in the request which were not signed',
    ])
    expect(element(reply, 'HeadersNotSigned')?.split(', ').sort()).toEqual(Object.keys(headers).sort())
  },
)

test('a URL signed for one method takes no other, and not none', async () => {
  const headers = asking('SSE-KMS', bench.keyArn)
  const url = await presign('PUT', bench.newKey(), headers)
  for (const sent of [{ ...headers, [method]: 'AES256' }, {}]) {
    const reply = await use(url, 'PUT', sent)
    expect([reply.status, element(reply, 'Code')]).toEqual([403, 'SignatureDoesNotMatch'])
  }
})

test('a header that the query carries may not come as an unsigned header too', async () => {
  const url = await presign('PUT', bench.newKey(), { [method]: 'AES256' }, 'query')
  const reply = await use(url, 'PUT', { [method]: 'AES256' })
  expect([reply.status, element(reply, 'HeadersNotSigned')]).toEqual([403, method])
})

test('a URL signed with one customer key takes no other', async () => {
  const url = await presign('GET', 'SSE-C', customerHeaders(customerKey))
  expect((await use(url, 'GET', customerHeaders(anotherKey))).status).toBe(403)
  const { [customerMd5]: _, ...incomplete } = customerHeaders(customerKey)
  expect((await use(url, 'GET', incomplete)).status).toBe(403)
})
