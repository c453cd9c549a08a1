import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { accountId, region } from '../emulator.ts'
import { Bench, run } from './bench.ts'
import { asking, keyIdHeader, method, type OperationName, success, told, writes } from './schemes.ts'
import { encryptionHeaders } from './table.ts'

/* Which KMS key a write means, and what S3 says when KMS refuses it. */

let bench: Bench
let folder: string
const rsaKeyId = '0d358adb-70e2-4ed7-9f1a-0d4d5a1b6c11'
const unknownKeyId = '11111111-2222-3333-4444-555555555555'
const arnOf = (resource: string, inRegion = region) => `arn:aws:kms:${inRegion}:${accountId}:${resource}`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kms-table-'))
  const fixture = join(folder, 'keys.json')
  const key = { id: rsaKeyId, alias: 'alias/rsa', keySpec: 'RSA_2048', keyUsage: 'ENCRYPT_DECRYPT' }
  await writeFile(fixture, JSON.stringify({ keys: [key] }))
  bench = await Bench.open({ fixtures: [fixture] })
  const TargetKeyId = bench.keyArn
  await bench.table.journey.kms.send(new CreateAliasCommand({ AliasName: 'alias/table', TargetKeyId }))
})
afterAll(async () => {
  await bench.table.stop()
  await rm(folder, { recursive: true })
})

const algorithms = { 'aws:kms': 'SSE-KMS', 'aws:kms:dsse': 'DSSE-KMS' } as const

describe.each(writes)('%s', (operation) => {
  describe.each(['aws:kms', 'aws:kms:dsse'] as const)('%s', (algorithm) => {
    test.each([
      ['its UUID', () => bench.keyArn.split('/')[1] ?? ''],
      ['its ARN', () => bench.keyArn],
      ['an alias', () => 'alias/table'],
      ['an alias’s ARN', () => arnOf('alias/table')],
    ])('takes a key by %s and answers its ARN', async (_, identifier) => {
      const headers = { [method]: algorithm, [keyIdHeader]: identifier() }
      const encryption = told(operation, algorithms[algorithm], bench.keyArn)
      const status = success(operation)
      await bench.check({ operation, headers, status, encryption, kms: ['GenerateDataKey object'] })
    })

    test('without a key takes alias/aws/s3, which KMS makes for it', async () => {
      const reply = await bench.send({ operation, headers: { [method]: algorithm } })
      const KeyId = encryptionHeaders(reply)[keyIdHeader]
      const { KeyMetadata } = await bench.table.journey.kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }))
      expect(KeyMetadata).toMatchObject({
        Arn: KeyId,
        KeyManager: 'AWS',
        Description: 'Default key that protects my S3 objects when no other key is defined',
      })
    })

    test.each([
      ['a text that is no key id', 'fake-key-id', "Invalid keyId 'fake-key-id'"],
      ['an unknown UUID', unknownKeyId, `Key '${arnOf(`key/${unknownKeyId}`)}' does not exist`],
      [
        'the ARN of an unknown key',
        arnOf(`key/${unknownKeyId}`),
        `Key '${arnOf(`key/${unknownKeyId}`)}' does not exist`,
      ],
      ['the ARN of a key elsewhere', arnOf(`key/${unknownKeyId}`, 'eu-west-1'), 'Invalid arn eu-west-1'],
      ['an unknown alias', 'alias/unknown', `Alias ${arnOf('alias/unknown')} is not found.`],
    ])('refuses %s with KMS.NotFoundException', async (_, identifier, message) => {
      const headers = { [method]: algorithm, [keyIdHeader]: identifier }
      const kms = ['GenerateDataKey object !NotFoundException']
      await bench.check({ operation, headers, status: 400, code: 'KMS.NotFoundException', message, kms })
    })

    test('refuses a key that is not for symmetric encryption', async () => {
      const headers = { [method]: algorithm, [keyIdHeader]: 'alias/rsa' }
      const message = 'You cannot generate a data key with an asymmetric CMK'
      const kms = ['GenerateDataKey object !InvalidKeyUsageException']
      await bench.check({ operation, headers, status: 400, code: 'KMS.InvalidKeyUsageException', message, kms })
    })

    test('refuses the key of another account in the words for what is not to be seen', async () => {
      const { KeyMetadata } = await bench.table.journey.as('111122223333').kms.send(new CreateKeyCommand({}))
      const headers = { [method]: algorithm, [keyIdHeader]: KeyMetadata?.Arn ?? '' }
      const message = `User: arn:aws:iam::${accountId}:user/test is not authorized to perform: kms:GenerateDataKey on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`
      const kms = ['GenerateDataKey object !AccessDenied']
      await bench.check({ operation, headers, status: 403, code: 'AccessDenied', message, kms })
    })

    test.each(['', 'a'.repeat(2049)])(
      'an identifier that KMS’s own form refuses is no InternalError',
      async (identifier) => {
        const headers = { [method]: algorithm, [keyIdHeader]: identifier }
        const reply = await bench.send({ operation, headers })
        expect(reply.status).toBe(400)
      },
    )
  })

  test.each([
    ['AES256 with a key id', { [method]: 'AES256', [keyIdHeader]: 'alias/table' }, 'AES256'],
    ['a key id without a method', { [keyIdHeader]: 'alias/table' }, 'null'],
  ])('refuses %s before KMS is asked', async (_, headers, value) => {
    const message =
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms'
    const argument: [string, string] = [method, value]
    await bench.check({ operation, headers, status: 400, code: 'InvalidArgument', message, argument })
  })

  test.each(['', 'aes:kms', 'aes256', 'AWS:KMS', 'SSE-KMS'])('refuses the method "%s"', async (value) => {
    const headers = { [method]: value }
    const message = 'The encryption method specified is not supported'
    const argument: [string, string] = [method, value]
    await bench.check({ operation, headers, status: 400, code: 'InvalidArgument', message, argument })
  })
})

