// How large the console's page is, and how soon after the browser's `load` it shows the first of 10,000 objects. The latter where
// there is a Chromium on the PATH.
import { statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { chromium } from 'playwright-core'
import { consolePage } from '../console-page.mjs'

const objects = 10_000
const largest = 40_000
const slowest = 100

/**
 * @param bench what the other measurements use too
 */
export async function measureConsole({ openEmulator, report, isQuick }) {
  const size = gzipSync(await consolePage()).length
  report('the console’s page, gzip', String(size), 'bytes', undefined, `≤ ${largest} bytes`, size <= largest)
  const executablePath = findBrowser()
  if (executablePath === undefined) return
  const { emulator, s3, once } = await openEmulator('console')
  await once(
    Array.from({ length: objects }, (_, index) => s3('PUT', `/bench/${index}`, { body: Buffer.from('x') })),
    16,
  )
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  const times = []
  for (let round = 0; round < (isQuick ? 5 : 15); round++) times.push(await firstContent(browser, emulator.consoleUrl))
  await browser.close()
  await emulator.stop()
  const median = times.toSorted((a, b) => a - b)[times.length >> 1]
  const what = 'the console’s first row of 10,000 objects, after load'
  report(what, median.toFixed(0), 'ms', undefined, `≤ ${slowest} ms`, median <= slowest)
}

/** ms from the end of the page's `load` to the frame that shows the first row; the page itself takes the time, or the driver's would be in it. */
async function firstContent(browser, url) {
  const page = await browser.newPage()
  await page.addInitScript(() => {
    const look = new MutationObserver(() => {
      if (!document.querySelector('tbody tr')) return
      look.disconnect()
      requestAnimationFrame(() => (window.firstRowAt = performance.now()))
    })
    look.observe(document, { childList: true, subtree: true })
  })
  await page.goto(`${url}/#/objects/bench`)
  await page.waitForFunction(() => window.firstRowAt !== undefined)
  const time = await page.evaluate(() => {
    const [{ loadEventEnd }] = performance.getEntriesByType('navigation')
    return Math.max(0, window.firstRowAt - loadEventEnd)
  })
  await page.close()
  return time
}

/** @returns the path of a Chromium; undefined where there is none on the PATH */
export function findBrowser() {
  const paths = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'chromium'))
  return paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
}
