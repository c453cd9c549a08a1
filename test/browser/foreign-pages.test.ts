import { createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms'
import {
  CreateMultipartUploadCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { accountId, failureOf, type Journey, startJourney } from '../emulator.ts'

/* What a page of another site may do: what its Origin header says is all a server knows of it. Chromium itself: attacks.test.ts. */

const Bucket = 'visited'
const evil = 'http://evil.test'
const RoleArn = `arn:aws:iam::${accountId}:role/visitor`
let journey: Journey

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3kms-pages-'))
  const file = join(folder, 'principals.json')
  const principals = [
    { arn: `arn:aws:iam::${accountId}:user/app`, accessKeys: [{ id: 'AKIAAPP', secret: 'only-the-app-knows' }] },
    { arn: RoleArn, accessKeys: [] },
  ]
  await writeFile(file, JSON.stringify({ principals }))
  journey = await startJourney({ fixtures: [file], allowOrigins: ['https://app.test'], baseDomains: ['s3.dev.test'] })
  await rm(folder, { recursive: true })
  await journey.createBucket(Bucket)
})
afterAll(() => journey.stop())

beforeEach(async () => {
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'kept' }))
})

async function kept(): Promise<string | undefined> {
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key: 'kept' }))
  return Body?.transformToString()
}

/** Has the requests of a client say that a page sent them. */
class PageHandler extends NodeHttpHandler {
  readonly #origin: string

  constructor(origin: string) {
    super()
    this.#origin = origin
  }

  override handle(...[sent, options]: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    sent.headers.origin = this.#origin
    return super.handle(sent, options)
  }
}

interface Answer {
  status: number | undefined
  text: string
}

