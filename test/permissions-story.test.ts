import { fileURLToPath } from 'node:url'
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms'
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { explain } from '../src/cli/explain.ts'
import type { KmsExplanation } from '../src/kms/calls/explanations.ts'
import { accountId, failureOf, type Journey, startJourney } from './emulator.ts'

/*
 * Who may use a key, told with the SDK: `app` may make and open data keys under the context tenant=a alone, through S3 as
 * well; a grant opens tenant=b to it, revoking the grant closes it, and `explain` tells why at every step.
 */

const Bucket = 'tenants'
const userArn = `arn:aws:iam::${accountId}:user/app`
let journey: Journey
let app: ReturnType<Journey['as']>
let keyArn: string

beforeAll(async () => {
  const file = fileURLToPath(new URL('../fixtures/permissions.yaml', import.meta.url))
  journey = await startJourney({ fixtures: [file] })
  app = journey.as('app', 'app-secret')
  const { KeyMetadata } = await journey.kms.send(new DescribeKeyCommand({ KeyId: 'alias/tenants' }))
  keyArn = KeyMetadata?.Arn ?? ''
})
afterAll(() => journey.stop())

function put(tenant: string, Key = `of-${tenant}`) {
  const SSEKMSEncryptionContext = Buffer.from(JSON.stringify({ tenant })).toString('base64')
  return app.s3.send(
    new PutObjectCommand({
      Bucket,
      Key,
      Body: `of ${tenant}`,
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: keyArn,
      SSEKMSEncryptionContext,
    }),
  )
}

async function get(tenant: string): Promise<string | undefined> {
  const { Body } = await app.s3.send(new GetObjectCommand({ Bucket, Key: `of-${tenant}` }))
  return Body?.transformToString()
}

function sentence(action: string): string {
  return `User: ${userArn} is not authorized to perform: ${action} on resource: ${keyArn} because no identity-based policy allows the ${action} action`
}

async function explained(request: string): Promise<{ text: string; explanations: KmsExplanation[] }> {
  const written: string[] = []
  const tell = (json: boolean) =>
    explain(
      request,
      { endpoint: journey.endpoint, json },
      {},
      () => journey.ambient.now(),
      (text) => written.push(text),
    )
  await tell(false)
  await tell(true)
  return { text: written[0] ?? '', explanations: JSON.parse(written[1] ?? '') }
}

test('app makes and opens data keys under tenant=a, and under nothing else', async () => {
  const generate = (EncryptionContext?: Record<string, string>) =>
    app.kms.send(new GenerateDataKeyCommand({ KeyId: 'alias/tenants', KeySpec: 'AES_256', EncryptionContext }))
  const { CiphertextBlob, Plaintext } = await generate({ tenant: 'a' })
  const opened = await app.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { tenant: 'a' } }))
  expect(opened.Plaintext).toEqual(Plaintext)
  for (const context of [{ tenant: 'b' }, { tenant: 'A' }, undefined]) {
    const refused = await failureOf(generate(context))
    expect(refused).toEqual({ code: 'AccessDeniedException', status: 400, message: sentence('kms:GenerateDataKey') })
  }
  const wrong = app.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { tenant: 'b' } }))
  expect(await failureOf(wrong)).toMatchObject({ message: sentence('kms:Decrypt') })
  const encrypt = app.kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x') }))
  expect(await failureOf(encrypt)).toMatchObject({ message: sentence('kms:Encrypt') })
})

