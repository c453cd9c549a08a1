import { GetObjectCommand } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { afterAll, beforeAll, expect } from '@jest/globals'
import { type Journey, startJourney } from '../emulator.ts'
import { openBrowser, openPage, openSite, uploadForm, withBrowser } from './chromium.ts'

/** A real form in a real browser. */

const Bucket = 'browser'
let journey: Journey
let keyArn: string

beforeAll(async () => {
  journey = await startJourney()
  keyArn = await journey.createKey()
  await journey.createBucket(Bucket)
})

afterAll(() => journey.stop())

withBrowser('a browser posts a form under SSE-KMS, is sent on, and the file is there, sealed', async () => {
  const sse = { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': keyArn }
  const content = 'posted by a browser, å ä ö'
  let html = ''
  const site = await openSite((path) => (path.startsWith('/uploaded') ? '<h1>Thank you</h1>' : html))
  const origin = `http://127.0.0.1:${site.port}`
  const Fields = { ...sse, success_action_redirect: `${origin}/uploaded`, 'Content-Type': 'text/plain' }
  const Conditions = Object.entries(Fields).map(([name, value]) => ({ [name]: value }))
  // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
  const form = await createPresignedPost(journey.s3, { Bucket, Key: 'visitors/${filename}', Fields, Conditions })
  html = uploadForm(form.url, form.fields, content, 'från en webbläsare.txt')
  const browser = await openBrowser()
  try {
    const page = await openPage(browser)
    const calls = await journey.kmsCallsDuring(async () => {
      await page.goto(`${origin}/`)
      await page.waitForURL(/\/uploaded/)
    })
    const arrival = new URL(page.url()).searchParams
    const Key = arrival.get('key') ?? ''
    expect(Key).toBe('visitors/från en webbläsare.txt')
    expect(arrival.get('bucket')).toBe(Bucket)
    const encryptionContext = { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/${Key}` }
    expect(calls).toMatchObject([{ eventName: 'GenerateDataKey', requestParameters: { encryptionContext } }])
    expect(calls).toHaveLength(1)
    const stored = await journey.s3.send(new GetObjectCommand({ Bucket, Key }))
    expect(await stored.Body?.transformToString()).toBe(content)
    expect(stored).toMatchObject({ SSEKMSKeyId: keyArn, ETag: arrival.get('etag'), ContentType: 'text/plain' })
  } finally {
    await browser.close()
    site.close()
  }
})
