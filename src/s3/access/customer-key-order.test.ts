import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { accountId, type CallOptions, openS3, type S3Fixture } from '../s3.fixture.ts'
import { DeclaredIdentities } from './identities.fixture.ts'

/* Where among the refusals those of a customer's key stand (evidence: sse-c-write-order). */

const app = userCaller(accountId, 'app')
const algorithm = { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }

let s3: S3Fixture

beforeEach(async () => {
  const identities = new DeclaredIdentities()
  identities.policies.set(app.arn, [])
  s3 = await openS3('classic', identities)
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/key', { body: 'x' })
})
afterEach(() => s3.close())

type Sent = readonly [method: string, target: string, headers?: Record<string, string>]

async function answer(caller: CallOptions['caller'], [method, target, more]: Sent) {
  const { status, code, text } = await s3.call(method, target, { caller, headers: { ...algorithm, ...more } })
  return [status, code, /<Message>(.*?)<\/Message>/.exec(text)?.[1]]
}

test.each<[string, Sent]>([
  ['PutObject', ['PUT', '/bucket/b']],
  ['CopyObject', ['PUT', '/bucket/b', { 'x-amz-copy-source': 'bucket/key' }]],
  ['CreateMultipartUpload', ['POST', '/bucket/b?uploads']],
])('%s tells who may not write that the key is missing', async (_, sent) => {
  const needsKey =
    'Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.'
  for (const caller of [app, 'anonymous'] as const) {
    expect(await answer(caller, sent)).toEqual([400, 'InvalidArgument', needsKey])
  }
})

test('Who may not read hears that, and a wrong owner comes before the key', async () => {
  const [status, code, message] = await answer(app, ['GET', '/bucket/key'])
  expect([status, code]).toEqual([403, 'AccessDenied'])
  expect(message).toContain('because no identity-based policy allows the s3:GetObject action')
  const wrongOwner = { 'x-amz-expected-bucket-owner': '123456789012' }
  expect(await answer(app, ['PUT', '/bucket/b', wrongOwner])).toEqual([403, 'AccessDenied', 'Access Denied'])
})
