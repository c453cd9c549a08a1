import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { failureOf, type Journey, startJourney } from '../emulator.ts'
import { openBrowser, openPage, openSite, type Site, withBrowser } from './chromium.ts'

/*
 * The page of an application at another origin uploads with what its server signed, and reads the answers: the bucket's CORS
 * configuration says that it may. `app.test` leads to this machine and is no page of its own to the emulator, which has no --allow-origin.
 */

const Bucket = 'uploads'
const Closed = 'closed'
let journey: Journey
let site: Site
let browser: Browser
let page: Page
let origin: string

beforeAll(async () => {
  journey = await startJourney()
  await journey.createBucket(Bucket)
  await journey.createBucket(Closed)
  await journey.s3.send(new PutObjectCommand({ Bucket: Closed, Key: 'secret', Body: 'secret' }))
  site = await openSite(() => '<h1>Application</h1>')
  origin = `http://app.test:${site.port}`
  // Chromium's own check of what public pages send to this machine is off: other browsers have none.
  browser = await openBrowser(
    '--host-resolver-rules=MAP app.test 127.0.0.1',
    '--disable-features=LocalNetworkAccessChecks',
  )
})

afterAll(async () => {
  await browser.close()
  site.close()
  await journey.stop()
})

beforeEach(async () => {
  const rule = {
    AllowedOrigins: [origin],
    AllowedMethods: ['GET', 'PUT', 'POST'],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag', 'x-amz-server-side-encryption'],
    MaxAgeSeconds: 0,
  }
  await journey.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [rule] } }))
  page = await openPage(browser)
  await page.goto(`${origin}/`)
})

/** What the page sees of an answer; the error's name where it sees none. */
function fetchInPage(url: string, options: Record<string, unknown> = {}): Promise<unknown> {
  return page.evaluate(`fetch(${JSON.stringify(url)}, ${JSON.stringify(options)}).then(
    async (answer) => ({ status: answer.status, etag: answer.headers.get('etag'), text: await answer.text() }),
    (error) => error.name,
  )`)
}

async function contentOf(Key: string): Promise<string | undefined> {
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key }))
  return Body?.transformToString()
}

withBrowser('a presigned PUT with headers of its own, whose ETag the page reads', async () => {
  const headers = {
    'content-type': 'text/plain',
    'x-amz-meta-of': 'the page',
    'x-amz-server-side-encryption': 'AES256',
  }
  const command = new PutObjectCommand({
    Bucket,
    Key: 'put',
    ServerSideEncryption: 'AES256',
    Metadata: { of: 'the page' },
  })
  const url = await getSignedUrl(journey.s3, command, {
    unhoistableHeaders: new Set(['x-amz-server-side-encryption', 'x-amz-meta-of']),
  })
  const seen = await fetchInPage(url, { method: 'PUT', body: 'put by a page', headers })
  const stored = await journey.s3.send(new GetObjectCommand({ Bucket, Key: 'put' }))
  expect(seen).toEqual({ status: 200, etag: stored.ETag, text: '' })
  expect(await stored.Body?.transformToString()).toBe('put by a page')
  expect(stored).toMatchObject({
    ContentType: 'text/plain',
    Metadata: { of: 'the page' },
    ServerSideEncryption: 'AES256',
  })
  const read = await getSignedUrl(journey.s3, new GetObjectCommand({ Bucket, Key: 'put' }))
  expect(await fetchInPage(read)).toEqual({ status: 200, etag: stored.ETag, text: 'put by a page' })
})

withBrowser('the parts of an upload, completed by the ETags that the page read', async () => {
  const object = { Bucket, Key: 'parts' }
  const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand(object))
  const Parts = []
  for (const [index, character] of ['a', 'b'].entries()) {
    const PartNumber = index + 1
    const url = await getSignedUrl(journey.s3, new UploadPartCommand({ ...object, UploadId, PartNumber }))
    const ETag =
      await page.evaluate(`fetch(${JSON.stringify(url)}, { method: 'PUT', body: '${character}'.repeat(5 << 20) })
      .then((answer) => answer.headers.get('etag'))`)
    Parts.push({ PartNumber, ETag: String(ETag) })
  }
  await journey.s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }))
  expect((await contentOf('parts'))?.length).toBe(10 << 20)
})

