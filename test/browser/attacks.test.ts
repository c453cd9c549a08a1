import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type Journey, startJourney } from '../emulator.ts'
import { openBrowser, openPage, openSite, type Site, uploadForm, withBrowser } from './chromium.ts'

/* What any web page can have Chromium send to an emulator on this machine. `evil.test` leads here: as its own site, and rebound. */

const Bucket = 'attacked'
const Key = 'kept'
let journey: Journey
let site: Site
let browser: Browser
let page: Page
let html = ''

beforeAll(async () => {
  journey = await startJourney()
  await journey.createBucket(Bucket)
  await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'kept' }))
  site = await openSite((path) => (path === '/' ? html : undefined))
  // Chromium's own check of what public pages send to this machine is off: other browsers have none.
  browser = await openBrowser(
    '--host-resolver-rules=MAP evil.test 127.0.0.1',
    '--disable-features=LocalNetworkAccessChecks',
  )
})

afterAll(async () => {
  await browser.close()
  site.close()
  await journey.stop()
})

beforeEach(async () => {
  page = await openPage(browser)
})

/** The foreign page. */
async function visitEvil(content: string): Promise<void> {
  html = content
  await page.goto(`http://evil.test:${site.port}/`)
}

/** Has the page fetch, and tells what it sees: an opaque answer, a failure, or a status and a text. */
function fetchIn(where: Page, url: string, options: Record<string, unknown>): Promise<unknown> {
  const asked = `${JSON.stringify(url)}, ${JSON.stringify(options)}`
  return where.evaluate(`fetch(${asked}).then(
    async (answer) => [answer.type, answer.status, await answer.text()],
    (error) => error.name,
  )`)
}

/** The store as it was: one object, no upload. */
async function expectUntouched(): Promise<void> {
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key }))
  expect(await Body?.transformToString()).toBe('kept')
  const { Contents } = await journey.s3.send(new ListObjectsV2Command({ Bucket }))
  expect(Contents?.map((object) => object.Key)).toEqual([Key])
  const { Uploads = [] } = await journey.s3.send(new ListMultipartUploadsCommand({ Bucket }))
  expect(Uploads).toEqual([])
}

const withKeys = (accessKeyId: string, secretAccessKey: string) =>
  new S3Client({ ...journey.configuration, credentials: { accessKeyId, secretAccessKey } })
const opaque = ['opaque', 0, '']

withBrowser.each([
  ['made-up credentials', 'MADEUP', 'x'],
  ['the built-in key', 'test', 'test'],
])('a form of a foreign page with %s is refused, in words that the developer sees', async (_, accessKeyId, secret) => {
  const { url, fields } = await createPresignedPost(withKeys(accessKeyId, secret), { Bucket, Key })
  html = uploadForm(url, fields, 'overwritten')
  const refused = page.waitForResponse((response) => response.url() === url)
  await page.goto(`http://evil.test:${site.port}/`, { waitUntil: 'commit' })
  const answer = await refused
  expect(answer.status()).toBe(403)
  await page.waitForURL(url)
  expect(await page.content()).toContain(`--allow-origin http://evil.test:${site.port}`)
  await expectUntouched()
})

withBrowser('what a foreign page fetches without CORS is refused: uploads, reads, embedded images', async () => {
  await visitEvil('<h1>Evil</h1>')
  const presigned = await getSignedUrl(journey.s3, new GetObjectCommand({ Bucket, Key }))
  const started = new URL(presigned)
  started.search = `${started.search.replace('x-id=GetObject', '')}&uploads=`
  const upload = `${journey.endpoint}/${Bucket}/parts?uploads&X-Amz-Algorithm=AWS4-HMAC-SHA256`
  for (const [target, method] of [
    [upload, 'POST'],
    [started.href, 'POST'],
    [presigned, 'GET'],
    [`${journey.endpoint}/${Bucket}`, 'GET'],
    [`${journey.endpoint}/_s3kms/reset`, 'POST'],
    [`${journey.endpoint}/_s3kms/health`, 'GET'],
  ] as const) {
    const answered = page.waitForResponse(() => true)
    expect(await fetchIn(page, target, { mode: 'no-cors', method })).toEqual(opaque)
    expect([target, (await answered).ok()]).toEqual([target, false])
  }
  await expectUntouched()
})

withBrowser('preflights of a foreign page are refused, so nothing that needs one is sent', async () => {
  await visitEvil('<h1>Evil</h1>')
  const put = await getSignedUrl(journey.s3, new PutObjectCommand({ Bucket, Key }))
  expect(await fetchIn(page, put, { method: 'PUT', body: 'overwritten' })).toBe('TypeError')
  const headers = { 'x-amz-target': 'TrentService.ListKeys' }
  expect(await fetchIn(page, journey.endpoint, { method: 'POST', headers })).toBe('TypeError')
  await expectUntouched()
})

withBrowser('a page whose name is rebound reads no object, calls no KMS and controls nothing', async () => {
  const here = `http://evil.test:${journey.port}`
  await page.route(`${here}/page`, (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Evil</h1>' }))
  await page.goto(`${here}/page`)
  const scope = 'Credential=MADEUP/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0'
  const kms = { 'x-amz-target': 'TrentService.ListKeys', 'content-type': 'application/x-amz-json-1.1' }
  for (const [path, method, headers, status] of [
    [`/${Bucket}/${Key}`, 'GET', { authorization: `AWS4-HMAC-SHA256 ${scope}` }, 403],
    [`/${Bucket}/${Key}`, 'DELETE', { authorization: `AWS4-HMAC-SHA256 ${scope}` }, 403],
    ['/', 'POST', kms, 400],
    ['/_s3kms/reset', 'POST', {}, 403],
    ['/_s3kms/explain/last', 'GET', {}, 403],
    ['/_s3kms/health', 'GET', {}, 403],
  ] as const) {
    const seen = await fetchIn(page, `${here}${path}`, { method, headers })
    expect(seen).toEqual(['basic', status, expect.stringContaining('--base-domain evil.test')])
  }
  await expectUntouched()
})

withBrowser('a page stored in a bucket controls nothing, though it shares our origin', async () => {
  const body = '<!doctype html><title>stored</title>'
  const stored = { Bucket, Key: 'page.html' }
  await journey.s3.send(new PutObjectCommand({ ...stored, Body: body, ContentType: 'text/html' }))
  await page.goto(await getSignedUrl(journey.s3, new GetObjectCommand(stored)))
  expect(await page.title()).toBe('stored')
  for (const [path, method] of [
    ['reset', 'POST'],
    ['explain/last', 'GET'],
    ['health', 'GET'],
  ] as const) {
    const seen = await fetchIn(page, `${journey.endpoint}/_s3kms/${path}`, { method })
    expect(seen).toEqual(['basic', 403, expect.stringContaining('No browser')])
  }
  const { Contents } = await journey.s3.send(new ListObjectsV2Command({ Bucket }))
  expect(Contents?.map((object) => object.Key)).toEqual([Key, 'page.html'])
})

withBrowser('health is seen by whoever types its address', async () => {
  const answer = await page.goto(`${journey.endpoint}/_s3kms/health`)
  expect(answer?.status()).toBe(200)
})
