import { createHash, createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  GetObjectAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, type Journey, startJourney } from './emulator.ts'

let journey: Journey
let keyArn: string
const Bucket = 'forms'
const encryption = 'x-amz-server-side-encryption'

const RoleArn = `arn:aws:iam::${accountId}:role/uploader`

/** A role that everybody of the account may take. */
async function roleFixture(): Promise<string> {
  const Statement = { Effect: 'Allow', Principal: { AWS: accountId }, Action: 'sts:AssumeRole' }
  const trustPolicy = { Version: '2012-10-17', Statement }
  const file = join(await mkdtemp(join(tmpdir(), 's3kms-forms-')), 'role.json')
  await writeFile(file, JSON.stringify({ principals: [{ arn: RoleArn, accessKeys: [], trustPolicy }] }))
  return file
}

beforeAll(async () => {
  const file = await roleFixture()
  journey = await startJourney({ fixtures: [file] })
  await rm(dirname(file), { recursive: true })
  keyArn = await journey.createKey()
  await journey.createBucket(Bucket)
})

afterAll(() => journey.stop())

interface Form {
  url: string
  fields: Record<string, string>
}

/** A form as the SDK signs it, under the journey's clock: policies end by it. */
function signedForm(Key: string, options: Partial<PresignedPostOptions> = {}): Promise<Form> {
  return createPresignedPost(journey.s3, { Bucket, Key, ...options })
}

/** A field that is to be in the form and in its policy. */
function withFields(fields: Record<string, string>): Partial<PresignedPostOptions> {
  return { Fields: fields, Conditions: Object.entries(fields).map(([name, value]) => ({ [name]: value })) }
}

interface Reply {
  status: number
  headers: Headers
  text: string
  code: string | undefined
}

async function submit(
  { url, fields }: Form,
  file: string | Uint8Array | undefined,
  name = 'hello.txt',
): Promise<Reply> {
  const data = new FormData()
  for (const [field, value] of Object.entries(fields)) data.append(field, value)
  if (file !== undefined) data.append('file', new Blob([file as BlobPart]), name)
  const response = await fetch(url, { method: 'POST', body: data, redirect: 'manual' })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, code: /<Code>(.*?)<\/Code>/.exec(text)?.[1] }
}

async function read(Key: string, more: object = {}) {
  const answer = await journey.s3.send(new GetObjectCommand({ Bucket, Key, ...more }))
  return { ...answer, text: (await answer.Body?.transformToString()) ?? '' }
}

test('a presigned form stores its file, and answers 204 with the object’s place and ETag', async () => {
  const form = await signedForm('plain.txt', withFields({ 'Content-Type': 'text/plain', 'x-amz-meta-colour': 'blå' }))
  const reply = await submit(form, 'hello')
  expect([reply.status, reply.text]).toEqual([204, ''])
  expect(reply.headers.get('location')).toBe(`${journey.endpoint}/${Bucket}/plain.txt`)
  expect(reply.headers.get('etag')).toBe(`"${createHash('md5').update('hello').digest('hex')}"`)
  const stored = await read('plain.txt')
  expect([stored.text, stored.ContentType]).toEqual(['hello', 'text/plain'])
  expect(stored.Metadata).toEqual({ colour: '=?UTF-8?Q?bl=C3=A5?=' })
})

