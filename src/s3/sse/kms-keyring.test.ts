import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type Caller, userCaller } from '../../aws/caller.ts'
import { recordKind } from '../../store/keyspace.ts'
import type { DefaultEncryption, EncryptionRequest, Envelope, SealTarget, Session } from './envelope.ts'
import { EnvelopeFixture, sessionOf, target } from './envelopes.fixture.ts'

let fixture: EnvelopeFixture
let keyId: string
beforeEach(async () => {
  fixture = await EnvelopeFixture.open()
  keyId = await fixture.createKey()
})
afterEach(() => fixture.database.close())

const lifetime = 300_000
const objectArn = 'arn:aws:s3:::uploads/folder/a file'
const bucketArn = 'arn:aws:s3:::uploads'

function write(
  request: EncryptionRequest,
  where: SealTarget = target,
  session = sessionOf(),
  given?: DefaultEncryption,
) {
  return fixture.envelopes.envelopeFor(request, given, where, session)
}

function read(envelope: Envelope, where: SealTarget = target, session = sessionOf()) {
  return fixture.envelopes.openEnvelope(envelope.recordFor(where), where, undefined, session)
}

async function contexts(): Promise<unknown[]> {
  return (await fixture.eventsOfS3()).map(({ context }) => context)
}

test('a write is one GenerateDataKey and a read one Decrypt, in the name of the caller, by S3, with the ARN of the object', async () => {
  await read(await write({ scheme: 'SSE-KMS', keyId, context: { tenant: 'a' } }))
  const caller = 'arn:aws:iam::000000000000:user/test'
  const context = { tenant: 'a', 'aws:s3:arn': objectArn }
  expect(await fixture.eventsOfS3()).toEqual([
    { eventName: 'GenerateDataKey', context, caller, invokedBy: expect.any(String) },
    { eventName: 'Decrypt', context, caller, invokedBy: expect.any(String) },
  ])
})

test('DSSE-KMS is one GenerateDataKey, never under a bucket key', async () => {
  const envelope = await write({ scheme: 'DSSE-KMS', keyId, bucketKey: true })
  expect(envelope.recordFor(target)).toMatchObject({ scheme: 'DSSE-KMS', keyArn: keyId })
  expect(envelope.recordFor(target).bucketKeyEnabled).toBeUndefined()
  expect(await contexts()).toEqual([{ 'aws:s3:arn': objectArn }])
})

test('aws:s3:arn may be given when it is the ARN of the object, and is not kept', async () => {
  const envelope = await write({ scheme: 'SSE-KMS', keyId, context: { 'aws:s3:arn': objectArn } })
  expect(envelope.recordFor(target).context).toBeUndefined()
  expect(await contexts()).toEqual([{ 'aws:s3:arn': objectArn }])
  await expect(write({ scheme: 'SSE-KMS', keyId, context: { 'aws:s3:arn': bucketArn } })).rejects.toMatchObject({
    code: 'InvalidArgument',
    status: 400,
  })
  expect(await fixture.namesOfEvents()).toEqual(['GenerateDataKey'])
})