test('through S3 tenant=a works and tenant=b is 403, a grant opens it, revoking closes it; trail and explain tell', async () => {
  const story = await journey.kmsCallsDuring(async () => {
    await put('a')
    expect(await get('a')).toBe('of a')

    const refused = await failureOf(put('b'))
    expect(refused).toEqual({ code: 'AccessDenied', status: 403, message: sentence('kms:GenerateDataKey') })

    const { GrantId } = await journey.kms.send(
      new CreateGrantCommand({
        KeyId: keyArn,
        GranteePrincipal: userArn,
        Operations: ['GenerateDataKey', 'Decrypt'],
        Constraints: { EncryptionContextSubset: { tenant: 'b' } },
      }),
    )
    await put('b')
    expect(await get('b')).toBe('of b')

    await journey.kms.send(new RevokeGrantCommand({ KeyId: keyArn, GrantId }))
    expect(await failureOf(get('b'))).toEqual({ code: 'AccessDenied', status: 403, message: sentence('kms:Decrypt') })
    expect(await get('a')).toBe('of a')
  })

  const told = story.map(({ eventName, userIdentity, errorCode, requestParameters }) => {
    const { tenant = '-' } = Object(requestParameters?.encryptionContext)
    return [eventName, userIdentity.userName, userIdentity.invokedBy, tenant, errorCode]
  })
  const s3 = 'fas.s3.amazonaws.com'
  expect(told).toEqual([
    ['GenerateDataKey', 'app', s3, 'a', undefined],
    ['Decrypt', 'app', s3, 'a', undefined],
    ['GenerateDataKey', 'app', s3, 'b', 'AccessDenied'],
    ['CreateGrant', 'test', undefined, '-', undefined],
    ['GenerateDataKey', 'app', s3, 'b', undefined],
    ['Decrypt', 'app', s3, 'b', undefined],
    ['RevokeGrant', 'test', undefined, '-', undefined],
    ['Decrypt', 'app', s3, 'b', 'AccessDenied'],
    ['Decrypt', 'app', s3, 'a', undefined],
  ])

  const outcomes: unknown[] = []
  for (const { requestID = '' } of story) {
    const [explanation] = (await explained(requestID)).explanations
    outcomes.push(explanation?.rulings[0]?.because)
  }
  const byIdentity = 'the key policy leaves it to the account, and the identity policies allow it'
  const byGrant = expect.stringMatching(/^grant [0-9a-f]{64} allows it$/)
  const refusedFor = (action: string) => `because no identity-based policy allows the ${action} action`
  expect(outcomes).toEqual([
    byIdentity,
    byIdentity,
    refusedFor('kms:GenerateDataKey'),
    byIdentity,
    byGrant,
    byGrant,
    byIdentity,
    refusedFor('kms:Decrypt'),
    byIdentity,
  ])
})

test("explain takes S3's request id, and says it for people", async () => {
  const response = await put('b', 'other').catch((error) => error)
  const requestId: string = response.$metadata.requestId
  const { text, explanations } = await explained(requestId)
  expect(explanations).toMatchObject([
    { service: 's3', requestId, operation: 'PutObject', error: { code: 'AccessDenied' } },
    { causeId: requestId, operation: 'GenerateDataKey', via: 's3' },
  ])
  expect(text).toContain('GenerateDataKey: refused, AccessDeniedException')
  expect(text).toContain(`for S3's request ${requestId}`)
  expect(text).toContain(`${userArn} through S3`)
  expect(text).toContain(`${keyArn}, Enabled`)
  expect(text).toContain(sentence('kms:GenerateDataKey'))
  expect(text).toContain('StringEquals kms:EncryptionContext:tenant wants a, and the request has b')
  expect(text).toContain('no grant of the key names the caller')
  expect((await explained('last')).explanations).toEqual(explanations)
  await expect(explained('no-such-request')).rejects.toThrow('Nothing is known of no-such-request')
})

