import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, withBrowser } from '../browser/chromium.ts'
import {
  expectClean,
  named,
  openWatched,
  type RunningConsole,
  startConsole,
  tabTo,
  type WatchedPage,
} from './console-page.ts'

/* What can be done with buckets and objects, by the page alone. */

let running: RunningConsole
let browser: Browser
let watched: WatchedPage

beforeAll(async () => {
  running = await startConsole()
  browser = await openBrowser()
})

beforeEach(async () => {
  watched = await openWatched(browser, running.url)
})

afterEach(async () => {
  await watched?.page.context().close()
})

afterAll(async () => {
  await browser?.close()
  await running.emulator.end('SIGTERM')
})

async function upload(page: Page, name: string, text: string): Promise<void> {
  await page.getByLabel('Files to upload').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
  await named(page).button('Upload').click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

withBrowser('By keyboard alone: a bucket is made, a folder in it, and both are deleted', async () => {
  const { page } = watched
  const { keyboard } = page
  await page.getByText('No bucket yet').waitFor()
  await tabTo(page, 'Create bucket')
  await keyboard.press('Enter')
  await tabTo(page, 'Name')
  await keyboard.type('typed')
  await keyboard.press('Enter')
  await page.getByText('Nothing is here').waitFor()
  await tabTo(page, 'Create folder')
  await keyboard.press('Space')
  await tabTo(page, 'Name')
  await keyboard.type('drafts')
  await keyboard.press('Enter')
  await page.getByRole('link', { name: 'drafts/' }).waitFor()
  await tabTo(page, 'Delete bucket')
  await keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await tabTo(page, 'Delete bucket')
  await keyboard.press('Enter')
  await page.getByRole('alert').getByText('BucketNotEmpty').waitFor()
  await expectClean(watched)
  await keyboard.press('Escape')
  await tabTo(page, 'Empty bucket')
  await keyboard.press('Enter')
  await tabTo(page, 'Delete everything')
  await keyboard.press('Enter')
  await page.getByText('Nothing is here').waitFor()
  await tabTo(page, 'Delete bucket')
  await keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await tabTo(page, 'Delete bucket')
  await keyboard.press('Enter')
  await page.getByText('No bucket yet').waitFor()
})

withBrowser(
  'An object is tagged, described and locked, is deleted and comes back, and its versions are told apart',
  async () => {
    const { page } = watched
    const { button, link, box } = named(page)
    await button('Create bucket').click()
    await page.getByLabel('Name').fill('kept')
    await box('object lock').check()
    await expectClean(watched)
    await button('Create').click()
    await page.getByText('Nothing is here').waitFor()
    await upload(page, 'notes.txt', 'one')
    await upload(page, 'notes.txt', 'number two')

    await link('notes.txt').click()
    await page.getByRole('region', { name: 'Versions of notes.txt' }).waitFor()
    const facts = page.getByRole('region', { name: 'Object', exact: true })
    await button('Tags').click()
    await page.getByLabel('One name=value a line').fill('team = a')
    await button('Save').click()
    await facts.getByText('tag team').waitFor()

    await button('Retention').click()
    await page.getByLabel('Mode').selectOption('GOVERNANCE')
    await page.getByLabel('Until (UTC)').fill('2999-01-01T00:00')
    await box('legal hold').check()
    await expectClean(watched)
    await button('Save').click()
    await facts.getByText('GOVERNANCE until 2999').waitFor()
    await facts.getByText('Legal hold').waitFor()
    await button('Retention').click()
    await page.getByLabel('Mode').selectOption('none')
    await box('legal hold').uncheck()
    await button('Save').click()
    await page.getByRole('alert').getByText('AccessDenied').waitFor()
    await box('bypass').check()
    await button('Save').click()
    await facts.getByText('GOVERNANCE').waitFor({ state: 'detached' })

    await button('Metadata').click()
    await page.getByLabel('One header: value').fill('content-type: text/markdown\nx-amz-meta-author: ann')
    await expectClean(watched)
    await button('Save').click()
    await facts.getByText('x-amz-meta-author').waitFor()
    expect(await facts.textContent()).toMatch(/Type\s*text\/markdown.*tag team\s*a/s)
    await button('Open').click()
    await page.getByText('number two').waitFor()
    await expectClean(watched)

    await button('Delete').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('Nothing is here').waitFor()
    await box('versions').check()
    await page.getByText('delete marker').waitFor()
    expect(await page.getByRole('row').count()).toBe(5)
    await expectClean(watched)
    await page.reload()
    await page.getByText('delete marker').waitFor()
    await page.getByRole('button', { name: 'Restore notes.txt' }).click()
    await page.getByText('delete marker').waitFor({ state: 'detached' })

    await page.getByRole('row').last().getByRole('link').click()
    await button('Open').click()
    await page.getByText('one', { exact: true }).waitFor()
    await page.goBack()
    await box('versions').uncheck()
    await page.getByText('older', { exact: true }).first().waitFor({ state: 'detached' })
    await link('notes.txt').click()
    await button('Open').click()
    await page.getByText('number two').waitFor()
    await expectClean(watched)
  },
)

withBrowser(
  'A bucket’s settings are S3’s own documents, and what S3 has against one is said in its words',
  async () => {
    const { page } = watched
    const { button, link } = named(page)
    await button('Create bucket').click()
    await page.getByLabel('Name').fill('ruled')
    await button('Create').click()
    await link('Settings').click()
    await button('Begin with an example').click()
    const document = page.getByLabel('Document; empty')
    await document.fill((await document.inputValue()).replace('s3:PutObject', 's3:PutObjekt'))
    await button('Save').click()
    await page.getByRole('alert').getByText('Policy has invalid action').waitFor()
    await expectClean(watched)
    await button('Begin with an example').click()
    await button('Save').click()
    await page.getByText('Saved.').waitFor()
    for (const title of ['Default encryption', 'Versioning', 'Lifecycle', 'CORS', 'Tags', 'Object lock']) {
      await page.getByLabel('Configuration').selectOption({ label: title })
      await button('Begin with an example').click()
      await button('Save').click()
      await page.getByText('Saved.').waitFor()
    }
    await expectClean(watched)
    await link('Buckets').click()
    const row = page.getByRole('row').filter({ hasText: 'ruled' })
    await row.getByText('policy').waitFor()
    expect(await row.textContent()).toMatch(/aws:kms.*Enabled.*policy.*object lock/)
  },
)
