import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { openBrowser, withBrowser } from '../browser/chromium.ts'
import { expectClean, openWatched, type RunningConsole, startConsole, type WatchedPage } from './console-page.ts'

/* Who may do what, and what can be done to the emulator itself. */

let running: RunningConsole
let browser: Browser
let watched: WatchedPage

beforeAll(async () => {
  running = await startConsole('--fixtures', 'fixtures/permissions.yaml')
  browser = await openBrowser()
})

beforeEach(async () => {
  watched = await openWatched(browser, running.url, 360)
})

afterAll(async () => {
  await browser?.close()
  await running.emulator.end('SIGTERM')
})

withBrowser('Whether somebody may do something is answered with every statement that was weighed', async () => {
  const { page } = watched
  await page.getByRole('link', { name: 'Access' }).click()
  await page.getByText('arn:aws:iam::000000000000:user/app', { exact: true }).waitFor()
  await page.getByLabel('Who: a name').fill('app')
  await page.getByLabel('Action').fill('s3:DeleteBucket')
  await page.getByLabel('Resource: an ARN').fill('arn:aws:s3:::tenants')
  await page.getByRole('button', { name: 'Ask' }).click()
  await page.getByText('refused', { exact: true }).waitFor()
  await page.getByText('because no identity-based policy allows the s3:DeleteBucket action').first().waitFor()
  const other = page
    .getByRole('listitem')
    .filter({ hasText: 'identity policy tenant-a, statement 1 "TenantA" (Allow)' })
  expect(await other.textContent()).toMatch(
    /caller fits\..*action does not fit\..*resource was not looked at\..*Action.*kms:.*the request has.*s3:DeleteBucket/,
  )
  await expectClean(watched)
})

withBrowser('A bucket policy is written where access is looked at, and S3 says what is wrong with one', async () => {
  const { page } = watched
  await page.getByRole('link', { name: 'Access' }).click()
  await page.getByRole('combobox', { name: 'Bucket' }).selectOption('tenants')
  const document = page.getByLabel('Document; empty')
  const statement = { Effect: 'Deny', Principal: '*', Action: 's3:DeleteBucket', Resource: 'arn:aws:s3:::other' }
  await document.fill(JSON.stringify({ Version: '2012-10-17', Statement: [statement] }))
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('MalformedPolicy').waitFor()
  await page.getByText('Policy has invalid resource').waitFor()
  await document.fill(
    JSON.stringify({ Version: '2012-10-17', Statement: [{ ...statement, Resource: 'arn:aws:s3:::tenants' }] }),
  )
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByRole('option', { name: 'tenants, has one' }).waitFor({ state: 'attached' })
  await expectClean(watched)
})

withBrowser(
  'The clock is turned, a fault is added and ended, a snapshot is kept and loaded, and what lies how is looked at',
  async () => {
    const { page } = watched
    const button = (name: string | RegExp) => page.getByRole('button', { name })
    await page.getByRole('link', { name: 'Lab' }).click()
    await button('Freeze').click()
    await page.getByText('stands still').waitFor()
    await page.getByLabel('By').selectOption('7d')
    await button('Advance').click()
    await page.getByText('this machine:').waitFor()

    await page.getByLabel('Name').fill('before')
    await button('Save snapshot').click()
    await page.getByText('before is kept.').waitFor()
    await button('Load before').click()
    await button(/^Load$/).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    await page.getByText('Nothing goes wrong on purpose.').waitFor()
    await button('Add fault').click()
    await page.getByText('struck 0 of 0 calls').waitFor()
    await button('End all').click()
    await page.getByText('Nothing goes wrong on purpose.').waitFor()

    await button('Look at everything').click()
    await page.getByRole('region', { name: 'Objects by scheme and key' }).waitFor()
    await expectClean(watched)
  },
)