describe('a key that was usable and is no longer', () => {
  const states = {
    Disabled: {
      code: 'DisabledException',
      words: 'is disabled.',
      enter: (KeyId: string) => bench.table.journey.kms.send(new DisableKeyCommand({ KeyId })),
      leave: (KeyId: string) => bench.table.journey.kms.send(new EnableKeyCommand({ KeyId })),
    },
    PendingDeletion: {
      code: 'KMSInvalidStateException',
      words: 'is pending deletion.',
      enter: (KeyId: string) => bench.table.journey.kms.send(new ScheduleKeyDeletionCommand({ KeyId })),
      leave: async (KeyId: string) => {
        await bench.table.journey.kms.send(new CancelKeyDeletionCommand({ KeyId }))
        await bench.table.journey.kms.send(new EnableKeyCommand({ KeyId }))
      },
    },
  }

  const asked: Partial<Record<OperationName, string>> = {
    PostObject: 'GenerateDataKey object',
    PutObject: 'GenerateDataKey object',
    CopyObject: 'Decrypt object',
    CreateMultipartUpload: 'GenerateDataKey object',
    UploadPart: 'Decrypt object',
    UploadPartCopy: 'Decrypt object',
    CompleteMultipartUpload: 'Decrypt object',
    GetObject: 'Decrypt object',
    HeadObject: 'Decrypt object',
    GetObjectAttributes: 'Decrypt object',
  }

  /** The others find the key on the object or the upload. */
  const namesKey: OperationName[] = ['PutObject', 'PostObject', 'CreateMultipartUpload']

  const rows = (['SSE-KMS', 'DSSE-KMS'] as const).flatMap((scheme) =>
    (['Disabled', 'PendingDeletion'] as const).flatMap((state) =>
      Object.entries(asked).map(([operation, event]) => [operation as OperationName, scheme, state, event] as const),
    ),
  )

  test.each(rows)(
    '%s under %s with a key that is %s fails as KMS does, and works again',
    async (operation, scheme, state, event) => {
      const { code, words, enter, leave } = states[state]
      const keyArn = await bench.table.journey.createKey()
      const [Bucket, Key, headers] = [bench.bucket, bench.newKey(), asking(scheme, keyArn)]
      await bench.put(Key, headers)
      const created = await bench.table.send(headers, (s3) => run(s3, 'CreateMultipartUpload', { Bucket, Key }))
      const UploadId = /<UploadId>(.*)<\/UploadId>/.exec(created.text)?.[1]
      const place = { Bucket, Key, UploadId }
      const part = await bench.table.send({}, (s3) => run(s3, 'UploadPart', place))
      const input = {
        ...place,
        ...(operation.includes('Copy') && {
          CopySource: `${Bucket}/${Key}`,
          Key: operation === 'CopyObject' ? `${Key}-copy` : Key,
        }),
        ...(operation === 'GetObjectAttributes' && { ObjectAttributes: ['Checksum'] }),
        ...(operation === 'HeadObject' && { ChecksumMode: 'ENABLED' }),
        ...(operation === 'CompleteMultipartUpload' && {
          MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.headers.etag }] },
        }),
      }
      const send = () => bench.send({ operation, headers: namesKey.includes(operation) ? headers : {}, input })
      await enter(keyArn)
      const refused = await send()
      expect(refused.status).toBe(400)
      expect(await bench.events(Key)).toEqual([`${event} !${code}`])
      if (operation !== 'HeadObject') {
        expect(refused.text).toContain(`<Code>KMS.${code}</Code><Message>${keyArn} ${words}</Message>`)
      }
      await leave(keyArn)
      expect((await send()).status).toBe(success(operation))
    },
  )
})
