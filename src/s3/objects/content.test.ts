import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { NotAuthentic } from '../../crypto/aead.ts'
import { smallBodies } from '../../store/small-bodies.ts'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

/** What a refused or tampered body leaves behind; the segments are looked at where they lie. */

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

const encrypted = { 'x-amz-server-side-encryption': 'AES256' }
const large = Buffer.from(Array.from({ length: 80_000 }, (_, index) => `${index}`.padStart(8, '.')).join(''))

function put(key: string, body: Uint8Array, headers: Record<string, string> = encrypted) {
  return s3.call('PUT', `/bucket/${key}`, { body, headers })
}

function get(key: string, headers: Record<string, string> = {}) {
  return s3.call('GET', `/bucket/${key}`, { headers })
}

async function segments(): Promise<[Buffer, Buffer][]> {
  return s3.database.bodies.iterator().all()
}

test('A body that is refused at its end leaves no segment and no record', async () => {
  const before = await segments()
  const wrong = { ...encrypted, 'content-md5': Buffer.alloc(16).toString('base64') }
  expect((await put('key', large, wrong)).code).toBe('BadDigest')
  expect((await get('key')).status).toBe(404)
  await s3.blobs.sweep()
  expect(await segments()).toEqual(before)
})

test('A body whose condition fails at commit is given up', async () => {
  const unless = { ...encrypted, 'if-none-match': '*' }
  await Promise.all([put('key', large, unless), put('key', large, unless), put('key', large, unless)])
  await s3.blobs.sweep()
  await s3.blobs.close()
  expect(await segments()).toHaveLength(Math.ceil(large.length / (256 << 10)))
})

test('Overwriting, deleting and aborting clear the segments of what was there', async () => {
  await put('key', large)
  await put('key', large.subarray(0, 5000))
  await s3.blobs.sweep()
  expect(await segments()).toHaveLength(1)
  await s3.call('DELETE', '/bucket/key')
  await s3.blobs.sweep()
  expect(await segments()).toHaveLength(0)
})

test('No plaintext of an encrypted object lies in the store', async () => {
  await put('key', large)
  for (const [, segment] of await segments()) expect(segment.includes(large.subarray(800, 816))).toBe(false)
})

test('A flipped bit in the first segment is a clean error; in a later one the body breaks off; never wrong bytes', async () => {
  await put('key', large)
  const [first, second] = await segments()
  if (!first || !second) throw new Error('Two segments were expected')
  await flip(second)
  await expect(get('key')).rejects.toThrow(NotAuthentic)
  expect((await get('key', { range: 'bytes=0-9' })).text).toBe(large.subarray(0, 10).toString())
  await flip(first)
  const reply = await get('key', { range: 'bytes=0-9' })
  expect([reply.status, reply.code]).toEqual([500, 'InternalError'])
})

test('Segments exchanged between two objects fail both reads', async () => {
  await put('one', Buffer.alloc(5000, 'a'))
  await put('two', Buffer.alloc(5000, 'b'))
  const [one, two] = await segments()
  if (!one || !two) throw new Error('Two segments were expected')
  await s3.database.bodies.put(one[0], two[1])
  await s3.database.bodies.put(two[0], one[1])
  for (const key of ['one', 'two']) expect((await get(key)).code).toBe('InternalError')
})

test('Small bodies exchanged between two objects fail both reads', async () => {
  await put('one', Buffer.from('the first'))
  await put('two', Buffer.from('the other'))
  const bodies: [number, string][] = []
  for await (const { key, value } of s3.database.entries(smallBodies)) bodies.push([key[0], value])
  const [one, two] = bodies
  if (!one || !two) throw new Error('Two small bodies were expected')
  await s3.database.transact((transaction) => {
    transaction.put(smallBodies, [one[0]], two[1])
    transaction.put(smallBodies, [two[0]], one[1])
  })
  for (const key of ['one', 'two']) expect((await get(key)).code).toBe('InternalError')
})

async function flip([key, segment]: [Buffer, Buffer]): Promise<void> {
  const changed = Buffer.from(segment)
  changed[40] = (changed[40] ?? 0) ^ 1
  await s3.database.bodies.put(key, changed)
}
