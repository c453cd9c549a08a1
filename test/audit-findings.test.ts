import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  EncryptCommand,
  KMSClient,
  ReEncryptCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  type ObjectOwnership,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'

/* Which keys, grants, buckets, objects and contexts an audit finds fault with, and which it does not. */

const account = '000000000000'
const other = '111122223333'
const root = `arn:aws:iam::${account}:root`
let journey: Journey

beforeAll(async () => {
  journey = await startJourney({ bucketDefaults: 'classic', asymmetricKeys: true })
})

afterAll(() => journey.stop())

/** What is found at a place, or below it. */
async function foundAt(where: string): Promise<string[]> {
  const { findings } = await journey.emulator.audit()
  const own = findings.filter((finding) => finding.where === where || finding.where.startsWith(`${where}/`))
  return own.map(({ kind, message }) => `${kind}: ${message.slice(message.indexOf(' ') + 1)}`)
}

async function makeKey(input: CreateKeyCommandInput = {}): Promise<string> {
  const { KeyMetadata } = await journey.kms.send(new CreateKeyCommand(input))
  return KeyMetadata?.Arn ?? ''
}

const encrypt = (KeyId: string, EncryptionContext?: Record<string, string>) =>
  journey.kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x'), EncryptionContext }))

const administrators = { Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*' }

async function usedKeyUnder(...Statement: object[]): Promise<string> {
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [administrators, ...Statement] })
  const keyArn = await makeKey({ Policy, BypassPolicyLockoutSafetyCheck: true })
  await encrypt(keyArn)
  return keyArn
}

const everybody = 'broad-policy: has a policy that allows too much: everybody, of any account, is let in by a statement'
const administration = `broad-policy: has a policy that allows too much: account ${other} may change its policy`
const anybody = { Effect: 'Allow', Principal: '*', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: '*' }

test.each([
  ['lets everybody in', anybody, everybody],
  ['lets everybody in by a list', { ...anybody, Principal: { AWS: ['*', root] } }, everybody],
  [
    'lets everybody in through S3',
    { ...anybody, Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } } },
    everybody,
  ],
  ['names any account', { ...anybody, Condition: { StringLike: { 'kms:CallerAccount': '*' } } }, everybody],
  ['is not for one account', { ...anybody, Condition: { StringNotEquals: { 'kms:CallerAccount': other } } }, everybody],
  [
    'gives another account everything',
    { ...administrators, Principal: { AWS: `arn:aws:iam::${other}:root` } },
    administration,
  ],
  [
    'gives another account all Put actions',
    { ...administrators, Principal: { AWS: other }, Action: 'kms:Put*' },
    administration,
  ],
  [
    'gives another account all but some',
    { Effect: 'Allow', Principal: { AWS: other }, NotAction: 'kms:Decrypt', Resource: '*' },
    administration,
  ],
])('A key policy that %s allows too much', async (_, statement, finding) => {
  const keyArn = await usedKeyUnder(statement)
  expect(await foundAt(keyArn)).toEqual([finding])
})

test.each([
  ['is the default one', []],
  [
    'lets in the callers of an account through S3, as that of aws/s3',
    [
      {
        ...anybody,
        Condition: { StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
      },
    ],
  ],
  ['is for an organization', [{ ...anybody, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } } }]],
  ['lets another account encrypt and decrypt', [{ ...anybody, Principal: { AWS: `arn:aws:iam::${other}:root` } }]],
  ['gives a service its part', [{ ...anybody, Principal: { Service: 'logs.us-east-1.amazonaws.com' } }]],
  ['denies everybody', [{ ...anybody, Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }]],
  [
    'gives a user of its account everything',
    [{ ...administrators, Principal: { AWS: `arn:aws:iam::${account}:user/test` } }],
  ],
])('A key policy that %s is as it should be', async (_, statements) => {
  const keyArn = await usedKeyUnder(...statements)
  expect(await foundAt(keyArn)).toEqual([])
})

