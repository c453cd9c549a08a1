import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { openBrowser, withBrowser } from '../browser/chromium.ts'
import { expectClean, named, openWatched, type RunningConsole, startConsole, type WatchedPage } from './console-page.ts'

/* How objects are sealed, drawn: those that the page uploads, and those of other clients, which appear by themselves. */

const Bucket = 'sealed'
let running: RunningConsole
let browser: Browser
let watched: WatchedPage
let s3: S3Client
let kms: KMSClient
const folder = mkdtempSync(join(tmpdir(), 'console-folder-'))

beforeAll(async () => {
  running = await startConsole()
  browser = await openBrowser()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const common = { endpoint: running.emulator.endpoint, region: 'us-east-1', credentials }
  s3 = new S3Client({ ...common, forcePathStyle: true })
  kms = new KMSClient(common)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/app', TargetKeyId: KeyMetadata?.KeyId }))
  await s3.send(new CreateBucketCommand({ Bucket }))
})

beforeEach(async () => {
  watched = await openWatched(browser, running.url)
})

afterEach(async () => {
  await watched?.page.context().close()
})

afterAll(async () => {
  s3?.destroy()
  kms?.destroy()
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
  await running.emulator.end('SIGTERM')
})

const drawn = () => watched.page.getByRole('region', { name: 'How it is sealed' })
const open = (key: string) => watched.page.goto(`${running.url}/#/objects/${Bucket}?key=${encodeURIComponent(key)}`)

withBrowser(
  'A folder is uploaded under a key and a context, its calls are seen, and all of it is deleted',
  async () => {
    const { page } = watched
    const { button, link, box } = named(page)
    const letters = join(folder, 'letters')
    mkdirSync(join(letters, 'june'), { recursive: true })
    for (const name of ['a.txt', 'june/b.txt', 'june/c.txt']) writeFileSync(join(letters, name), name)

    await page.goto(`${running.url}/#/objects/${Bucket}`)
    await page.getByText('Nothing is here').waitFor()
    await page.getByLabel('Folder to upload').setInputFiles(letters)
    await page.getByLabel('Encryption').selectOption('aws:kms')
    await page.getByLabel('KMS key').selectOption({ label: 'alias/app (Enabled)' })
    await page.getByLabel('Encryption context, one').fill('tenant = a')
    await expectClean(watched)
    await button('Upload').click()

    await button('Contents of letters/').click()
    await button('Contents of letters/june/').click()
    await link('c.txt').waitFor()
    expect(await page.getByRole('cell', { name: 'SSE-KMS' }).count()).toBe(3)
    await expectClean(watched)
    await link('b.txt').click()
    await drawn().getByRole('link', { name: 'GenerateDataKey' }).waitFor()
    expect(await drawn().textContent()).toMatch(
      /alias\/app.*made by GenerateDataKey, S3 for console.*tenant\s*a.*june\/b\.txt.*1 segment/s,
    )
    await drawn().getByRole('link', { name: 'GenerateDataKey' }).click()
    await page.getByRole('heading', { name: 'GenerateDataKey: done' }).waitFor()

    await page.goBack()
    await page.goBack()
    await link('letters/').click()
    await box('Choose letters/june/').check()
    await button('Delete chosen').click()
    await button('Delete').click()
    await link('june/').waitFor({ state: 'detached' })
    await box('all keys').check()
    await button('Choose all shown').click()
    await button('Delete chosen').click()
    await expectClean(watched)
    await button('Delete').click()
    await page.getByText('Nothing is here').waitFor()
  },
)

withBrowser('A multipart upload of another client appears, and is drawn part by part', async () => {
  const { page } = watched
  await page.goto(`${running.url}/#/objects/${Bucket}`)
  await page.getByText('Nothing is here').waitFor()
  const Key = 'film.bin'
  const sizes = [5 * 1024 * 1024, 300 * 1024]
  const made = { Bucket, Key, ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/app' } as const
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(made))
  const Parts = []
  for (const [index, size] of sizes.entries()) {
    const part = { Bucket, Key, UploadId, PartNumber: index + 1, Body: Buffer.alloc(size) }
    Parts.push({ PartNumber: index + 1, ETag: (await s3.send(new UploadPartCommand(part))).ETag })
  }
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }))
  await page.getByRole('link', { name: Key }).click()
  await drawn().getByRole('link', { name: 'GenerateDataKey' }).waitFor()
  expect((await drawn().getByText(/^Part/).allTextContents()).map((text) => text.trim())).toEqual([
    'Part 1: 5.0 MiB, 20 segments, 5.0 MiB stored',
    'Part 2: 300 KiB, 2 segments, 300 KiB stored',
  ])
  expect(await drawn().textContent()).toMatch(
    /made by GenerateDataKey, S3 for test.*opened by \d+ times Decrypt.*2 parts, 22 segments/s,
  )
  await expectClean(watched)
})

withBrowser('A file is dropped under a customer’s key, which opens it and nothing else does', async () => {
  const { page } = watched
  const { button, link } = named(page)
  await page.goto(`${running.url}/#/objects/${Bucket}`)
  const transfer = await page.evaluateHandle(`
    (() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['for you alone'], 'dropped.txt', { type: 'text/plain' }))
      return transfer
    })()`)
  await page.getByRole('region', { name: `Bucket ${Bucket}` }).dispatchEvent('drop', { dataTransfer: transfer })
  await page.getByLabel('Encryption').selectOption('SSE-C')
  await button('Make one').click()
  const key = await page.getByLabel('Customer key').inputValue()
  await expectClean(watched)
  await button('Upload').click()
  await link('dropped.txt').click()
  await drawn().getByText('Customer key').waitFor()
  await button('Open').click()
  await page.getByRole('alert').getByText('The object was stored using a form of Server Side Encryption').waitFor()
  await page.getByLabel('Customer key').fill(key)
  await button('Open').click()
  await page.getByText('for you alone').waitFor()
  await expectClean(watched)
})

withBrowser(
  'Each scheme is drawn as it is: a bucket key with what else it seals, two layers, keys of others, and none',
  async () => {
    const put = (Key: string, more: object) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }))
    const bucketKey = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/app', BucketKeyEnabled: true }
    await put('one', bucketKey)
    await put('two', bucketKey)
    await put('twice', { ServerSideEncryption: 'aws:kms:dsse' })
    await put('own', { SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'k'.repeat(32) })
    await put('plain', {})
    await put('s3', { ServerSideEncryption: 'AES256' })
    await open('one')
    await drawn().getByRole('link', { name: 'two' }).waitFor()
    await drawn().getByRole('link', { name: 'GenerateDataKey' }).waitFor()
    expect(await drawn().textContent()).toMatch(
      /Bucket key.*made by GenerateDataKey.*arn:aws:s3:::sealed(?!\/).*it also seals:two/s,
    )
    await expectClean(watched)
    await drawn().getByRole('link', { name: 'two' }).click()
    await drawn().getByRole('link', { name: 'one' }).waitFor()
    const shown: Record<string, string> = {
      twice: 'Two object keys',
      own: 'Customer key',
      s3: 'Root of S3’s own',
      plain: 'it lies in clear',
    }
    for (const [key, words] of Object.entries(shown)) {
      await open(key)
      await drawn().getByText(words).waitFor()
    }
    await expectClean(watched)
  },
)
