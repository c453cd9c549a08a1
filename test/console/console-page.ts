import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect } from '@jest/globals'
import type { Browser, Locator, Page } from 'playwright-core'
import { openBrowser, patience } from '../browser/chromium.ts'
import { type RunningProcess, startProcess } from '../process.ts'

/* The console of the built program, in a real browser. */

export interface RunningConsole {
  emulator: RunningProcess
  /** Where the console is: `http://127.0.0.1:PORT` */
  url: string
}

/** Starts the program with its console on a free port. @param flags further options of `start` */
export async function startConsole(...flags: string[]): Promise<RunningConsole> {
  const emulator = await startProcess(['--ephemeral', '--console-port', '0', ...flags])
  const url = /console\s+(http:\S+)/.exec(emulator.output())?.[1]
  if (url === undefined) throw new Error(`no console in ${emulator.output()}`)
  return { emulator, url }
}

/** A page with what it did that no page of ours may do. */
export interface WatchedPage {
  page: Page
  /** Errors of its scripts, and what the browser refused it. Answers that are refusals are none. */
  faults: string[]
  /** Requests to anywhere but the console. */
  outside: string[]
}

export async function openWatched(browser: Browser, url: string, width = 1280): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, acceptDownloads: true })
  const page = await context.newPage()
  page.setDefaultTimeout(patience)
  const faults: string[] = []
  const outside: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`) && !/^(blob|data):/.test(request.url())) outside.push(request.url())
  })
  await page.goto(`${url}/`)
  return { page, faults, outside }
}

/** What all journeys of a file share. */
export interface SharedConsole {
  readonly running: RunningConsole
  readonly watched: WatchedPage
}

/**
 * Opens a console and a page of it before the first journey of a file, and closes both behind the last.
 * @param flags further options of `start`
 */
export function shareConsole(...flags: string[]): SharedConsole {
  let running: RunningConsole
  let browser: Browser
  let watched: WatchedPage
  beforeAll(async () => {
    running = await startConsole(...flags)
    browser = await openBrowser()
    watched = await openWatched(browser, running.url)
  })
  afterAll(async () => {
    await browser?.close()
    await running.emulator.end('SIGTERM')
  })
  return {
    get running() {
      return running
    },
    get watched() {
      return watched
    },
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe has against the page as it is, one line each: WCAG 2.2, levels A and AA. */
export async function axeFaults(page: Page): Promise<string[]> {
  // In the page's own context, past its Content-Security-Policy.
  await page.evaluate(axe)
  return page.evaluate(`
    axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
      .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
}

/** Holds the page as it is against WCAG, and against what no page of ours may do. */
export async function expectClean({ page, faults, outside }: WatchedPage): Promise<void> {
  expect(await axeFaults(page)).toEqual([])
  expect([faults, outside]).toEqual([[], []])
}

/** What is found by the name that people read. */
export function named(page: Page): {
  button(name: string): Locator
  link(name: string): Locator
  box(name: string): Locator
} {
  return {
    button: (name) => page.getByRole('button', { name, exact: true }),
    link: (name) => page.getByRole('link', { name, exact: true }),
    box: (name) => page.getByRole('checkbox', { name }),
  }
}

/** What has the focus is known by the first words of its label, or by its own. */
const focused = `(() => {
  const { activeElement: element } = document
  return (element?.labels?.[0]?.firstChild ?? element)?.textContent?.trim() ?? ''
})()`

/** Presses Tab until what has the name has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; (await page.evaluate(focused)) !== name; presses++) {
    expect(presses).toBeLessThan(80)
    await page.keyboard.press('Tab')
  }
}