const user = `arn:aws:iam::${account}:user/test`
const EncryptionContextSubset = { tenant: 'a' }

test.each<[string, Omit<CreateGrantCommandInput, 'KeyId'>]>([
  ['is for a whole account', { GranteePrincipal: root, Operations: ['Encrypt'] }],
  ['may be handed on, with Decrypt', { GranteePrincipal: user, Operations: ['CreateGrant', 'Decrypt'] }],
  ['allows Decrypt under any encryption context', { GranteePrincipal: user, Operations: ['Encrypt', 'Decrypt'] }],
  ['allows ReEncryptFrom under any encryption context', { GranteePrincipal: user, Operations: ['ReEncryptFrom'] }],
])('A grant that %s allows too much', async (why, grant) => {
  const keyArn = await usedKeyUnder()
  await journey.kms.send(new CreateGrantCommand({ KeyId: keyArn, Name: 'wide', ...grant }))
  expect(await foundAt(keyArn)).toEqual([
    `broad-grant: has a grant that allows too much: wide to ${grant.GranteePrincipal} ${why}`,
  ])
})

test.each<[string, Omit<CreateGrantCommandInput, 'KeyId'>, CreateKeyCommandInput]>([
  ['only seals', { GranteePrincipal: user, Operations: ['Encrypt', 'GenerateDataKey', 'CreateGrant'] }, {}],
  [
    'opens one context',
    { GranteePrincipal: user, Operations: ['Decrypt'], Constraints: { EncryptionContextSubset } },
    {},
  ],
  [
    'opens with a key that knows no context',
    { GranteePrincipal: user, Operations: ['Decrypt'] },
    { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' },
  ],
])('A grant that %s is as it should be', async (_, grant, input) => {
  const keyArn = await makeKey(input)
  await journey.kms.send(new CreateGrantCommand({ KeyId: keyArn, ...grant }))
  expect((await foundAt(keyArn)).filter((found) => found.startsWith('broad'))).toEqual([])
})

test('A key is unused where no call with it succeeded, whatever else was done with it', async () => {
  const failed = await makeKey()
  await encrypt(failed, { tenant: 'a' }).catch(() => undefined)
  const unused = await makeKey()
  await journey.kms.send(new DisableKeyCommand({ KeyId: unused }))
  await encrypt(unused).catch(() => undefined)
  const going = await makeKey()
  await journey.kms.send(new ScheduleKeyDeletionCommand({ KeyId: going }))
  expect(await foundAt(failed)).toEqual([])
  expect(await foundAt(unused)).toEqual(['unused-key: was never used: it is Disabled'])
  expect(await foundAt(going)).toEqual([])
})

test('ReEncrypt uses both of its keys', async () => {
  const [from, to] = [await makeKey(), await makeKey()]
  const { CiphertextBlob } = await encrypt(from)
  await journey.kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to }))
  expect(await foundAt(to)).toEqual([])
  const { calls } = await journey.emulator.audit()
  expect(calls).toContainEqual(expect.objectContaining({ keyArn: to, event: 'ReEncrypt', calls: 1 }))
})

test('Each of multi-Region keys is used by itself, and a replica is named one', async () => {
  const primary = await makeKey({ MultiRegion: true })
  await encrypt(primary)
  await journey.kms.send(new ReplicateKeyCommand({ KeyId: primary, ReplicaRegion: 'eu-west-1' }))
  const replica = primary.replace('us-east-1', 'eu-west-1')
  expect(await foundAt(primary)).toEqual([])
  expect(await foundAt(replica)).toEqual(['unused-key: was never used: it is a replica of the key in us-east-1'])
  const abroad = new KMSClient({ ...journey.configuration, region: 'eu-west-1' })
  await abroad.send(new EncryptCommand({ KeyId: replica, Plaintext: Buffer.from('x') }))
  abroad.destroy()
  expect(await foundAt(replica)).toEqual([])
})

