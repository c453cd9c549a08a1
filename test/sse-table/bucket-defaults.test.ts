import {
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  PutBucketEncryptionCommand,
  type ServerSideEncryptionByDefault,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { accountId, region } from '../emulator.ts'
import { Bench, type Row } from './bench.ts'
import { asking, bucketKeyHeader, keyIdHeader, method, type OperationName, success, writes } from './schemes.ts'
import { encryptionHeaders, type Headers } from './table.ts'

/* What a bucket's default encryption does to every write path, and what a request may change of it. */

let bench: Bench
let otherKeyArn: string

beforeAll(async () => {
  bench = await Bench.open()
  otherKeyArn = await bench.table.journey.createKey()
})
afterAll(() => bench.table.stop())

interface Default {
  SSEAlgorithm: ServerSideEncryptionByDefault['SSEAlgorithm']
  KMSMasterKeyID?: string
  BucketKeyEnabled?: boolean
}

function setDefault({ BucketKeyEnabled, ...byDefault }: Default) {
  const Rules = [{ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled }]
  const input = { Bucket: bench.bucket, ServerSideEncryptionConfiguration: { Rules } }
  return bench.table.journey.s3.send(new PutBucketEncryptionCommand(input))
}

const underKms = (keyArn: string, further: Headers = {}) => ({
  [method]: 'aws:kms',
  [keyIdHeader]: keyArn,
  ...further,
})
const bucketKeyTrue = { [bucketKeyHeader]: 'true' }

/** The operations of a write, with KMS's call where each object has its own data key. */
const paths: [OperationName, string][] = [
  ['PutObject', 'GenerateDataKey object'],
  ['PostObject', 'GenerateDataKey object'],
  ['CopyObject', 'GenerateDataKey object'],
  ['CreateMultipartUpload', 'GenerateDataKey object'],
  ['UploadPart', 'Decrypt object'],
  ['UploadPartCopy', 'Decrypt object'],
  ['CompleteMultipartUpload', 'Decrypt object'],
]

interface Kind {
  name: string
  setting: () => Default
  encryption: () => Headers
  /** Each object its own data key. */
  asksKms: boolean
}

const kinds: Kind[] = [
  {
    name: 'AES256',
    setting: () => ({ SSEAlgorithm: 'AES256' }),
    encryption: () => ({ [method]: 'AES256' }),
    asksKms: false,
  },
  {
    name: 'AES256 with BucketKeyEnabled',
    setting: () => ({ SSEAlgorithm: 'AES256', BucketKeyEnabled: true }),
    encryption: () => ({ [method]: 'AES256' }),
    asksKms: false,
  },
  {
    name: 'aws:kms with a key',
    setting: () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: bench.keyArn }),
    encryption: () => underKms(bench.keyArn),
    asksKms: true,
  },
  {
    name: 'aws:kms with a bare key id',
    setting: () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: bench.keyArn.split('/')[1] }),
    encryption: () => underKms(bench.keyArn),
    asksKms: true,
  },
  {
    name: 'aws:kms with a key and BucketKeyEnabled',
    setting: () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: bench.keyArn, BucketKeyEnabled: true }),
    encryption: () => underKms(bench.keyArn, bucketKeyTrue),
    asksKms: false,
  },
  {
    name: 'aws:kms:dsse with a key',
    setting: () => ({ SSEAlgorithm: 'aws:kms:dsse', KMSMasterKeyID: bench.keyArn, BucketKeyEnabled: true }),
    encryption: () => underKms(bench.keyArn, { [method]: 'aws:kms:dsse' }),
    asksKms: true,
  },
]

describe.each(kinds.map((kind) => [kind.name, kind] as const))('the default %s', (_, kind) => {
  beforeAll(async () => {
    await setDefault(kind.setting())
    // The bucket key is there from its first use on.
    await bench.put('primed')
  })

  test.each(paths)('is applied by %s', async (operation, call) => {
    const kms = kind.asksKms ? [call] : []
    await bench.check({ operation, on: 'none', status: success(operation), encryption: kind.encryption(), kms })
  })

  test('gives way to AES256 and to a customer key that a write asks for', async () => {
    const s3Managed = asking('SSE-S3', '')
    await bench.check({ operation: 'PutObject', headers: s3Managed, status: 200, encryption: { [method]: 'AES256' } })
    const { [method]: none, ...customer } = encryptionHeaders(await bench.put(bench.newKey(), asking('SSE-C', '')))
    expect([none, Object.keys(customer)]).toEqual([undefined, [expect.any(String), expect.any(String)]])
  })

  test('gives way to another key that a write names', async () => {
    const headers = { ...underKms(otherKeyArn), [bucketKeyHeader]: 'false' }
    const kms = ['GenerateDataKey object']
    await bench.check({ operation: 'PutObject', headers, status: 200, encryption: underKms(otherKeyArn), kms })
  })
})

