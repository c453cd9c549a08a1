import { KMSClient, ListAliasesCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, withBrowser } from '../browser/chromium.ts'
import { named, openWatched, type RunningConsole, startConsole } from './console-page.ts'

/* Much of everything: the page asks for a page of it, and shows no more. What others do shows by itself. */

const Bucket = 'many'
let running: RunningConsole
let browser: Browser
let page: Page
let s3: S3Client
let kms: KMSClient
/** How many things each answer had. */
const lengths: number[] = []

beforeAll(async () => {
  running = await startConsole()
  browser = await openBrowser()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const common = { endpoint: running.emulator.endpoint, region: 'us-east-1', credentials }
  s3 = new S3Client({ ...common, forcePathStyle: true })
  kms = new KMSClient(common)
  await s3.send(new CreateBucketCommand({ Bucket }))
  const put = (_: unknown, index: number) =>
    s3.send(new PutObjectCommand({ Bucket, Key: `key-${String(index).padStart(3, '0')}`, Body: 'x' }))
  await Promise.all(Array.from({ length: 250 }, put))
  await Promise.all(Array.from({ length: 250 }, () => kms.send(new ListKeysCommand({}))))
  page = (await openWatched(browser, running.url)).page
  page.on('response', async (answer) => {
    if (!/\/api\/(objects|events|keys|buckets)\b/.test(answer.url())) return
    const body = await answer.json()
    lengths.push((body.rows ?? body.events ?? body.keys ?? body.buckets).length)
  })
})

afterAll(async () => {
  s3?.destroy()
  kms?.destroy()
  await browser?.close()
  await running.emulator.end('SIGTERM')
})

const rowCount = () => page.locator('tbody tr').count()

withBrowser(
  'Keys of a bucket come two hundred at a time, each page has its address, and the browser leads back',
  async () => {
    await page.goto(`${running.url}/#/objects/${Bucket}`)
    await page.getByRole('link', { name: 'key-199' }).waitFor()
    expect(await rowCount()).toBe(200)
    await named(page).link('More keys').click()
    await page.getByRole('link', { name: 'key-249' }).waitFor()
    expect(await rowCount()).toBe(50)
    await page.reload()
    await page.getByRole('link', { name: 'key-249' }).waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'key-000' }).waitFor()
    expect(Math.max(...lengths)).toBeLessThanOrEqual(200)
  },
)

withBrowser('An object that another client writes, changes and deletes shows without a reload', async () => {
  await page.goto(`${running.url}/#/objects/${Bucket}?prefix=other`)
  await page.getByText('Nothing is here').waitFor()
  await s3.send(new PutObjectCommand({ Bucket, Key: 'other', Body: 'from elsewhere' }))
  await page.getByRole('cell', { name: '14 B' }).waitFor()
  await s3.send(new PutObjectCommand({ Bucket, Key: 'other', Body: 'longer, from elsewhere' }))
  await page.getByRole('cell', { name: '22 B' }).waitFor()
})

withBrowser('Calls come a hundred at a time; those that are made meanwhile come before them', async () => {
  await page.goto(`${running.url}/#/calls`)
  await page.getByRole('link', { name: 'ListKeys' }).nth(99).waitFor()
  expect(await rowCount()).toBe(100)
  await kms.send(new ListAliasesCommand({}))
  // The page may be read anew meanwhile, and has a hundred then: the new one is the first of them either way.
  await page.locator('tbody tr').first().getByRole('link', { name: 'ListAliases' }).waitFor()
  expect(await page.getByRole('link', { name: 'ListKeys' }).count()).toBeGreaterThanOrEqual(99)
  await named(page).link('More calls').click()
  await named(page).link('First calls').waitFor()
  await page.getByRole('link', { name: 'ListKeys' }).nth(99).waitFor()
  expect(await rowCount()).toBe(100)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(200)
})

withBrowser('Buckets come two hundred at a time, and all can be chosen for their policy', async () => {
  const more = Array.from({ length: 204 }, (_, index) => `more-${String(index).padStart(3, '0')}`)
  await Promise.all(more.map((name) => s3.send(new CreateBucketCommand({ Bucket: name }))))
  await page.goto(`${running.url}/#/objects`)
  await named(page).link('more-198').waitFor()
  expect(await rowCount()).toBe(200)
  await named(page).link('More buckets').click()
  await named(page).link('more-203').waitFor()
  expect(await rowCount()).toBe(5)
  await page.reload()
  await named(page).link('more-203').waitFor()
  await named(page).link('First buckets').click()
  await named(page).link(Bucket).waitFor()
  await named(page).link('Access').click()
  await page.getByRole('region', { name: 'Bucket policies' }).getByRole('combobox').first().selectOption('more-203')
})