async function makeBucket(name: string, ownership: ObjectOwnership = 'ObjectWriter'): Promise<string> {
  await journey.s3.send(new CreateBucketCommand({ Bucket: name, ObjectOwnership: ownership }))
  await journey.s3.send(new DeletePublicAccessBlockCommand({ Bucket: name }))
  return name
}

const sealed = { Body: 'body', ServerSideEncryption: 'AES256' } as const
const block = (Bucket: string, PublicAccessBlockConfiguration: object) =>
  journey.s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))

test('A bucket is public by its policy, until it is gone or restricted', async () => {
  const Bucket = await makeBucket('open-policy')
  const statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` }
  const put = (Condition?: object) =>
    journey.s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ ...statement, Condition }] }),
      }),
    )
  await put()
  const isPublic = ['public: is open to everybody']
  expect(await foundAt(`s3://${Bucket}`)).toEqual(isPublic)
  await put({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })
  expect(await foundAt(`s3://${Bucket}`)).toEqual([])
  await put()
  await block(Bucket, { RestrictPublicBuckets: true })
  expect(await foundAt(`s3://${Bucket}`)).toEqual([])
  await block(Bucket, { BlockPublicPolicy: true })
  expect(await foundAt(`s3://${Bucket}`)).toEqual(isPublic)
  await journey.s3.send(new DeleteBucketPolicyCommand({ Bucket }))
  expect(await foundAt(`s3://${Bucket}`)).toEqual([])
})

test('A bucket is public by its ACL, until that is ignored or has no effect', async () => {
  const Bucket = await makeBucket('open-acl')
  await journey.s3.send(new PutBucketAclCommand({ Bucket, ACL: 'authenticated-read' }))
  const isPublic = ['public: is open to everybody']
  expect(await foundAt(`s3://${Bucket}`)).toEqual(isPublic)
  await block(Bucket, { IgnorePublicAcls: true })
  expect(await foundAt(`s3://${Bucket}`)).toEqual([])
  await block(Bucket, { BlockPublicAcls: true })
  expect(await foundAt(`s3://${Bucket}`)).toEqual(isPublic)
})

test('An object is public by its ACL, until that is ignored or has no effect', async () => {
  const Bucket = await makeBucket('open-object')
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'own', ...sealed }))
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'open', ...sealed }))
  await journey.s3.send(new PutObjectAclCommand({ Bucket, Key: 'open', ACL: 'public-read' }))
  const at = `s3://${Bucket}`
  expect(await foundAt(at)).toEqual(['public: is open to everybody: by its ACL'])
  await block(Bucket, { IgnorePublicAcls: true })
  expect(await foundAt(at)).toEqual([])
  await journey.s3.send(new DeletePublicAccessBlockCommand({ Bucket }))
  const Rules = [{ ObjectOwnership: 'BucketOwnerEnforced' as const }]
  await journey.s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules } }))
  expect(await foundAt(at)).toEqual([])
})

/** What all tests together have of a scheme under a key. */
async function heapOf(scheme: string, keyArn?: string) {
  const { objects } = await journey.emulator.audit()
  const heap = objects.find((each) => each.scheme === scheme && (keyArn === undefined || each.keyArn === keyArn))
  return { versions: heap?.versions ?? 0, uploads: heap?.uploads ?? 0, bytes: heap?.bytes ?? 0 }
}

test('Every version counts, and so do uploads in progress; delete markers have nothing to seal', async () => {
  const Bucket = await makeBucket('counted')
  const keyArn = await makeKey()
  const underKey = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn } as const
  await journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  for (const Body of ['one', 'three'])
    await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body, ...underKey }))
  await journey.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }))
  expect(await heapOf('SSE-KMS', keyArn)).toEqual({ versions: 2, uploads: 0, bytes: 8 })
  const upload = { Bucket, Key: 'parts' }
  const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand({ ...upload, ...underKey }))
  await journey.s3.send(new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: 'part' }))
  expect(await heapOf('SSE-KMS', keyArn)).toEqual({ versions: 2, uploads: 1, bytes: 12 })
  await journey.s3.send(new AbortMultipartUploadCommand({ ...upload, UploadId }))
  expect(await heapOf('SSE-KMS', keyArn)).toEqual({ versions: 2, uploads: 0, bytes: 8 })
})

