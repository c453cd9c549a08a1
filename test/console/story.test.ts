import { expect } from '@jest/globals'
import { withBrowser } from '../browser/chromium.ts'
import { axeFaults, shareConsole } from './console-page.ts'

/* What the console is for: an object is sealed, its calls are seen, its key is disabled, the refusal is read and its reason, and undone. */

const shared = shareConsole()

withBrowser('From an empty emulator to a refused Decrypt and its reason, and back', async () => {
  const { page } = shared.watched
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const isAccessible = async () => expect(await axeFaults(page)).toEqual([])

  await page.getByText('No bucket yet').waitFor()
  await isAccessible()

  await page.getByRole('link', { name: 'Keys' }).click()
  await page.getByText('No key yet').waitFor()
  await button('Create key').click()
  await page.getByLabel('Alias, behind alias/').fill('app')
  await isAccessible()
  await button('Create').click()
  await page.getByRole('heading', { name: 'KMS keys / alias/app' }).waitFor()

  await page.getByRole('link', { name: 'Objects' }).click()
  await button('Create bucket').click()
  await page.getByLabel('Name').fill('uploads')
  await button('Create').click()
  await page.getByText('Nothing is here').waitFor()

  await page.getByLabel('Files to upload').setInputFiles({
    name: 'hello.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('hello, console'),
  })
  await page.getByLabel('Encryption').selectOption('aws:kms')
  await page.getByLabel('KMS key').selectOption({ label: 'alias/app (Enabled)' })
  await page.getByLabel('Encryption context, one').fill('tenant = a')
  await isAccessible()
  await button('Upload').click()
  await page.getByRole('cell', { name: 'SSE-KMS' }).waitFor()
  await isAccessible()

  await page.getByRole('link', { name: 'hello.txt' }).click()
  await page.getByText('Data key').waitFor()
  const sealed = page.getByRole('region', { name: 'How it is sealed' })
  await sealed.getByText('alias/app').waitFor()
  expect(await sealed.textContent()).toMatch(/alias\/app.*tenant\s*a.*1 segment/s)
  await page.getByRole('cell', { name: 'GenerateDataKey' }).waitFor()
  await page.getByRole('cell', { name: /^S3 for \w+$/ }).waitFor()
  await isAccessible()

  await sealed.getByRole('link', { name: 'alias/app' }).click()
  await button('Disable').click()
  await page.getByText('Disabled', { exact: true }).waitFor()
  await isAccessible()

  await page.goBack()
  await button('Open').click()
  const refusal = page.getByRole('alert')
  await refusal.waitFor()
  expect(await refusal.textContent()).toMatch(/^KMS\.DisabledException: arn:aws:kms:\S+ is disabled\./)
  await page.getByRole('link', { name: 'why?' }).click()
  await page.getByRole('heading', { name: 'Decrypt: refused, DisabledException' }).waitFor()
  await isAccessible()

  await page.getByRole('link', { name: 'Calls' }).first().click()
  await page.getByLabel('Error').selectOption('DisabledException')
  await page.getByRole('link', { name: 'Decrypt' }).first().click()
  await page.getByRole('heading', { name: 'Record' }).waitFor()
  await isAccessible()
  await page.getByRole('link', { name: 'alias/app' }).first().click()
  await button('Enable').click()
  await page.getByText('Enabled', { exact: true }).waitFor()

  await page.goto(`${shared.running.url}/#/objects/uploads?key=hello.txt`)
  await button('Open').click()
  await page.getByText('hello, console').waitFor()
  expect([shared.watched.faults, shared.watched.outside]).toEqual([[], []])
})