/** A request as a browser makes it: any Host, any Origin, from any of our addresses. */
function send(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: string | Buffer = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (answer) => {
      text(answer).then((content) => resolve({ status: answer.statusCode, text: content }), reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const made = 'Credential=MADEUP/20260101/us-east-1/s3/aws4_request'
const url = (path: string) => `${journey.endpoint}/${path}`
const namesOption = expect.stringContaining(`--allow-origin ${evil}`)
const denied = { status: 403, text: namesOption }

async function formOf(fields: Record<string, string>, content: string): Promise<[Record<string, string>, Buffer]> {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.append(name, value)
  data.append('file', new Blob([content]), 'a')
  const encoded = new Response(data)
  const body = Buffer.from(await encoded.arrayBuffer())
  const length = { 'content-length': String(body.length) }
  return [{ 'content-type': encoded.headers.get('content-type') ?? '', ...length }, body]
}

/** Fields of a form to an object, signed by what calls itself an access key. */
async function signedFields(Key: string, accessKeyId: string, secretAccessKey: string) {
  const s3 = new S3Client({ ...journey.configuration, credentials: { accessKeyId, secretAccessKey } })
  return (await createPresignedPost(s3, { Bucket, Key })).fields
}

test.each([
  ['made-up credentials', 'MADEUP', 'x'],
  ['the built-in key, which every page knows', 'test', 'test'],
])('a form of a foreign page with %s is refused and overwrites nothing', async (_, accessKeyId, secret) => {
  const [headers, body] = await formOf(await signedFields('kept', accessKeyId, secret), 'overwritten')
  expect(await send('POST', url(Bucket), { ...headers, origin: evil }, body)).toMatchObject(denied)
  expect(await kept()).toBe('kept')
  expect(await send('POST', url(Bucket), headers, body)).toMatchObject({ status: 204 })
})

test('a form that a foreign page was signed by a known key is taken', async () => {
  const [headers, body] = await formOf(await signedFields('given', 'AKIAAPP', 'only-the-app-knows'), 'given')
  expect(await send('POST', url(Bucket), { ...headers, origin: evil }, body)).toMatchObject({ status: 204 })
  const [forged, content] = await formOf(await signedFields('given', 'AKIAAPP', 'guessed'), 'forged')
  const answer = await send('POST', url(Bucket), { ...forged, origin: evil }, content)
  expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('SignatureDoesNotMatch') })
})

test('a foreign page starts no upload with credentials it made up, in the header or in the query', async () => {
  const query = 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-SignedHeaders=host&X-Amz-Expires=600&X-Amz-Signature=0'
  const now = new Date(journey.ambient.now()).toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = encodeURIComponent(`MADEUP/${now.slice(0, 8)}/us-east-1/s3/aws4_request`)
  const target = url(`${Bucket}/parts?uploads&${query}&X-Amz-Date=${now}&X-Amz-Credential=${scope}`)
  expect(await send('POST', target, { origin: evil })).toMatchObject(denied)
  expect(await send('POST', target, { 'sec-fetch-site': 'cross-site', referer: `${evil}/` })).toMatchObject(denied)
  const { Uploads = [] } = await journey.s3.send(new ListMultipartUploadsCommand({ Bucket }))
  expect(Uploads).toEqual([])
  expect(await send('POST', target, {})).toMatchObject({ status: 200 })
})

test('anonymous requests and preflights of a foreign page are refused', async () => {
  expect(await send('GET', url(`${Bucket}/kept`), { origin: evil })).toMatchObject(denied)
  expect(await send('PUT', url(`${Bucket}/kept`), { origin: evil }, 'x')).toMatchObject(denied)
  const asks = { origin: evil, 'access-control-request-method': 'PUT' }
  const preflight = await send('OPTIONS', url(`${Bucket}/kept`), asks)
  expect(preflight.status).toBe(403)
  expect(preflight.text).toContain('<Message>CORSResponse: CORS is not enabled for this bucket.</Message>')
  const own = await send('OPTIONS', url(`${Bucket}/kept`), { ...asks, origin: 'http://localhost:3000' })
  expect(own.text).toContain('<Message>CORSResponse: CORS is not enabled for this bucket.</Message>')
})

/** One call of every service, each refused in its own words. */
const calls: [service: string, call: (keys: Keys, origin: string) => Promise<unknown>, code: string][] = [
  ['S3', (keys, origin) => pageClient(keys, origin).s3.send(new GetBucketLocationCommand({ Bucket })), 'AccessDenied'],
  ['KMS', (keys, origin) => pageClient(keys, origin).kms.send(new ListKeysCommand({})), 'AccessDeniedException'],
  ['STS', (keys, origin) => pageClient(keys, origin).sts.send(new GetCallerIdentityCommand({})), 'AccessDenied'],
]

type Keys = [accessKeyId: string, secretAccessKey: string]

function pageClient([accessKeyId, secretAccessKey]: Keys, origin: string, sessionToken?: string) {
  const credentials = { accessKeyId, secretAccessKey, sessionToken }
  const configuration = { ...journey.configuration, credentials, requestHandler: new PageHandler(origin) }
  return {
    s3: new S3Client(configuration),
    kms: new KMSClient(configuration),
    sts: new STSClient(configuration),
    cloudTrail: new CloudTrailClient(configuration),
  }
}

test.each(calls)('%s lets a foreign page in by a known key alone', async (_, call, code) => {
  await call(['AKIAAPP', 'only-the-app-knows'], evil)
  for (const keys of [
    ['test', 'test'],
    ['MADEUP', 'x'],
  ] as Keys[]) {
    expect(await failureOf(call(keys, evil))).toMatchObject({ code, message: namesOption })
    await call(keys, 'http://localhost:3000')
    await call(keys, 'https://app.test')
  }
})

test('CloudTrail tells a foreign page nothing', async () => {
  const { cloudTrail } = pageClient(['test', 'test'], evil)
  const failure = await failureOf(cloudTrail.send(new LookupEventsCommand({})))
  expect(failure).toMatchObject({ code: 'AccessDeniedException', message: namesOption })
})

test('a session of a role is a known key', async () => {
  const { Credentials } = await journey.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'page' }))
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
  const { s3 } = pageClient([AccessKeyId, SecretAccessKey], evil, SessionToken)
  await s3.send(new PutObjectCommand({ Bucket, Key: 'by-session', Body: 'x' }))
})

test('a management call of a foreign page is refused before anything of it is done', async () => {
  const { s3 } = pageClient(['test', 'test'], evil)
  const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } }
  const change = s3.send(
    new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }),
  )
  expect(await failureOf(change)).toMatchObject({ code: 'AccessDenied', status: 403, message: namesOption })
  const names = (await journey.records()).map(({ eventName }) => eventName)
  expect(names).not.toContain('PutBucketEncryption')
})

