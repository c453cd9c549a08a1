import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type Journey, startJourney } from '../emulator.ts'
import { openWebsite, upload } from '../website/visitor.ts'
import { openBrowser, openPage, openSite, type Site, withBrowser } from './chromium.ts'

/* A website as a person sees it: Chromium takes names under localhost to this machine by itself. */

const Bucket = 'visited'
let journey: Journey
let elsewhere: Site
let browser: Browser
let page: Page
let site: string

beforeAll(async () => {
  journey = await startJourney()
  site = `http://${Bucket}.s3-website.localhost:${journey.port}`
  await openWebsite(journey, Bucket, { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'sorry.html' } })
  const style = '<link rel="stylesheet" href="/style.css">'
  await upload(journey, Bucket, 'index.html', `${style}<title>Front</title><a href="docs">Docs</a>`)
  await upload(journey, Bucket, 'style.css', 'a { color: rgb(1, 2, 3) }', { ContentType: 'text/css' })
  await upload(journey, Bucket, 'script.js', 'var seen = 1', { ContentType: 'text/javascript' })
  await upload(journey, Bucket, 'docs/index.html', '<title>Docs</title><a href="page.html">Page</a>')
  await upload(journey, Bucket, 'docs/page.html', '<title>Page</title>')
  await upload(journey, Bucket, 'sorry.html', '<title>Sorry</title>')
  elsewhere = await openSite(() => `<a href="${site}/">There</a>`)
  browser = await openBrowser(
    '--host-resolver-rules=MAP evil.test 127.0.0.1',
    '--disable-features=LocalNetworkAccessChecks',
  )
})

afterAll(async () => {
  await browser.close()
  elsewhere.close()
  await journey.stop()
})

beforeEach(async () => {
  page = await openPage(browser)
})

withBrowser('links lead through folders, styles are applied, and what is missing is told', async () => {
  await page.goto(site)
  expect(await page.title()).toBe('Front')
  expect(await page.evaluate("getComputedStyle(document.querySelector('a')).color")).toBe('rgb(1, 2, 3)')
  await page.click('a')
  await page.waitForURL(`${site}/docs/`)
  expect(await page.title()).toBe('Docs')
  await page.click('a')
  await page.waitForURL(`${site}/docs/page.html`)
  const missing = await page.goto(`${site}/none`)
  expect([missing?.status(), await page.title()]).toEqual([403, 'Sorry'])
})

withBrowser('a link of another site is followed, and what that site embeds is refused', async () => {
  await page.goto(`http://evil.test:${elsewhere.port}/`)
  const embedded = await page.evaluate(`new Promise((resolve) => {
    const script = document.createElement('script')
    script.onload = () => resolve('run')
    script.onerror = () => resolve('refused')
    script.src = ${JSON.stringify(`${site}/script.js`)}
    document.body.append(script)
  })`)
  expect(embedded).toBe('refused')
  await page.click('a')
  await page.waitForURL(`${site}/`)
  expect(await page.title()).toBe('Front')
})
