import { createHmac } from 'node:crypto'
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '../../src/s3/operations/index.ts'
import { notImplemented } from '../../src/s3/operations/not-implemented.ts'
import { accountId, type Journey, startJourney } from '../emulator.ts'
import { type Answer, administrator, type Keys, makeUser, nobody, send, stranger, type User } from './callers.ts'
import { decidedBy, needsOf, requestFor, requestsFor, type Target, type Tried } from './s3-requests.ts'

/*
 * No door of S3 is open: every operation of the table, called by whom nothing was granted, answers 403 and changes nothing; and of what
 * an operation declares to need nothing may be missing.
 */

const secret = 'the secret of the bucket'
const customer = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'k'.repeat(32) }
const kinds = { plain: {}, sealed: { ServerSideEncryption: 'aws:kms' }, customer } satisfies Record<
  string,
  Partial<PutObjectCommandInput>
>
/** What is not here is tried too, by its route. */
const absent = notImplemented.map((routed) => ({ ...routed, level: 'object' as const, needs: () => [] }))
const all: Tried[] = [...operations, ...absent]

let journey: Journey
let user: User

/** A bucket with an object, and an upload in progress to it. */
async function fill(bucket: string, key: keyof typeof kinds): Promise<Target> {
  const object = { Bucket: bucket, Key: key, ...kinds[key] }
  await journey.s3.send(new PutObjectCommand({ ...object, Body: secret }))
  // Of the administrator's own: who began an upload may look at it and end it.
  const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand(object))
  return { bucket, key, uploadId: UploadId ?? '' }
}

const call = (operation: Tried, target: Target, keys: Keys, request = requestFor(operation, target)) =>
  send(journey, 's3', keys, request)
const reads = (operation: Tried, target: Target) =>
  needsOf(operation, requestFor(operation, target), target).some(({ action }) => action === 's3:GetObject')
const isRefused = ({ status, text }: Answer) => status === 403 || text.includes('<Code>AccessDenied</Code>')

function named(name: string): Tried {
  const found = operations.find((operation) => operation.name === name)
  if (!found) throw new Error(`${name} is not in the table`)
  return found
}

/** What the administrator reads of the bucket, by every operation that reads. */
async function readingsOf(target: Target): Promise<string[]> {
  const reading = operations.filter(({ route, level }) => /^(GET|HEAD)/.test(route) && level !== 'service')
  const answers = await Promise.all(reading.map((operation) => call(operation, target, administrator)))
  return answers.map(({ status, text }, index) => {
    const shown = text.replace(/<(RequestId|HostId)>.*?<\/\1>/g, '')
    return `${reading[index]?.name} ${status} ${shown}`
  })
}

describe.each(['classic', 'current'] as const)('in a bucket of %s defaults', (bucketDefaults) => {
  beforeAll(async () => {
    journey = await startJourney({ bucketDefaults })
    user = await makeUser(journey, 'nothing')
    await journey.createBucket('closed')
  })
  afterAll(() => journey.stop())

  const callers: [string, () => Keys][] = [
    ['nobody', () => nobody],
    ['another account', () => stranger],
    ['a user without rights', () => user.keys],
  ]
  // A bucket of today takes no object under a customer's key.
  const stored =
    bucketDefaults === 'classic' ? (['plain', 'sealed', 'customer'] as const) : (['plain', 'sealed'] as const)
  const tried = callers.flatMap(([who, keysOf]) => stored.map((kind) => [who, kind, keysOf] as const))

  test.each(tried)('%s is refused every operation on an object that is %s', async (who, kind, keysOf) => {
    const target = await fill('closed', kind)
    const before = await readingsOf(target)
    const open: string[] = []
    const others = all.filter(({ name }) => !['ListBuckets', 'CreateBucket'].includes(name))
    const requests = others.flatMap((operation) =>
      requestsFor(operation, target).map((sent) => [operation, sent] as const),
    )
    for (const [operation, request] of requests) {
      const answer = await call(operation, target, keysOf(), request)
      const isAbsent = notImplemented.some(({ name }) => name === operation.name) && answer.status >= 400
      // Who reads an object under a KMS key without a signature hears that it needs one, before what it may is weighed.
      const wantsSignature = who === 'nobody' && kind === 'sealed' && reads(operation, target) && answer.status === 400
      if (!isRefused(answer) && !isAbsent && !wantsSignature) open.push(`${operation.name}: ${answer.status}`)
      if (answer.text.includes(secret) || answer.text.includes('<Deleted>')) open.push(`${operation.name} tells`)
    }
    expect(open).toEqual([])
    expect(await readingsOf(target)).toEqual(before)
  })

  test('a name that is taken, and what an account has, is each account’s own affair', async () => {
    const target = await fill('closed', 'plain')
    for (const keys of [nobody, user.keys]) {
      for (const name of ['ListBuckets', 'CreateBucket'])
        expect((await call(named(name), target, keys)).status).toBe(403)
    }
    const taken = await call(named('CreateBucket'), target, stranger)
    expect(taken).toMatchObject({ status: 409, text: expect.stringContaining('<Code>BucketAlreadyExists</Code>') })
    const listed = await call(named('ListBuckets'), target, stranger)
    expect(listed).toMatchObject({ status: 200, text: expect.not.stringContaining('closed') })
  })
})