test('without a key the bucket’s serves, else the AWS managed key', async () => {
  const inBucket = { algorithm: 'aws:kms', keyId, bucketKeyEnabled: false, blockedEncryptionTypes: 'NONE' } as const
  expect((await write({ scheme: 'SSE-KMS' }, target, sessionOf(), inBucket)).recordFor(target).keyArn).toBe(keyId)
  expect((await write({ scheme: 'unasked' }, target, sessionOf(), inBucket)).recordFor(target).keyArn).toBe(keyId)
  const managed = (await write({ scheme: 'SSE-KMS' })).recordFor(target).keyArn
  expect(managed).toMatch(/^arn:aws:kms:us-east-1:000000000000:key\//)
  expect((await write({ scheme: 'SSE-KMS' })).recordFor(target).keyArn).toBe(managed)
})

test('what KMS refuses S3 passes on', async () => {
  const envelope = await write({ scheme: 'SSE-KMS', keyId })
  const unknown = '11111111-2222-3333-4444-555555555555'
  await expect(write({ scheme: 'SSE-KMS', keyId: unknown })).rejects.toMatchObject({
    code: 'KMS.NotFoundException',
    status: 400,
    message: `Key 'arn:aws:kms:us-east-1:000000000000:key/${unknown}' does not exist`,
  })
  await fixture.callKms('DisableKey', { KeyId: keyId })
  const disabled = { code: 'KMS.DisabledException', status: 400, message: `${keyId} is disabled.` }
  await expect(write({ scheme: 'SSE-KMS', keyId })).rejects.toMatchObject(disabled)
  await expect(read(envelope)).rejects.toMatchObject(disabled)
  await fixture.callKms('ScheduleKeyDeletion', { KeyId: keyId })
  await expect(read(envelope)).rejects.toMatchObject({
    code: 'KMS.KMSInvalidStateException',
    status: 400,
    message: `${keyId} is pending deletion.`,
  })
  expect((await fixture.eventsOfS3()).map(({ errorCode }) => errorCode)).toEqual([
    undefined,
    'NotFoundException',
    'DisabledException',
    'DisabledException',
    'KMSInvalidStateException',
  ])
})

test('a failure of KMS is one of S3: 500 in S3’s words, without KMS’s', async () => {
  const envelope = await write({ scheme: 'SSE-KMS', keyId })
  const materials = recordKind<{ sealed: string }>()('keyMaterial', ['string', 'string'])
  await fixture.database.transact(async (transaction) => {
    for await (const { key } of fixture.database.entries(materials)) transaction.put(materials, key, { sealed: 'AAAA' })
  })
  // What is changed is read anew.
  for (const operation of ['DisableKey', 'EnableKey']) await fixture.callKms(operation, { KeyId: keyId })
  const failure = {
    code: 'InternalError',
    status: 500,
    message: 'We encountered an internal error. Please try again.',
  }
  await expect(write({ scheme: 'SSE-KMS', keyId })).rejects.toMatchObject(failure)
  await expect(read(envelope)).rejects.toMatchObject(failure)
  expect((await fixture.eventsOfS3()).slice(1)).toMatchObject([
    { eventName: 'GenerateDataKey', errorCode: 'KMSInternalException' },
    { eventName: 'Decrypt', errorCode: 'KMSInternalException' },
  ])
})

test.each(['SigV2', 'none'] as const)('signature %s is refused before KMS is asked', async (signature) => {
  const envelope = await write({ scheme: 'SSE-KMS', keyId })
  const words = 'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.'
  const session = sessionOf('test', signature)
  await expect(write({ scheme: 'SSE-KMS', keyId }, target, session)).rejects.toThrow(words)
  await expect(read(envelope, target, session)).rejects.toThrow(words)
  expect(await fixture.namesOfEvents()).toEqual(['GenerateDataKey'])
})

test('a bucket key serves many objects with one call under the ARN of the bucket', async () => {
  const request: EncryptionRequest = { scheme: 'SSE-KMS', keyId, bucketKey: true, context: { tenant: 'a' } }
  const envelopes = await Promise.all(['one', 'two', 'three'].map((key) => write(request, { ...target, key })))
  expect(envelopes[0]?.recordFor(target)).toMatchObject({ bucketKeyEnabled: true, context: { tenant: 'a' } })
  expect(envelopes[0]?.answerHeaders('GetObject')['x-amz-server-side-encryption-bucket-key-enabled']).toBe('true')
  for (const [index, key] of ['one', 'two', 'three'].entries()) {
    const envelope = envelopes[index]
    if (envelope) await read(envelope, { ...target, key })
  }
  expect(await fixture.namesOfEvents()).toEqual(['GenerateDataKey'])
  expect(await contexts()).toEqual([{ 'aws:s3:arn': bucketArn }])
})

test('the bucket’s setting gives a bucket key to writes that say nothing of it', async () => {
  const inBucket = { algorithm: 'aws:kms', keyId, bucketKeyEnabled: true, blockedEncryptionTypes: 'NONE' } as const
  const bucketKeyOf = async (request: EncryptionRequest) =>
    (await write(request, target, sessionOf(), inBucket)).recordFor(target).bucketKeyEnabled
  expect(await bucketKeyOf({ scheme: 'unasked' })).toBe(true)
  expect(await bucketKeyOf({ scheme: 'SSE-KMS', keyId })).toBe(true)
  expect(await bucketKeyOf({ scheme: 'SSE-KMS', keyId, bucketKey: false })).toBeUndefined()
})

test('a bucket key serves its principal for its lifetime even when the key is disabled, and nobody else', async () => {
  const request: EncryptionRequest = { scheme: 'SSE-KMS', keyId, bucketKey: true }
  const envelope = await write(request)
  await fixture.callKms('DisableKey', { KeyId: keyId })
  await read(envelope)
  await write(request)
  await expect(read(envelope, target, sessionOf('other'))).rejects.toMatchObject({ code: 'KMS.DisabledException' })
  await expect(write(request, target, sessionOf('other'))).rejects.toMatchObject({ code: 'KMS.DisabledException' })
  fixture.ambient.turn(lifetime - 1)
  await read(envelope)
  fixture.ambient.turn(1)
  await expect(read(envelope)).rejects.toMatchObject({ code: 'KMS.DisabledException' })
  await expect(write(request)).rejects.toMatchObject({ code: 'KMS.DisabledException' })
  await fixture.callKms('EnableKey', { KeyId: keyId })
  await read(envelope)
  await read(envelope)
  expect(await fixture.namesOfEvents()).toEqual([
    'GenerateDataKey',
    'Decrypt',
    'GenerateDataKey',
    'Decrypt',
    'GenerateDataKey',
    'Decrypt',
  ])
})

test('a bucket key serves one bucket and one KMS key', async () => {
  const other = await fixture.createKey()
  await write({ scheme: 'SSE-KMS', keyId, bucketKey: true })
  await write({ scheme: 'SSE-KMS', keyId, bucketKey: true }, { ...target, bucket: 'another' })
  await write({ scheme: 'SSE-KMS', keyId: other, bucketKey: true })
  expect(await fixture.namesOfEvents()).toHaveLength(3)
})

test('a bucket key serves one session of a role, though another has its name, and any key of one user', async () => {
  const request: EncryptionRequest = { scheme: 'SSE-KMS', keyId, bucketKey: true }
  const as = (accessKeyId: string, role?: Caller['role']): Session => {
    const session = sessionOf()
    const { authentication } = session
    return {
      ...session,
      authentication: { ...authentication, caller: { ...authentication.caller, role, accessKeyId } },
    }
  }
  const role = { arn: 'arn:aws:iam::000000000000:role/r', principalId: 'AROA', name: 'r', issuedAt: 0 }
  await write(request, target, as('A'))
  await write(request, target, as('B'))
  expect(await fixture.namesOfEvents()).toHaveLength(1)
  await write(request, target, as('A', role))
  await write(request, target, as('A', role))
  expect(await fixture.namesOfEvents()).toHaveLength(2)
  await write(request, target, as('B', role))
  expect(await fixture.namesOfEvents()).toHaveLength(3)
})

test('a missing permission is AccessDenied in KMS’s words', async () => {
  const stranger = sessionOf()
  const caller = userCaller('111122223333', 'stranger', 'stranger')
  const session = { ...stranger, authentication: { ...stranger.authentication, caller } }
  await expect(write({ scheme: 'SSE-KMS', keyId }, target, session)).rejects.toMatchObject({
    code: 'AccessDenied',
    status: 403,
    message: expect.stringContaining('is not authorized to perform: kms:GenerateDataKey'),
  })
})