test('a presigned URL in a foreign page works when a known key signed it', async () => {
  const browser = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
  const presigned = async (...[accessKeyId, secretAccessKey]: Keys) => {
    const s3 = new S3Client({ ...journey.configuration, credentials: { accessKeyId, secretAccessKey } })
    return getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'kept' }))
  }
  expect(await send('GET', await presigned('AKIAAPP', 'only-the-app-knows'), browser)).toMatchObject({ status: 200 })
  const byTest = await presigned('test', 'test')
  expect(await send('GET', byTest, browser)).toMatchObject({ status: 403 })
  expect(await send('GET', byTest, { ...browser, referer: 'http://localhost:3000/' })).toMatchObject({ status: 200 })
  expect(await send('GET', byTest, { 'sec-fetch-site': 'none' })).toMatchObject({ status: 200 })
  const Expires = Math.floor(journey.ambient.now() / 1000) + 600
  const signedV2 = (id: string, secret: string) => {
    const Signature = createHmac('sha1', secret).update(`GET\n\n\n${Expires}\n/${Bucket}/kept`).digest('base64')
    return url(`${Bucket}/kept?${new URLSearchParams({ AWSAccessKeyId: id, Expires: String(Expires), Signature })}`)
  }
  expect(await send('GET', signedV2('AKIAAPP', 'only-the-app-knows'), browser)).toMatchObject({ status: 200 })
  expect(await send('GET', signedV2('test', 'test'), browser)).toMatchObject({ status: 403 })
})

test('parts of an upload are put by a page of this machine, and by no other', async () => {
  const { UploadId = '' } = await journey.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }))
  const part = await getSignedUrl(journey.s3, new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1 }))
  expect(await send('PUT', part, { origin: 'http://localhost:3000' }, 'part')).toMatchObject({ status: 200 })
  expect(await send('PUT', part, { origin: evil }, 'part')).toMatchObject(denied)
})

/* Rebinding: the page's own name leads here, so the browser says nothing of another site. */

const rebound = 'evil.test:4566'
const kmsCall = { 'x-amz-target': 'TrentService.ListKeys', 'content-type': 'application/x-amz-json-1.1' }

test.each([
  [
    'S3',
    { authorization: `AWS4-HMAC-SHA256 ${made}, SignedHeaders=host, Signature=0` },
    403,
    '<Code>AccessDenied</Code>',
  ],
  ['KMS', kmsCall, 400, '"__type":"AccessDeniedException"'],
  [
    'CloudTrail',
    { ...kmsCall, 'x-amz-target': 'CloudTrail_20131101.LookupEvents' },
    400,
    '"__type":"AccessDeniedException"',
  ],
  ['STS', { 'content-type': 'application/x-www-form-urlencoded' }, 403, '<ErrorResponse><Error><Type>Sender</Type>'],
])('%s refuses a rebound name in words that name the option', async (_, headers, status, start) => {
  const answer = await send('POST', url(''), { ...headers, host: rebound })
  expect(answer).toEqual({ status, text: expect.stringContaining(start) })
  expect(answer.text).toContain('--base-domain evil.test')
})

test('a rebound name is refused whatever key signs, and the control paths refuse it in their own form', async () => {
  const answer = await send('GET', url('_s3kms/health'), { host: rebound })
  expect(answer.status).toBe(403)
  expect(JSON.parse(answer.text)).toEqual({ message: expect.stringContaining('--base-domain evil.test') })
  const s3 = new S3Client({
    ...journey.configuration,
    credentials: { accessKeyId: 'AKIAAPP', secretAccessKey: 'only-the-app-knows' },
  })
  const signed = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'kept' }))
  expect(await send('GET', signed, { host: rebound })).toMatchObject({ status: 403 })
})

test.each([`${Bucket}.localhost`, `${Bucket}.s3.localhost`, `${Bucket}.s3.amazonaws.com`, `${Bucket}.s3.dev.test`])(
  'the bucket is still addressed as %s',
  async (host) => {
    const answer = await send('OPTIONS', url('kept'), { host, origin: 'http://localhost' })
    expect(answer.text).toContain('CORS is not enabled for this bucket.')
  },
)

const elsewhere = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address

;(elsewhere === undefined ? test.skip : test)(
  'clients of another address call by any name, and control nothing',
  async () => {
    const open = await startJourney({ host: '0.0.0.0' })
    try {
      const from = (path: string) => `http://${elsewhere}:${open.port}/${path}`
      expect(await send('GET', from('_s3kms/health'), { host: 'emulator:4566' })).toMatchObject({ status: 200 })
      expect(await send('POST', from('_s3kms/reset'), { host: 'localhost' })).toMatchObject({ status: 403 })
      const endpoint = from('').slice(0, -1)
      const s3 = new S3Client({ ...open.configuration, endpoint, forcePathStyle: true })
      const presigned = new URL(await getSignedUrl(s3, new GetBucketLocationCommand({ Bucket })))
      const byName = await send('GET', presigned.href, { host: 'emulator:4566' })
      expect(byName.text).toContain('SignatureDoesNotMatch')
      expect(await send('GET', presigned.href, {})).toMatchObject({ status: 404 })
    } finally {
      await open.stop()
    }
  },
)
