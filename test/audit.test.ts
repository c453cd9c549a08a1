import { CreateGrantCommand, CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { PutBucketAclCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'

/* What a review of encryption asks of a store. */

const Bucket = 'audited'
let journey: Journey
let keyArn: string
let unusedArn: string

beforeAll(async () => {
  journey = await startJourney()
  await journey.createBucket(Bucket)
  await journey.createBucket('open')
  keyArn = await journey.createKey()
  unusedArn = (await journey.kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
  await put('clear', {})
  await put('own', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
  await put('managed', { ServerSideEncryption: 'aws:kms' })
  await put('s3', { ServerSideEncryption: 'AES256' })
  await journey.s3.send(new PutBucketAclCommand({ Bucket: 'open', ACL: 'public-read' }))
  const EncryptionContext = { customer: 'anna@example.com' }
  await journey.kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x'), EncryptionContext }))
  const GranteePrincipal = 'arn:aws:iam::000000000000:user/test'
  await journey.kms.send(
    new CreateGrantCommand({ KeyId: keyArn, GranteePrincipal, Operations: ['Decrypt'], Name: 'wide' }),
  )
})

afterAll(() => journey.stop())

function put(Key: string, sealed: object) {
  return journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'body', ...sealed }))
}

test('Objects are counted by scheme and key, calls by key and caller', async () => {
  const { objects, calls } = await journey.emulator.audit()
  expect(objects).toContainEqual({ scheme: 'none', versions: 1, bytes: 4 })
  expect(objects).toContainEqual({ scheme: 'SSE-KMS', keyArn, versions: 1, bytes: 4 })
  expect(objects.map(({ versions }) => versions)).toEqual([1, 1, 1, 1])
  const caller = 'arn:aws:iam::000000000000:user/test'
  expect(calls).toContainEqual(expect.objectContaining({ keyArn, caller, event: 'Encrypt', calls: 1, refused: 0 }))
})

test('It finds what is in clear, public, under the managed key, unused, too broad, and personal', async () => {
  const { findings, counts } = await journey.emulator.audit()
  expect(findings.map(({ kind, where }) => `${kind} ${where}`)).toEqual([
    `unencrypted s3://${Bucket}/clear`,
    `managed-key s3://${Bucket}/managed`,
    'public s3://open',
    `sensitive-context ${keyArn}`,
    `broad-grant ${keyArn}`,
    `unused-key ${unusedArn}`,
  ])
  expect(counts).toMatchObject({ unencrypted: 1, 'sensitive-context': 1 })
  // What was found is not repeated: the audit is read by more people than the trail.
  expect(JSON.stringify(findings)).not.toContain('anna@example.com')
})
