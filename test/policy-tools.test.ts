import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { CreateAliasCommand, DecryptCommand, EncryptCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Question } from '../src/lab/policy/question.ts'
import { failureOf, type Journey, region, startJourney } from './emulator.ts'
import { commandLine } from './process.ts'

/* A policy that is made of recorded calls: fed back, the same calls pass, and others are refused. */

const Bucket = 'suggested'
const user = 'arn:aws:iam::000000000000:user/app'
let journey: Journey
let app: ReturnType<Journey['as']>
let KeyId: string
let iam: IAMClient

beforeAll(async () => {
  journey = await startJourney({ trailDataEvents: true })
  await journey.createBucket(Bucket)
  KeyId = await journey.createKey()
  await journey.kms.send(new CreateAliasCommand({ AliasName: 'alias/app', TargetKeyId: KeyId }))
  iam = new IAMClient(journey.configuration)
  await iam.send(new CreateUserCommand({ UserName: 'app' }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'app' }))
  app = journey.as(AccessKey?.AccessKeyId ?? '', AccessKey?.SecretAccessKey)
  await allow({ Effect: 'Allow', Action: '*', Resource: '*' })
})

afterAll(async () => {
  iam.destroy()
  await journey.stop()
})

async function allow(...Statement: object[]): Promise<void> {
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  await iam.send(new PutUserPolicyCommand({ UserName: 'app', PolicyName: 'own', PolicyDocument }))
}

const put = (Key: string, sealed = {}) => app.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'body', ...sealed }))
const get = (Key: string) => app.s3.send(new GetObjectCommand({ Bucket, Key }))
const encrypt = (EncryptionContext: Record<string, string>) =>
  app.kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x'), EncryptionContext }))
const underKms = () => ({ ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: KeyId })

/** What the application does. */
async function work(): Promise<void> {
  await put('reports/one', underKms())
  await get('reports/one')
  await put('plain/one')
  const { CiphertextBlob } = await encrypt({ tenant: 'a' })
  await app.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { tenant: 'a' } }))
}

test('Fed back, the same calls pass and others are refused', async () => {
  await work()
  const { principal, identityPolicy, notes } = await journey.emulator.policy.suggest('app')
  expect([principal, notes]).toEqual([user, []])
  expect(identityPolicy.Statement.map(({ Action }) => Action.join()).sort()).toEqual([
    'kms:Decrypt,kms:Encrypt',
    'kms:Decrypt,kms:GenerateDataKey',
    's3:GetObject',
    's3:PutObject',
  ])
  await allow(...identityPolicy.Statement)
  await work()
  const refused = [
    () => put('reports/two', underKms()),
    () => get('plain/one'),
    () => encrypt({ tenant: 'b' }),
    () => encrypt({ tenant: 'a', user: 'b' }),
    () => encrypt({}),
    () => app.kms.send(new ListKeysCommand({})),
  ]
  const codes = await Promise.all(refused.map(async (call) => (await failureOf(call())).code))
  expect(codes).toEqual(['AccessDenied', 'AccessDenied', ...Array(4).fill('AccessDeniedException')])
})

test('A call that nobody made is weighed like any other, and leaves no event', async () => {
  const { policy } = journey.emulator
  const before = await journey.records()
  const question = { principal: 'app', action: 'kms:Encrypt', resource: 'alias/app' }
  expect(await policy.whyNot({ ...question, encryptionContext: { tenant: 'a' } })).toMatchObject({
    caller: user,
    allowed: true,
  })
  const refused = await policy.whyNot({ ...question, encryptionContext: { tenant: 'b' } })
  expect(refused).toMatchObject({ allowed: false, because: expect.stringContaining('no identity-based policy') })
  expect(refused.statements.find(({ condition }) => condition)).toMatchObject({
    condition: { key: 'kms:EncryptionContext:tenant', values: ['a'], actual: ['b'] },
  })
  const resource = `arn:aws:s3:::${Bucket}/reports/one`
  expect(await policy.whyNot({ principal: user, action: 's3:GetObject', resource })).toMatchObject({ allowed: true })
  expect(await policy.whyNot({ principal: user, action: 's3:DeleteObject', resource })).toMatchObject({
    allowed: false,
  })
  expect(await policy.whyNot({ principal: '*', action: 's3:GetObject', resource })).toMatchObject({ allowed: false })
  expect(await journey.records()).toEqual(before)
})

