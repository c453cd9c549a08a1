import { expect } from '@jest/globals'
import { withBrowser } from '../browser/chromium.ts'
import { expectClean, shareConsole, tabTo } from './console-page.ts'

/* Keys, calls and the lab by keyboard alone; buckets and objects are in objects.test.ts. */

const shared = shareConsole()

async function press(name: string): Promise<void> {
  await tabTo(shared.watched.page, name)
  await shared.watched.page.keyboard.press('Enter')
}

async function typeInto(name: string, text: string): Promise<void> {
  await tabTo(shared.watched.page, name)
  await shared.watched.page.keyboard.type(text)
}

withBrowser('A key is made, disabled, enabled, given up and kept', async () => {
  const { page } = shared.watched
  await page.getByText('No bucket yet').waitFor()
  await press('Keys')
  await page.getByText('No key yet').waitFor()
  await press('Create key')
  await typeInto('Alias, behind alias/', 'typed')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'KMS keys / alias/typed' }).waitFor()
  await press('Disable')
  await page.getByText('Disabled', { exact: true }).waitFor()
  await press('Enable')
  await page.getByText('Enabled', { exact: true }).waitFor()
  await press('Schedule deletion')
  await page.getByRole('dialog').waitFor()
  await tabTo(page, 'Days to wait, 7 to 30')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await press('Cancel deletion')
  await page.getByText('Disabled', { exact: true }).waitFor()
  await expectClean(shared.watched)
})

withBrowser('A call is chosen and opened', async () => {
  const { page } = shared.watched
  await press('Calls')
  await page.getByRole('cell', { name: 'DisableKey' }).waitFor()
  await tabTo(page, 'Call')
  await page.keyboard.type('CreateA')
  await page.getByRole('cell', { name: 'DisableKey' }).waitFor({ state: 'detached' })
  await press('CreateAlias')
  await page.getByRole('heading', { name: 'Record' }).waitFor()
  await expectClean(shared.watched)
})

withBrowser('The clock is turned on, something goes wrong on purpose, and a snapshot is put back', async () => {
  const { page } = shared.watched
  await press('Lab')
  await press('Advance')
  await page.getByText('this machine:').waitFor()
  await tabTo(page, 'Begin with')
  await page.keyboard.type('KMS')
  await press('Add fault')
  await page.getByText('struck 0 of 0 calls').waitFor()
  await press('End all')
  await page.getByText('Nothing goes wrong on purpose.').waitFor()
  await typeInto('Name', 'typed')
  await page.keyboard.press('Enter')
  await page.getByText('typed is kept.').waitFor()
  await press('Load typed')
  await page.getByRole('dialog').waitFor()
  await press('Load')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await expectClean(shared.watched)
  expect(await page.getByRole('alert').count()).toBe(0)
})