test('a form under SSE-KMS costs one GenerateDataKey with the ARN of the object, and its answer names the key', async () => {
  const fields = { [encryption]: 'aws:kms', [`${encryption}-aws-kms-key-id`]: keyArn }
  const form = await signedForm(`sealed/\${filename}`, withFields(fields))
  let reply: Reply | undefined
  const calls = await journey.kmsCallsDuring(async () => {
    reply = await submit(form, 'sealed', 'a b.txt')
  })
  expect(reply?.status).toBe(204)
  expect(reply?.headers.get(encryption)).toBe('aws:kms')
  expect(reply?.headers.get(`${encryption}-aws-kms-key-id`)).toBe(keyArn)
  const location = reply?.headers.get('location')
  expect(location).toBe(`${journey.endpoint}/${Bucket}/sealed%2Fa+b.txt`)
  // It leads to the object: what signs its key signs it.
  const get = new GetObjectCommand({ Bucket, Key: 'sealed/a b.txt' })
  const { search } = new URL(await getSignedUrl(journey.s3, get))
  expect((await fetch(`${location}${search}`)).status).toBe(200)
  expect(calls).toMatchObject([
    {
      eventName: 'GenerateDataKey',
      userIdentity: { userName: 'test', invokedBy: 'fas.s3.amazonaws.com' },
      requestParameters: { encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/sealed/a b.txt` } },
    },
  ])
  expect(calls).toHaveLength(1)
  expect((await read('sealed/a b.txt')).text).toBe('sealed')
})

test('a form takes DSSE-KMS, a context and a bucket key as a PUT does', async () => {
  const context = Buffer.from(JSON.stringify({ tenant: 'a' })).toString('base64')
  const dsse = { [encryption]: 'aws:kms:dsse', [`${encryption}-context`]: context }
  const calls = await journey.kmsCallsDuring(async () => {
    const reply = await submit(await signedForm('dsse.txt', withFields(dsse)), 'twice')
    expect(reply.headers.get(encryption)).toBe('aws:kms:dsse')
    expect(reply.headers.has(`${encryption}-context`)).toBe(false)
  })
  expect(calls).toMatchObject([
    { requestParameters: { encryptionContext: { tenant: 'a', 'aws:s3:arn': `arn:aws:s3:::${Bucket}/dsse.txt` } } },
  ])
  expect((await read('dsse.txt')).text).toBe('twice')
  const shared = {
    [encryption]: 'aws:kms',
    [`${encryption}-aws-kms-key-id`]: keyArn,
    [`${encryption}-bucket-key-enabled`]: 'true',
  }
  const reply = await submit(await signedForm('shared.txt', withFields(shared)), 'shared')
  expect(reply.headers.get(`${encryption}-bucket-key-enabled`)).toBe('true')
  expect((await read('shared.txt')).BucketKeyEnabled).toBe(true)
})

test('a form under a customer’s key is read with that key alone', async () => {
  const key = randomBytes(32)
  const fields = {
    [`${encryption}-customer-algorithm`]: 'AES256',
    [`${encryption}-customer-key`]: key.toString('base64'),
    [`${encryption}-customer-key-MD5`]: createHash('md5').update(key).digest('base64'),
  }
  const reply = await submit(await signedForm('customer.txt', withFields(fields)), 'own key')
  expect(reply.status).toBe(204)
  expect(reply.headers.get(`${encryption}-customer-key-md5`)).toBe(fields[`${encryption}-customer-key-MD5`])
  const SSECustomerKey = key.toString('base64')
  expect((await read('customer.txt', { SSECustomerAlgorithm: 'AES256', SSECustomerKey })).text).toBe('own key')
  const wrong = { ...fields, [`${encryption}-customer-key-MD5`]: createHash('md5').update('x').digest('base64') }
  const refused = await submit(await signedForm('wrong.txt', withFields(wrong)), 'own key')
  expect([refused.status, refused.code]).toEqual([400, 'InvalidArgument'])
  expect(refused.text).toContain('The calculated MD5 hash of the key did not match the hash that was provided.')
})

test('a form without encryption fields takes the default of the bucket', async () => {
  const bucket = await journey.createBucket('forms-default')
  const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: keyArn } }
  const ServerSideEncryptionConfiguration = { Rules: [rule] }
  await journey.s3.send(new PutBucketEncryptionCommand({ Bucket: bucket, ServerSideEncryptionConfiguration }))
  const reply = await submit(await createPresignedPost(journey.s3, { Bucket: bucket, Key: 'k' }), 'x')
  expect(reply.headers.get(`${encryption}-aws-kms-key-id`)).toBe(keyArn)
})

test('a checksum in the form is held against the file', async () => {
  const crc = { 'x-amz-checksum-sha256': createHash('sha256').update('hello').digest('base64') }
  const right = await submit(await signedForm('checked.txt', withFields(crc)), 'hello')
  expect(right.headers.get('x-amz-checksum-sha256')).toBe(crc['x-amz-checksum-sha256'])
  const wrong = await submit(await signedForm('unchecked.txt', withFields(crc)), 'hallo')
  expect([wrong.status, wrong.code]).toEqual([400, 'BadDigest'])
  const missing = journey.s3.send(new HeadObjectCommand({ Bucket, Key: 'unchecked.txt' }))
  await expect(missing).rejects.toMatchObject({ name: 'NotFound' })
})

test('success_action_status decides the answer: 200, 201 with a document, else 204', async () => {
  const reply = async (status: string) =>
    submit(await signedForm('status <&>.txt', withFields({ success_action_status: status })), 'x')
  expect(await reply('200')).toMatchObject({ status: 200, text: '' })
  expect(await reply('404')).toMatchObject({ status: 204, text: '' })
  const created = await reply('201')
  const etag = `"${createHash('md5').update('x').digest('hex')}"`
  expect(created.status).toBe(201)
  expect(created.headers.get('content-type')).toBe('application/xml')
  expect(created.text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<PostResponse><Location>${journey.endpoint}/${Bucket}/status+%3C%26%3E.txt</Location>` +
      `<Bucket>${Bucket}</Bucket><Key>status &lt;&amp;&gt;.txt</Key>` +
      `<ETag>${etag.replaceAll('"', '&quot;')}</ETag></PostResponse>`,
  )
})

test('success_action_redirect sends the browser on, with bucket, key and ETag; what is no URL counts as absent', async () => {
  const redirect = async (success_action_redirect: string) =>
    submit(await signedForm('on.txt', withFields({ success_action_redirect })), 'x')
  const reply = await redirect('http://example.test/done?a=1')
  expect(reply.status).toBe(303)
  const etag = createHash('md5').update('x').digest('hex')
  expect(reply.headers.get('location')).toBe(
    `http://example.test/done?a=1&bucket=${Bucket}&key=on.txt&etag=%22${etag}%22`,
  )
  expect((await redirect('nowhere at all')).status).toBe(204)
})

test('the policy’s content-length-range is held against the file, whose size the error tells', async () => {
  const Conditions: PresignedPostOptions['Conditions'] = [['content-length-range', 5, 300_000]]
  expect((await submit(await signedForm('range', { Conditions }), 'hello')).status).toBe(204)
  const small = await submit(await signedForm('small', { Conditions }), 'hell')
  expect([small.status, small.code]).toEqual([400, 'EntityTooSmall'])
  expect(small.text).toContain('<ProposedSize>4</ProposedSize><MinSizeAllowed>5</MinSizeAllowed>')
  const large = await submit(await signedForm('large', { Conditions }), Buffer.alloc(1_000_000))
  expect([large.status, large.code]).toEqual([400, 'EntityTooLarge'])
  expect(large.text).toContain('<ProposedSize>1000000</ProposedSize><MaxSizeAllowed>300000</MaxSizeAllowed>')
})

test('a form is refused whose field differs from the policy, is not in it, or came after its end', async () => {
  const form = await signedForm('policy.txt', withFields({ success_action_redirect: 'http://localhost/a' }))
  const changed = await submit({ ...form, fields: { ...form.fields, success_action_redirect: 'http://b' } }, 'x')
  expect([changed.status, changed.code]).toEqual([403, 'AccessDenied'])
  expect(changed.text).toContain(
    '<Message>Invalid according to Policy: Policy Condition failed: ' +
      '[&quot;eq&quot;, &quot;$success_action_redirect&quot;, &quot;http://localhost/a&quot;]</Message>',
  )
  const extra = await submit({ ...form, fields: { ...form.fields, [encryption]: 'AES256' } }, 'x')
  expect(extra.text).toContain(`<Message>Invalid according to Policy: Extra input fields: ${encryption}</Message>`)
  journey.ambient.turn(3_700_000)
  const late = await submit(form, 'x')
  journey.ambient.turn(-3_700_000)
  expect(late.text).toContain('<Message>Invalid according to Policy: Policy expired.</Message>')
})

test('a form is refused that lacks its signature, its key or its file, or is none', async () => {
  const form = await signedForm('lacking.txt')
  const without = async (name: string) => {
    const { [name]: _, ...fields } = form.fields
    return submit({ ...form, fields }, 'x')
  }
  const unsigned = await without('X-Amz-Signature')
  expect([unsigned.status, unsigned.code]).toEqual([400, 'InvalidArgument'])
  expect(unsigned.text).toContain('<ArgumentName>X-Amz-Signature</ArgumentName>')
  expect((await without('key')).text).toContain("Bucket POST must contain a field named 'key'.  If it is specified")
  expect(await submit(form, undefined)).toMatchObject({ status: 400, code: 'InvalidArgument' })
  expect(await submit({ ...form, fields: { key: 'anonymous' } }, 'x')).toMatchObject({
    status: 403,
    code: 'AccessDenied',
  })
  const signature = form.fields['X-Amz-Signature'] ?? ''
  const forged = { ...form.fields, 'X-Amz-Signature': signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }
  expect(await submit({ ...form, fields: forged }, 'x')).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' })
  const body = new URLSearchParams(form.fields)
  const noForm = await fetch(form.url, { method: 'POST', body })
  expect(noForm.status).toBe(412)
  expect(await noForm.text()).toContain(
    '<Code>PreconditionFailed</Code><Message>At least one of the pre-conditions you specified did not hold</Message>' +
      '<Condition>Bucket POST must be of the enclosure-type multipart/form-data</Condition>',
  )
})

test('a refused form of many megabytes is still answered, and the connection serves on', async () => {
  const form = await signedForm('refused.txt')
  const reply = await submit({ ...form, fields: { ...form.fields, extra: 'x' } }, Buffer.alloc(20_000_000))
  expect(reply.code).toBe('AccessDenied')
  const unknown = { [encryption]: 'aws:kms', [`${encryption}-aws-kms-key-id`]: 'no-key' }
  const unknownKey = await submit(await signedForm('refused.txt', withFields(unknown)), Buffer.alloc(20_000_000))
  expect([unknownKey.status, unknownKey.code]).toEqual([400, 'KMS.NotFoundException'])
  expect((await submit(form, 'x')).status).toBe(204)
})

test('a form whose sender goes away in its midst leaves nothing', async () => {
  const { url, fields } = await signedForm('cut.txt')
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.append(name, value)
  data.append('file', new Blob([Buffer.alloc(2_000_000)]), 'a')
  const whole = new Response(data)
  const headers = { 'content-type': whole.headers.get('content-type') ?? '', 'content-length': 2_100_000 }
  const sending = request(url, { method: 'POST', headers })
  const closed = once(sending, 'error')
  sending.write(Buffer.from(await whole.arrayBuffer()).subarray(0, 1_000_000), () => sending.destroy(new Error('gone')))
  await closed
  const missing = journey.s3.send(new HeadObjectCommand({ Bucket, Key: 'cut.txt' }))
  await expect(missing).rejects.toMatchObject({ name: 'NotFound' })
})

test('a large file streams through a form and comes back whole', async () => {
  const body = randomBytes(24_000_000)
  const fields = { [encryption]: 'aws:kms', [`${encryption}-aws-kms-key-id`]: keyArn }
  expect((await submit(await signedForm('large.bin', withFields(fields)), body)).status).toBe(204)
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key: 'large.bin' }))
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(body)).toBe(true)
})

