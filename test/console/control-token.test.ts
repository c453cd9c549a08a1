import { afterAll, beforeAll, expect } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, withBrowser } from '../browser/chromium.ts'
import { axeFaults, type RunningConsole, startConsole } from './console-page.ts'

/* The console of a container: it is asked for by a name that is not this machine’s, and wants the --control-token. */

const token = 'a token, that nobody guesses'
let running: RunningConsole
let browser: Browser
let address: string

beforeAll(async () => {
  running = await startConsole('--host', '0.0.0.0', '--control-token', token)
  browser = await openBrowser('--host-resolver-rules=MAP emulator.test 127.0.0.1')
  address = `http://emulator.test:${new URL(running.url).port}`
})

afterAll(async () => {
  await browser?.close()
  await running.emulator.end('SIGTERM')
})

async function open(hash = ''): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(180_000)
  await page.goto(`${address}/${hash}`)
  return page
}

withBrowser('The token is entered once, and kept until the tab is closed', async () => {
  const page = await open()
  expect(await page.content()).toContain('<meta name="s3kms-token" content="">')
  await page.getByLabel('--control-token').waitFor()
  expect(await axeFaults(page)).toEqual([])
  await page.getByLabel('--control-token').fill(token)
  await page.keyboard.press('Enter')
  await page.getByText('No bucket yet').waitFor()
  await page.reload()
  await page.getByText('No bucket yet').waitFor()
  expect(await page.evaluate('[Object.keys(localStorage), document.cookie]')).toEqual([[], ''])
  const other = await page.context().newPage()
  await other.goto(address)
  await other.getByLabel('--control-token').waitFor()
})

withBrowser('The link that the start message prints has it, and the address forgets it', async () => {
  expect(running.emulator.output()).toContain(`/#token=${encodeURIComponent(token)}`)
  const page = await open(`#token=${encodeURIComponent(token)}`)
  await page.getByText('No bucket yet').waitFor()
  expect(page.url()).toBe(`${address}/`)
})

withBrowser('A wrong token is refused, and another can be entered', async () => {
  const page = await open('#token=guessed')
  await page.getByText('The page’s token, or the bearer of --control-token').waitFor()
  await page.getByLabel('--control-token').fill(token)
  await page.keyboard.press('Enter')
  await page.getByText('No bucket yet').waitFor()
})

withBrowser('A link that is not encoded rightly opens all the same', async () => {
  const page = await open('#token=%')
  await page.getByLabel('--control-token').fill(token)
  await page.keyboard.press('Enter')
  await page.getByText('No bucket yet').waitFor()
  await page.goto(`${address}/#/objects/100%25-%`)
  await page.getByText('There is no bucket 100%25-%').waitFor()
})
