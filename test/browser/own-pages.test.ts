import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { failureOf, type Journey, startJourney } from '../emulator.ts'
import { openBrowser, openPage, openSite, type Site, uploadForm, withBrowser } from './chromium.ts'

/*
 * A developer's own page, at http://localhost:PORT, uploads with what its server signed for it. This bucket has no CORS
 * configuration, so the preflight of a PUT is refused, as on AWS. Here the test answers the preflight, in the place of such a
 * configuration: what then comes is the browser's own request, let in by what the emulator knows of pages. The page cannot read the answer.
 */

const Bucket = 'own'
let journey: Journey
let site: Site
let browser: Browser
let page: Page

beforeAll(async () => {
  journey = await startJourney()
  await journey.createBucket(Bucket)
  site = await openSite(() => '<h1>Mine</h1>')
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  site.close()
  await journey.stop()
})

beforeEach(async () => {
  page = await openPage(browser)
  await page.goto(`http://localhost:${site.port}/`)
})

async function contentOf(Key: string): Promise<string | undefined> {
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key }))
  return Body?.transformToString()
}

/** Has the page PUT. It sees no answer, and knows only when there is one. */
async function put(url: string, body: string): Promise<void> {
  // An intercepted request has its preflight answered by the one who intercepts.
  await page.route(url, (route) => route.continue())
  const seen = await page.evaluate(`fetch(${JSON.stringify(url)}, { method: 'PUT', body: ${JSON.stringify(body)} })
    .then((answer) => answer.type, (error) => error.name)`)
  expect(seen).toBe('TypeError')
}

withBrowser('a presigned PUT', async () => {
  await put(await getSignedUrl(journey.s3, new PutObjectCommand({ Bucket, Key: 'put' })), 'put by a page')
  expect(await contentOf('put')).toBe('put by a page')
})

withBrowser('without a CORS configuration the preflight of a PUT is refused, as on AWS', async () => {
  const url = await getSignedUrl(journey.s3, new PutObjectCommand({ Bucket, Key: 'refused' }))
  const seen = await page.evaluate(
    `fetch(${JSON.stringify(url)}, { method: 'PUT', body: 'x' }).catch((error) => error.name)`,
  )
  expect(seen).toBe('TypeError')
  expect(await failureOf(journey.s3.send(new GetObjectCommand({ Bucket, Key: 'refused' })))).toMatchObject({
    code: 'NoSuchKey',
  })
})

withBrowser('the parts of an upload', async () => {
  const object = { Bucket, Key: 'parts' }
  const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand(object))
  for (const [index, body] of ['a'.repeat(5 << 20), 'the rest'].entries()) {
    const PartNumber = index + 1
    const url = await getSignedUrl(journey.s3, new UploadPartCommand({ ...object, UploadId, PartNumber }))
    await put(url, body)
  }
  const { Parts = [] } = await journey.s3.send(new ListPartsCommand({ ...object, UploadId }))
  expect(Parts).toHaveLength(2)
  await journey.s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }))
  expect((await contentOf('parts'))?.length).toBe((5 << 20) + 8)
})

withBrowser('a form', async () => {
  const { url, fields } = await createPresignedPost(journey.s3, {
    Bucket,
    Key: 'form',
    Fields: { success_action_status: '201' },
    Conditions: [{ success_action_status: '201' }],
  })
  await page.setContent(uploadForm(url, fields, 'sent by a form'))
  await page.waitForURL(url)
  expect(await page.content()).toContain('PostResponse')
  expect(await contentOf('form')).toBe('sent by a form')
})

withBrowser('an image of a presigned URL, which tells its page by the Referer alone', async () => {
  const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
  const image = { Bucket, Key: 'pixel.gif' }
  await journey.s3.send(new PutObjectCommand({ ...image, Body: pixel, ContentType: 'image/gif' }))
  const url = await getSignedUrl(journey.s3, new GetObjectCommand(image))
  const width = await page.evaluate(`new Promise((resolve, reject) => {
    const image = new Image()
    image.onload = () => resolve(image.naturalWidth)
    image.onerror = () => reject(new Error('refused'))
    image.src = ${JSON.stringify(url)}
  })`)
  expect(width).toBe(1)
})