test('a form under SigV2, as boto3 signs it by default, works, but not for SSE-KMS', async () => {
  const expiration = new Date(journey.ambient.now() + 3_600_000).toISOString()
  const signedV2 = (fields: Record<string, string>): Form => {
    const conditions = [{ bucket: Bucket }, ...Object.entries(fields).map(([name, value]) => ({ [name]: value }))]
    const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64')
    const signature = createHmac('sha1', 'test').update(policy).digest('base64')
    const url = `${journey.endpoint}/${Bucket}`
    return { url, fields: { ...fields, AWSAccessKeyId: 'test', policy, signature } }
  }
  expect((await submit(signedV2({ key: 'v2.txt' }), 'older')).status).toBe(204)
  expect((await read('v2.txt')).text).toBe('older')
  const sealed = await submit(signedV2({ key: 'v2-sealed.txt', [encryption]: 'aws:kms' }), 'older')
  expect([sealed.status, sealed.code]).toEqual([400, 'InvalidArgument'])
  expect(sealed.text).toContain('require AWS Signature Version 4.')
})

test('a form signed with temporary credentials carries their token', async () => {
  const assumed = await journey.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'browser' }))
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = assumed.Credentials ?? {}
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
  const temporary = new S3Client({ ...journey.configuration, credentials })
  const form = await createPresignedPost(temporary, { Bucket, Key: 'temporary.txt' })
  expect(form.fields).toHaveProperty('X-Amz-Security-Token')
  expect((await submit(form, 'x')).status).toBe(204)
  const token = { 'X-Amz-Security-Token': 'other' }
  expect((await submit({ ...form, fields: { ...form.fields, ...token } }, 'x')).code).toBe('InvalidToken')
})

