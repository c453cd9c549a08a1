import { expect } from '@jest/globals'
import { withBrowser } from '../browser/chromium.ts'
import { expectClean, named, shareConsole } from './console-page.ts'

/* What the lab does shows in the other views. */

const shared = shareConsole()

const file = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('content') }

withBrowser('A fault makes an upload fail and its call shows it; a snapshot brings back what was deleted', async () => {
  const { page } = shared.watched
  const { button, link } = named(page)
  await button('Create bucket').click()
  await page.getByLabel('Name').fill('tried')
  await button('Create').click()
  await page.getByText('Nothing is here').waitFor()

  await link('Lab').click()
  await page.getByLabel('Begin with').selectOption('KMS is away')
  await button('Add fault').click()
  await page.getByText('struck 0 of 0 calls').waitFor()
  await page.goto(`${shared.running.url}/#/objects/tried`)
  await page.getByLabel('Files to upload').setInputFiles(file)
  await page.getByLabel('Encryption').selectOption('aws:kms')
  await button('Upload').click()
  const refusal = page.getByRole('alert')
  await refusal.waitFor()
  expect(await refusal.textContent()).toMatch(/^InternalError: We encountered an internal error/)
  await expectClean(shared.watched)
  await button('Cancel').click()

  await link('Calls').click()
  await page.getByRole('cell', { name: 'KMSInternalException' }).first().waitFor()
  await link('Lab').click()
  await page.getByText(/struck [1-9]\d* of [1-9]\d* calls/).waitFor()
  await button('End all').click()
  await page.getByText('Nothing goes wrong on purpose.').waitFor()

  await page.goto(`${shared.running.url}/#/objects/tried`)
  await page.getByLabel('Files to upload').setInputFiles(file)
  await page.getByLabel('Encryption').selectOption('aws:kms')
  await button('Upload').click()
  await link('a.txt').waitFor()
  await link('Lab').click()
  await page.getByLabel('Name').fill('with-a')
  await button('Save snapshot').click()
  await page.getByText('with-a is kept.').waitFor()
  await page.goto(`${shared.running.url}/#/objects/tried`)
  await button('Choose all shown').click()
  await button('Delete chosen').click()
  await button('Delete').click()
  await page.getByText('Nothing is here').waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'Load with-a' }).click()
  await expectClean(shared.watched)
  await button('Load').click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.goForward()
  await link('a.txt').click()
  await button('Open').click()
  await page.getByText('content', { exact: true }).waitFor()
  await expectClean(shared.watched)
})