test('aws:kms without a key takes alias/aws/s3, one key for all', async () => {
  await setDefault({ SSEAlgorithm: 'aws:kms' })
  const answers = [await bench.put('managed-1'), await bench.put('managed-2', { [method]: 'aws:kms' })]
  const [first, second] = answers.map((answer) => encryptionHeaders(answer)[keyIdHeader])
  expect(first).toMatch(new RegExp(`^arn:aws:kms:${region}:${accountId}:key/`))
  expect([second, first === bench.keyArn]).toEqual([first, false])
})

describe('a write that says part of it', () => {
  const rows: [name: string, setting: () => Default, headers: Headers, encryption: () => Headers, kms: string[]][] = [
    [
      'aws:kms without a key takes the bucket’s key',
      () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: bench.keyArn }),
      { [method]: 'aws:kms' },
      () => underKms(bench.keyArn),
      ['GenerateDataKey object'],
    ],
    [
      'aws:kms without a word on bucket keys takes the bucket’s setting',
      () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: bench.keyArn, BucketKeyEnabled: true }),
      { [method]: 'aws:kms' },
      () => underKms(bench.keyArn, bucketKeyTrue),
      [],
    ],
    [
      'bucket-key-enabled: false switches the bucket key off for one object',
      () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: bench.keyArn, BucketKeyEnabled: true }),
      { [method]: 'aws:kms', [bucketKeyHeader]: 'false' },
      () => underKms(bench.keyArn),
      ['GenerateDataKey object'],
    ],
    [
      'bucket-key-enabled alone speaks of the bucket’s default',
      () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: bench.keyArn }),
      bucketKeyTrue,
      () => underKms(bench.keyArn, bucketKeyTrue),
      [],
    ],
    [
      'aws:kms:dsse knows no bucket key, whatever the bucket says',
      () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: bench.keyArn, BucketKeyEnabled: true }),
      { [method]: 'aws:kms:dsse', [bucketKeyHeader]: 'true' },
      () => underKms(bench.keyArn, { [method]: 'aws:kms:dsse' }),
      ['GenerateDataKey object'],
    ],
  ]

  test.each(rows)('%s', async (_, setting, headers, encryption, kms) => {
    await setDefault(setting())
    for (const operation of writes) {
      await bench.check({ operation, headers, status: success(operation), encryption: encryption(), kms })
    }
  })

  test('a bucket key header that is neither true nor false is refused', async () => {
    const headers = { [method]: 'aws:kms', [bucketKeyHeader]: 'yes' }
    await bench.check({ operation: 'PutObject', headers, status: 400, code: 'InvalidArgument' })
  })
})

test('a default that names an unknown key is taken as it is given; the first write finds out', async () => {
  const KMSMasterKeyID = '11111111-2222-3333-4444-555555555555'
  await setDefault({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID })
  const got = await bench.table.journey.s3.send(new GetBucketEncryptionCommand({ Bucket: bench.bucket }))
  const [rule] = got.ServerSideEncryptionConfiguration?.Rules ?? []
  expect(rule?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID).toBe(KMSMasterKeyID)
  const refused: Omit<Row, 'operation'> = {
    status: 400,
    code: 'KMS.NotFoundException',
    message: `Key 'arn:aws:kms:${region}:${accountId}:key/${KMSMasterKeyID}' does not exist`,
    kms: ['GenerateDataKey object !NotFoundException'],
  }
  await bench.check({ operation: 'PutObject', ...refused })
  await bench.check({ operation: 'CreateMultipartUpload', ...refused })
})

test('an object and an upload keep what they had when the default changes', async () => {
  await setDefault({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: otherKeyArn })
  await bench.put('before')
  const { Key, UploadId } = await bench.createUpload('none')
  await bench.table.journey.s3.send(new DeleteBucketEncryptionCommand({ Bucket: bench.bucket }))
  const encryption = underKms(otherKeyArn)
  const kms = ['Decrypt object']
  await bench.check({ operation: 'GetObject', input: { Key: 'before' }, status: 200, encryption, kms })
  await bench.check({ operation: 'UploadPart', input: { Key, UploadId }, status: 200, encryption, kms })
  await bench.check({ operation: 'PutObject', status: 200 })
})