test('a form’s field acl is the object’s ACL', async () => {
  const form = await signedForm('acl.txt', withFields({ acl: 'public-read' }))
  expect((await submit(form, 'x')).status).toBe(204)
  const { Grants } = await journey.s3.send(new GetObjectAclCommand({ Bucket, Key: 'acl.txt' }))
  expect(Grants?.map(({ Permission }) => Permission)).toEqual(['FULL_CONTROL', 'READ'])
  const wrong = await submit(await signedForm('wrong.txt', withFields({ acl: 'everybody' })), 'x')
  expect([wrong.status, wrong.code]).toEqual([400, 'InvalidArgument'])
})

test('a form’s field tagging is a document, and x-amz-storage-class its class', async () => {
  const tagging = '<Tagging><TagSet><Tag><Key>a b</Key><Value>&lt;1&gt;</Value></Tag></TagSet></Tagging>'
  const unfit = await submit(await signedForm('unfit.txt', withFields({ tagging })), 'x')
  expect([unfit.status, unfit.code]).toEqual([400, 'InvalidTag'])
  const fit = withFields({ tagging: tagging.replace('&lt;1&gt;', '1+1'), 'x-amz-storage-class': 'STANDARD_IA' })
  expect((await submit(await signedForm('tagged.txt', fit), 'x')).status).toBe(204)
  const head = await journey.s3.send(new HeadObjectCommand({ Bucket, Key: 'tagged.txt' }))
  expect([head.TagCount, head.StorageClass]).toEqual([1, 'STANDARD_IA'])
  const other = await submit(await signedForm('other.txt', withFields({ tagging: '<Other><x/></Other>' })), 'x')
  expect(other.status).toBe(204)
  const broken = await submit(await signedForm('broken.txt', withFields({ tagging: '<Tagging>' })), 'x')
  expect([broken.status, broken.code]).toEqual([400, 'MalformedXML'])
})

test('a form for a bucket that is not there is refused', async () => {
  const elsewhere = await createPresignedPost(journey.s3, { Bucket: 'no-such-bucket', Key: 'k' })
  expect(await submit(elsewhere, 'x')).toMatchObject({ status: 404, code: 'NoSuchBucket' })
})
