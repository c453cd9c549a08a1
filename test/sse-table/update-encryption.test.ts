import { DisableKeyCommand } from '@aws-sdk/client-kms'
import { GetObjectTorrentCommand, UpdateObjectEncryptionCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { accountId, region } from '../emulator.ts'
import { Bench, body } from './bench.ts'
import { asking, bucketKeyHeader, contextHeader, kmsCall, opening, type SchemeName, schemes, told } from './schemes.ts'
import { type Expected, encryptionHeaders, expectReply, type Headers, type Reply } from './table.ts'

/* Another KMS key for an object where it stands, and the torrent that no object under a customer's key has. */

let bench: Bench
let newKeyArn: string

beforeAll(async () => {
  bench = await Bench.open()
  newKeyArn = await bench.table.journey.createKey()
})
afterAll(() => bench.table.stop())

function update(Key: string, KMSKeyArn: string, BucketKeyEnabled?: boolean, headers: Headers = {}): Promise<Reply> {
  const ObjectEncryption = { SSEKMS: { KMSKeyArn, BucketKeyEnabled } }
  return bench.table.send(headers, (s3) =>
    s3.send(new UpdateObjectEncryptionCommand({ Bucket: bench.bucket, Key, ObjectEncryption })),
  )
}

async function check(Key: string, reply: Reply, expected: Expected): Promise<void> {
  expectReply(reply, await bench.events(Key), expected)
}

async function stored(scheme: SchemeName): Promise<{ Key: string; etag: string | undefined }> {
  const Key = bench.newKey()
  const { headers } = await bench.put(Key, asking(scheme, bench.keyArn))
  await bench.table.events()
  return { Key, etag: headers.etag }
}

/** What making the new data key is: the object's own pairs stay with it. */
const making = (scheme: SchemeName) =>
  scheme === 'SSE-KMS with a context' ? 'GenerateDataKey object team=a' : 'GenerateDataKey object'

const updatable = schemes.filter((scheme) => scheme === 'SSE-S3' || scheme.startsWith('SSE-KMS'))

describe.each(updatable)('an object under %s', (scheme) => {
  test('comes under another key; body, ETag and checksum stay', async () => {
    const { Key, etag } = await stored(scheme)
    const before = await bench.get(Key)
    await bench.table.events()
    const kms = [...kmsCall(scheme, 'Decrypt'), making(scheme)]
    await check(Key, await update(Key, newKeyArn), { status: 200, kms })
    const after = await bench.get(Key)
    expect([after.text, after.headers.etag]).toEqual([body, etag])
    expect(after.headers['x-amz-checksum-crc32']).toBe(before.headers['x-amz-checksum-crc32'])
    expect(encryptionHeaders(after)).toEqual(told('GetObject', 'SSE-KMS', newKeyArn))
    expect(await bench.events(Key)).toEqual([making(scheme).replace('GenerateDataKey', 'Decrypt')])
  })

  test('comes under a bucket key', async () => {
    const { Key } = await stored(scheme)
    expect((await update(Key, bench.keyArn, true)).status).toBe(200)
    expect(await bench.events(Key)).toEqual(kmsCall(scheme, 'Decrypt'))
    const read = await bench.get(Key)
    expect([read.text, read.headers[bucketKeyHeader]]).toEqual([body, 'true'])
  })

  test.each([
    [
      'an unknown key',
      () => `arn:aws:kms:${region}:${accountId}:key/11111111-2222-3333-4444-555555555555`,
      'NotFoundException',
    ],
    ['a disabled key', disabledKey, 'DisabledException'],
  ])('stays as it was when KMS refuses %s', async (_, keyArn, code) => {
    const { Key } = await stored(scheme)
    const wanted = await keyArn()
    await bench.table.events()
    const kms = [...kmsCall(scheme, 'Decrypt'), `${making(scheme)} !${code}`]
    await check(Key, await update(Key, wanted), { status: 400, code: `KMS.${code}`, kms })
    const read = await bench.get(Key)
    expect([read.text, encryptionHeaders(read)]).toEqual([body, told('GetObject', scheme, bench.keyArn)])
  })
})

async function disabledKey(): Promise<string> {
  const keyArn = await bench.table.journey.createKey()
  await bench.table.journey.kms.send(new DisableKeyCommand({ KeyId: keyArn }))
  return keyArn
}

test('the pairs of the object are the new key’s, and no reader is told them', async () => {
  const { Key } = await stored('SSE-KMS with a context')
  await update(Key, newKeyArn)
  await bench.table.events()
  expect((await bench.get(Key)).headers[contextHeader]).toBeUndefined()
  expect(await bench.events(Key)).toEqual(['Decrypt object team=a'])
})

test.each(['none', 'DSSE-KMS', 'SSE-C'] as const)(
  'an object under %s is refused before KMS is asked',
  async (scheme) => {
    const { Key } = await stored(scheme)
    await check(Key, await update(Key, newKeyArn), { status: 400, code: 'InvalidRequest' })
    expect((await bench.get(Key, opening(scheme))).text).toBe(body)
  },
)

test.each([
  ['a key id', '11111111-2222-3333-4444-555555555555'],
  ['an alias', 'alias/aws/s3'],
  ['an alias’s ARN', `arn:aws:kms:${region}:${accountId}:alias/a`],
  ['nothing', ''],
])('%s is no key’s ARN', async (_, KMSKeyArn) => {
  const { Key } = await stored('SSE-S3')
  await check(Key, await update(Key, KMSKeyArn), { status: 400, code: 'InvalidRequest' })
})

test('an object that is not there has no encryption to change', async () => {
  await check('nothing', await update('nothing', newKeyArn), { status: 404, code: 'NoSuchKey' })
})

describe('GetObjectTorrent', () => {
  test.each(schemes)('of an object under %s', async (scheme) => {
    await bench.table.events()
    const reply = await bench.table.send({}, (s3) =>
      s3.send(new GetObjectTorrentCommand({ Bucket: bench.bucket, Key: scheme })),
    )
    const refused: Expected =
      scheme === 'SSE-C' ? { status: 400, code: 'InvalidRequest' } : { status: 405, code: 'MethodNotAllowed' }
    await check(scheme, reply, refused)
  })
})
