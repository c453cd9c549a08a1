import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, expect } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, withBrowser } from '../browser/chromium.ts'
import { type RunningConsole, startConsole } from './console-page.ts'

/*
 * A page that somebody stored in a bucket, opened from the console and by its own address: its script reaches neither the console nor
 * the control API.
 */

const Bucket = 'pages'
const Key = 'evil.html'
let running: RunningConsole
let browser: Browser
let s3: S3Client

beforeAll(async () => {
  running = await startConsole()
  browser = await openBrowser()
  s3 = new S3Client({
    endpoint: running.emulator.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  await s3.send(new CreateBucketCommand({ Bucket }))
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: attack(running), ContentType: 'text/html' }))
})

afterAll(async () => {
  s3?.destroy()
  await browser?.close()
  await running.emulator.end('SIGTERM')
})

/** Tries to read what the console and the control API give, and to change something; says in its title what it got. */
function attack({ url, emulator }: RunningConsole): string {
  const targets = [`${url}/`, `${url}/api/buckets`, `${url}/s3/${Bucket}`, `${emulator.endpoint}/_s3kms/keys`]
  return `<!doctype html><title>trying</title><p>stored page</p><script>
    const read = (target) => fetch(target).then((answer) => answer.ok ? answer.text() : '').catch(() => '')
    const post = (target) => fetch(target, { method: 'POST', mode: 'no-cors' }).catch(() => '')
    const all = ${JSON.stringify(targets)}
    Promise.all([...all.map(read), post(${JSON.stringify(`${url}/control/reset`)}), post(${JSON.stringify(
      `${emulator.endpoint}/_s3kms/reset`,
    )})]).then((got) => { document.title = 'got ' + got.slice(0, all.length).join('|') })
  </script>`
}

/** Whether the bucket is still there: no reset went through. */
async function expectUntouched(): Promise<void> {
  await s3.send(new GetObjectCommand({ Bucket, Key })).then(({ Body }) => Body?.transformToString())
}

withBrowser('By its own address, its script gets nothing and changes nothing', async () => {
  const page: Page = await openPage(browser)
  await page.goto(await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key })))
  await page.waitForFunction("document.title !== 'trying'")
  expect(await page.title()).toBe('got |||')
  await expectUntouched()
})

withBrowser('Opened from the console, it is shown, and its script does not run', async () => {
  const page: Page = await openPage(browser)
  await page.goto(`${running.url}/#/objects/${Bucket}?key=${Key}`)
  await page.getByRole('button', { name: 'Open' }).click()
  const frame = page.frameLocator('iframe')
  await frame.getByText('stored page').waitFor()
  expect(await frame.locator('title').textContent()).toBe('trying')
  await expectUntouched()
})

withBrowser('At the console’s own path of S3 it is no page, but bytes for those who have the token', async () => {
  const page: Page = await openPage(browser)
  const answer = await page.goto(`${running.url}/s3/${Bucket}/${Key}`)
  expect([answer?.status(), answer?.headers()['content-type']]).toEqual([403, 'application/json'])
})