describe('a user with some rights', () => {
  beforeAll(async () => {
    journey = await startJourney()
    user = await makeUser(journey, 'something')
    await journey.createBucket('partly')
  })
  afterAll(() => journey.stop())

  // A form carries its signature in its fields: below.
  const signedByHeader = operations.filter(({ name }) => name !== 'PostObject')
  test.each(signedByHeader.map((operation) => [operation.name, operation] as const))(
    '%s is let in with all that it needs, and refused without any one of it',
    async (_name, operation) => {
      for (const [index] of requestsFor(operation, await fill('partly', 'plain')).entries()) {
        const target = await fill('partly', 'plain')
        const request = requestsFor(operation, target)[index]
        if (!request) throw new Error('a request is of the same kinds as before')
        const action = decidedBy[operation.name]?.action
        const needs = needsOf(operation, request, target).filter(({ askedOf }) => askedOf !== 'other accounts')
        await expectEach(action ? [{ action, resource: `arn:aws:s3:::partly/${target.key}` }] : needs, () =>
          call(operation, target, user.keys, request),
        )
      }
    },
  )

  test('a form is let in where its signer may put the object, and nowhere else', async () => {
    const post = async (Key: string) => {
      const { s3 } = journey.as(user.keys.accessKeyId, user.keys.secretAccessKey)
      const { url, fields } = await createPresignedPost(s3, { Bucket: 'partly', Key })
      const form = new FormData()
      for (const [name, value] of Object.entries({ ...fields, file: 'x' })) form.set(name, value)
      return (await fetch(url, { method: 'POST', body: form })).status
    }
    await user.grant(allow({ action: 's3:PutObject', resource: 'arn:aws:s3:::partly/own' }))
    expect([await post('own'), await post('others')]).toEqual([204, 403])
  })

  test('a URL that was signed has the rights of its signer when it is used', async () => {
    await fill('partly', 'plain')
    const { accessKeyId, secretAccessKey } = user.keys
    const { s3 } = journey.as(accessKeyId, secretAccessKey)
    const version4 = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'partly', Key: 'plain' }))
    const Expires = String(Math.floor(journey.ambient.now() / 1000) + 900)
    const Signature = createHmac('sha1', secretAccessKey).update(`GET\n\n\n${Expires}\n/partly/plain`).digest('base64')
    const query = new URLSearchParams({ AWSAccessKeyId: accessKeyId, Expires, Signature })
    const version2 = `${journey.endpoint}/partly/plain?${query}`
    const used = () => Promise.all([version4, version2].map(async (url) => (await fetch(url)).status))
    await user.grant()
    expect(await used()).toEqual([403, 403])
    await user.grant(allow({ action: 's3:GetObject', resource: 'arn:aws:s3:::partly/plain' }))
    expect(await used()).toEqual([200, 200])
    await user.grant()
    expect(await used()).toEqual([403, 403])
  })

  test('all of S3 opens nothing that a KMS key seals', async () => {
    const key = await journey.createKey()
    const object = { Bucket: 'partly', Key: 'sealed', ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: key }
    await journey.s3.send(new PutObjectCommand({ ...object, Body: secret }))
    const { UploadId = '' } = await journey.s3.send(new CreateMultipartUploadCommand(object))
    const target = { bucket: 'partly', key: 'sealed', uploadId: UploadId }
    await user.grant({ Effect: 'Allow', Action: 's3:*', Resource: '*' })
    const reading = operations.filter((operation) => reads(operation, target))
    const told: Record<string, unknown> = {}
    for (const operation of reading) {
      const { status, text } = await call(operation, target, user.keys)
      told[operation.name] = { status, isTold: text.includes(secret), isOfKms: text.includes('kms:') }
    }
    const refused = { status: 403, isTold: false, isOfKms: true }
    expect(told).toMatchObject({ GetObject: refused, CopyObject: refused, UploadPartCopy: refused })
    expect(Object.values(told)).not.toContainEqual(expect.objectContaining({ isTold: true }))
    const used = (await journey.records()).filter(
      ({ eventName, userIdentity, errorCode }) =>
        eventName === 'Decrypt' && userIdentity.arn === user.arn && errorCode === undefined,
    )
    expect(used).toEqual([])
  })

  test('what everybody may read is not opened by it where a KMS key seals it', async () => {
    const statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::partly/*' }
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statement })
    await journey.as(accountId).s3.send(new PutBucketPolicyCommand({ Bucket: 'partly', Policy }))
    await fill('partly', 'sealed')
    await fill('partly', 'plain')
    const read = (key: string, keys: Keys) => send(journey, 's3', keys, { method: 'GET', path: `/partly/${key}` })
    expect(await read('plain', nobody)).toEqual({ status: 200, text: secret })
    expect(await read('sealed', nobody)).toMatchObject({
      status: 400,
      text: expect.stringContaining('InvalidArgument'),
    })
    expect(await read('sealed', stranger)).toMatchObject({ status: 403, text: expect.not.stringContaining(secret) })
  })
})

/** With all that is needed the call is let in; without any one of it, it is refused: denied, or merely not allowed. */
async function expectEach(needs: readonly { action: string; resource: string }[], send: () => Promise<Answer>) {
  for (const { action, resource } of needs) {
    const everything = { Effect: 'Allow', Action: 's3:*', Resource: '*' }
    await user.grant(everything, { Effect: 'Deny', Action: action, Resource: resource })
    expect([action, isRefused(await send())]).toEqual([action, true])
    await user.grant(...needs.filter((need) => need.action !== action || need.resource !== resource).map(allow))
    expect([action, isRefused(await send())]).toEqual([action, true])
  }
  await user.grant(...needs.map(allow))
  const { status, text } = await send()
  expect(isRefused({ status, text }) ? text : 'let in').toBe('let in')
}

function allow({ action, resource }: { action: string; resource: string }): object {
  return { Effect: 'Allow', Action: action, Resource: resource }
}