test('A call that nobody made goes to the Region of its bucket', async () => {
  const UserName = 'regional'
  const Condition = { StringEquals: { 'aws:RequestedRegion': region } }
  const Statement = [{ Effect: 'Allow', Action: 's3:ListBucket', Resource: '*', Condition }]
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  await iam.send(new CreateUserCommand({ UserName }))
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }))
  const question = { principal: UserName, action: 's3:ListBucket', resource: `arn:aws:s3:::${Bucket}` }
  expect(await journey.emulator.policy.whyNot(question)).toMatchObject({ allowed: true })
})

test.each([
  ['s3:ListAllMyBuckets', '*'],
  ['s3:CreateBucket', 'arn:aws:s3:::to-come'],
  ['kms:ListKeys', '*'],
])('Nobody is allowed %s, as about no bucket and no key nobody is', async (action, resource) => {
  const { policy } = journey.emulator
  expect(await policy.whyNot({ principal: '*', action, resource })).toMatchObject({
    allowed: false,
    because: expect.stringContaining('no resource-based policy'),
  })
  expect(await policy.whyNot({ principal: 'somebody', action, resource })).toMatchObject({ allowed: true })
})

test.each([
  [{ principal: 'app', action: 'kms:Decrypt', resource: 'alias/none' }, 'There is no KMS key alias/none'],
  [{ principal: '*', action: 's3:GetObject', resource: 'arn:aws:s3:::none/key' }, 'There is no bucket none'],
  [{ principal: 'app', action: 'sqs:SendMessage', resource: '*' }, 'is no action of KMS or S3'],
  [{ principal: 'app', action: 's3:GetObject', resource: 'bucket/key' }, 'is no ARN of a bucket or an object'],
  [
    { principal: 'arn:aws:iam::000000000000:group/app', action: 's3:GetObject', resource: '*' },
    'is no user, role or root',
  ],
  [{ principal: 'somebody', action: 'kms:Decrpt', resource: 'alias/app' }, 'KMS has no action kms:Decrpt: '],
  [{ principal: 'somebody', action: 'kms:ReEncrypt', resource: 'alias/app' }, 'KMS has no action kms:ReEncrypt: '],
  [
    { principal: 'somebody', action: 's3:ListObjectsV2', resource: `arn:aws:s3:::${Bucket}` },
    'S3 has no action s3:ListObjectsV2: IAM’s names are not always those of operations, as s3:ListBucket for ListObjectsV2',
  ],
  [
    { principal: 'somebody', action: 's3:GetObject', resource: `arn:aws:s3:::${Bucket}` },
    `s3:GetObject is about an object: arn:aws:s3:::${Bucket}/KEY`,
  ],
  [
    { principal: 'somebody', action: 's3:ListBucket', resource: `arn:aws:s3:::${Bucket}/key` },
    `s3:ListBucket is about a bucket: arn:aws:s3:::${Bucket}`,
  ],
  [{ principal: 'app', action: 'kms:Decrypt' } as Question, 'resource: Member must not be null'],
  [
    { principal: 'app', action: 'kms:Decrypt', resource: 'alias/app', context: { tenant: 'a' } } as Question,
    'context: Member is not known',
  ],
])('%j is refused in words', async (question, words) => {
  await expect(journey.emulator.policy.whyNot(question)).rejects.toThrow(words)
})

test('Of a principal that called nothing there is nothing to suggest', async () => {
  await expect(journey.emulator.policy.suggest('nobody')).rejects.toThrow(
    'The trail has no call of nobody that succeeded',
  )
  await expect(journey.emulator.policy.suggest('')).rejects.toThrow('principal is missing')
})

test('The command line says the same, and by its exit code whether it would be allowed', async () => {
  const endpoint = ['--endpoint', journey.endpoint]
  const ask = [
    'policy',
    'why-not',
    ...endpoint,
    '--principal',
    'app',
    '--action',
    'kms:Encrypt',
    '--resource',
    'alias/app',
  ]
  const [allowed, refused] = [
    await commandLine([...ask, '--context', 'tenant=a']),
    await commandLine([...ask, '--context', 'tenant=b']),
  ]
  expect([allowed.code, refused.code]).toEqual([0, 1])
  expect(refused.stdout).toMatch(/^it would be refused\n/)
  expect(refused.stdout).toContain('kms:EncryptionContext:tenant wants a, and the request has b')
  const suggested = await commandLine(['policy', 'suggest', ...endpoint, '--principal', 'app', '--json'])
  expect(JSON.parse(suggested.stdout)).toEqual(await journey.emulator.policy.suggest('app'))
})