test('explain tells of every call that one S3 request caused', async () => {
  const copied = await journey.s3.send(
    new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/of-a`, ServerSideEncryption: 'aws:kms' }),
  )
  const { explanations } = await explained(copied.$metadata.requestId ?? '')
  expect(explanations.map(({ operation }) => operation)).toEqual(['Decrypt', 'GenerateDataKey'])
})

test('explain says how a context differs from the one a ciphertext was sealed under', async () => {
  const { CiphertextBlob } = await journey.kms.send(
    new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x'), EncryptionContext: { tenant: 'a' } }),
  )
  const open = journey.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { tenant: 'A', more: 'x' } }))
  expect(await failureOf(open)).toMatchObject({ code: 'InvalidCiphertextException' })
  const { text } = await explained('last')
  expect(text).toContain('sealed under, and not sent: tenant=a')
  expect(text).toContain('sent, and not sealed under: tenant=A more=x')
})

test('explain is for this machine alone', async () => {
  const url = `${journey.endpoint}/_s3kms/explain/last`
  expect((await fetch(url)).status).toBe(200)
  expect((await fetch(url, { headers: { origin: 'https://example.com' } })).status).toBe(403)
  expect((await fetch(url, { method: 'POST' })).status).toBe(405)
})

test('an assumed role has its own permissions, and a session policy narrows them', async () => {
  const assume = async (Policy?: string) => {
    const input = { RoleArn: `arn:aws:iam::${accountId}:role/auditor`, RoleSessionName: 'audit', Policy }
    const { sts } = journey.as('app', 'app-secret')
    const { Credentials } = await sts.send(new AssumeRoleCommand({ ...input, DurationSeconds: 7200 }))
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {}
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
    return new KMSClient({ ...journey.configuration, credentials })
  }
  const describe = (kms: KMSClient) => kms.send(new DescribeKeyCommand({ KeyId: keyArn }))
  const auditor = await assume()
  expect((await describe(auditor)).KeyMetadata?.Arn).toBe(keyArn)
  const encrypt = auditor.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x') }))
  expect((await failureOf(encrypt)).message).toContain(
    `User: arn:aws:sts::${accountId}:assumed-role/auditor/audit is not authorized to perform: kms:Encrypt`,
  )
  const lists = JSON.stringify({ Statement: { Effect: 'Allow', Action: 'kms:List*', Resource: '*' } })
  const narrowed = await failureOf(describe(await assume(lists)))
  expect(narrowed.message).toContain('because no session policy allows the kms:DescribeKey action')
})

test("a bucket's objects under another account's key: that key's policy must name the account", async () => {
  const owner = journey.as('999999999999').kms
  const { KeyMetadata } = await owner.send(new CreateKeyCommand({}))
  const SSEKMSKeyId = KeyMetadata?.Arn
  const write = () =>
    journey.s3.send(
      new PutObjectCommand({ Bucket, Key: 'foreign', Body: 'x', ServerSideEncryption: 'aws:kms', SSEKMSKeyId }),
    )
  expect(await failureOf(write())).toEqual({
    code: 'AccessDenied',
    status: 403,
    message: `User: arn:aws:iam::${accountId}:user/test is not authorized to perform: kms:GenerateDataKey on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
  })
  const allow = (account: string) => ({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  })
  const Policy = JSON.stringify({ Statement: [allow('999999999999'), allow(accountId)] })
  await owner.send(new PutKeyPolicyCommand({ KeyId: SSEKMSKeyId, Policy }))
  expect((await write()).SSEKMSKeyId).toBe(SSEKMSKeyId)
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key: 'foreign' }))
  expect(await Body?.transformToString()).toBe('x')
})

test('the AWS managed key serves its account through S3, and nobody directly', async () => {
  const written = await journey.s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'managed',
      Body: 'x',
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: 'alias/aws/s3',
    }),
  )
  // `app` has no identity policy for it: the key's own policy allows everybody of the account who comes through S3.
  const { Body } = await app.s3.send(new GetObjectCommand({ Bucket, Key: 'managed' }))
  expect(await Body?.transformToString()).toBe('x')
  const direct = journey.kms.send(new EncryptCommand({ KeyId: written.SSEKMSKeyId, Plaintext: Buffer.from('x') }))
  expect((await failureOf(direct)).message).toContain('because no resource-based policy allows the kms:Encrypt action')
  expect((await explained('last')).text).toContain(
    'kms:ViaService wants s3.us-east-1.amazonaws.com, and the request has none',
  )
})

test('a key whose policy names one user alone is closed to the administrator too', async () => {
  const encrypt = { KeyId: 'alias/sealed', Plaintext: Buffer.from('x') }
  await app.kms.send(new EncryptCommand(encrypt))
  const refused = await failureOf(journey.kms.send(new EncryptCommand(encrypt)))
  expect(refused.message).toContain('because no resource-based policy allows the kms:Encrypt action')
})