test('What lies in clear is found, noncurrent versions and uploads too', async () => {
  const Bucket = await makeBucket('clear')
  await journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  const { VersionId } = await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }))
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'a', ...sealed }))
  const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'b' }))
  const { findings } = await journey.emulator.audit()
  const places = findings.filter(({ where }) => where.startsWith(`s3://${Bucket}/`)).map(({ where }) => where)
  expect(places).toEqual([`s3://${Bucket}/a?versionId=${VersionId}`, `s3://${Bucket}/b?uploadId=${UploadId}`])
})

test('Each scheme is counted by itself; the key of aws/s3 is found, a customer managed one is not', async () => {
  const Bucket = await makeBucket('schemes')
  const keyArn = await makeKey()
  const before = await Promise.all(['SSE-C', 'SSE-S3'].map((scheme) => heapOf(scheme)))
  const customerKey = Buffer.alloc(32, 7).toString('base64')
  const put = (Key: string, more: object) =>
    journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'body', ...more }))
  await put('c', { SSECustomerAlgorithm: 'AES256', SSECustomerKey: customerKey })
  await put('s3', { ServerSideEncryption: 'AES256' })
  await put('dsse', { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: keyArn })
  await put('managed', { ServerSideEncryption: 'aws:kms' })
  const after = await Promise.all(['SSE-C', 'SSE-S3'].map((scheme) => heapOf(scheme)))
  expect(after.map(({ versions }, index) => versions - (before[index]?.versions ?? 0))).toEqual([1, 1])
  expect(await heapOf('DSSE-KMS', keyArn)).toEqual({ versions: 1, uploads: 0, bytes: 4 })
  expect(await foundAt(`s3://${Bucket}`)).toEqual([
    'managed-key: is sealed under the AWS managed key, whose policy nobody can change',
  ])
})

test('What looks like personal data in a context is found once for each key and name, by its value, its name and as a name', async () => {
  const keyArn = await makeKey()
  const contexts: Record<string, string>[] = [
    { customer: 'anna@example.com', tenant: 'a' },
    { customer: 'bert@example.com' },
    { patientName: 'x' },
    { 'anna@example.com': 'x' },
    { account: '111122223333', id: '8f0c8a3e-2c0e-4a56-9d3f-0c8d1f6f2b11', arn: root },
  ]
  for (const context of contexts) await encrypt(keyArn, context)
  const found = (await foundAt(keyArn)).map((line) => line.replace(/, in Encrypt [\w-]+$/, ''))
  const title = 'sensitive-context: has personal data in its encryption context, which is logged in clear'
  expect(found.sort()).toEqual([
    `${title}: customer looks like an e-mail address`,
    `${title}: patientName looks like data about a person`,
    `${title}: the name of a pair looks like an e-mail address`,
  ])
})

test('A key that seals an object is used, even where the trail no longer has the call', async () => {
  const Bucket = await makeBucket('old')
  const [sealing, idle] = [await makeKey(), await makeKey()]
  await journey.s3.send(
    new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: sealing }),
  )
  await encrypt(idle)
  journey.turn(100 * 86_400_000)
  await journey.settle()
  expect(await foundAt(sealing)).toEqual([])
  expect(await foundAt(idle)).toEqual(['unused-key: was never used: as far as the trail goes back'])
  const since = journey.ambient.now() - 1000
  const { findings } = await journey.emulator.audit({ since })
  expect(findings).toContainEqual(
    expect.objectContaining({
      kind: 'unused-key',
      where: sealing,
      message: expect.stringContaining('in the time that was looked at'),
    }),
  )
})