withBrowser('a form that the page sends by fetch, and whose answer it reads', async () => {
  const { url, fields } = await createPresignedPost(journey.s3, { Bucket, Key: 'form' })
  const seen = await page.evaluate(`(() => {
    const form = new FormData()
    for (const [name, value] of Object.entries(${JSON.stringify(fields)})) form.append(name, value)
    form.append('file', new Blob(['sent by a form']))
    return fetch(${JSON.stringify(url)}, { method: 'POST', body: form })
      .then((answer) => [answer.status, answer.headers.get('etag') !== null])
  })()`)
  expect(seen).toEqual([204, true])
  expect(await contentOf('form')).toBe('sent by a form')
})

withBrowser('errors are read by the page as well', async () => {
  const url = await getSignedUrl(journey.s3, new GetObjectCommand({ Bucket, Key: 'none' }))
  expect(await fetchInPage(url)).toMatchObject({ status: 404, text: expect.stringContaining('NoSuchKey') })
})

withBrowser('without the rule nothing of it is done', async () => {
  await journey.s3.send(new DeleteBucketCorsCommand({ Bucket }))
  const put = await getSignedUrl(journey.s3, new PutObjectCommand({ Bucket, Key: 'refused' }))
  expect(await fetchInPage(put, { method: 'PUT', body: 'x' })).toBe('TypeError')
  const { url, fields } = await createPresignedPost(journey.s3, { Bucket, Key: 'refused' })
  const form = `(() => {
    const form = new FormData()
    for (const [name, value] of Object.entries(${JSON.stringify(fields)})) form.append(name, value)
    form.append('file', new Blob(['x']))
    return fetch(${JSON.stringify(url)}, { method: 'POST', mode: 'no-cors', body: form }).then((answer) => answer.type)
  })()`
  expect(await page.evaluate(form)).toBe('opaque')
  expect(await failureOf(contentOf('refused'))).toMatchObject({ code: 'NoSuchKey' })
})

withBrowser(
  'a rule lets a page at the objects of its bucket, not at those of another, nor at the bucket itself',
  async () => {
    const copy = new CopyObjectCommand({ Bucket, Key: 'stolen', CopySource: `${Closed}/secret` })
    const fromElsewhere = await getSignedUrl(journey.s3, copy, { unhoistableHeaders: new Set(['x-amz-copy-source']) })
    const headers = { 'x-amz-copy-source': `${Closed}/secret` }
    expect(await fetchInPage(fromElsewhere, { method: 'PUT', headers })).toMatchObject({
      status: 403,
      text: expect.stringContaining(`--allow-origin ${origin}`),
    })
    const tagging = await getSignedUrl(journey.s3, new GetBucketTaggingCommand({ Bucket }))
    expect(await fetchInPage(tagging)).toMatchObject({ status: 403, text: expect.stringContaining('may not call') })
    const secret = await getSignedUrl(journey.s3, new GetObjectCommand({ Bucket: Closed, Key: 'secret' }))
    expect(await fetchInPage(secret)).toBe('TypeError')
  },
)

withBrowser('an image of the bucket is shown by a page that a rule names', async () => {
  const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
  const image = { Bucket, Key: 'pixel.gif' }
  await journey.s3.send(new PutObjectCommand({ ...image, Body: pixel, ContentType: 'image/gif' }))
  const url = await getSignedUrl(journey.s3, new GetObjectCommand(image))
  const show = `new Promise((resolve) => {
    const image = new Image()
    image.onload = () => resolve(image.naturalWidth)
    image.onerror = () => resolve('refused')
    image.src = ${JSON.stringify(url)}
  })`
  expect(await page.evaluate(show)).toBe(1)
  await journey.s3.send(new DeleteBucketCorsCommand({ Bucket }))
  expect(await failureOf(journey.s3.send(new GetBucketCorsCommand({ Bucket })))).toMatchObject({
    code: 'NoSuchCORSConfiguration',
    message: 'The CORS configuration does not exist',
    status: 404,
  })
  expect(await page.evaluate(show.replace(url, `${url}&again`))).toBe('refused')
})
