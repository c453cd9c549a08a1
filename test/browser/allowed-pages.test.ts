import { afterAll, beforeAll, expect } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { signer } from '../../src/protocol/signing.fixture.ts'
import { type Journey, startJourney } from '../emulator.ts'
import { openBrowser, openPage, openSite, type Site, withBrowser } from './chromium.ts'

/* A page of an origin given by --allow-origin calls KMS and STS and reads what they answer; one of another origin does not. */

let journey: Journey
let site: Site
let browser: Browser

beforeAll(async () => {
  site = await openSite(() => '<h1>Application</h1>')
  journey = await startJourney({ allowOrigins: [`http://app.test:${site.port}`] })
  browser = await openBrowser(
    '--host-resolver-rules=MAP *.test 127.0.0.1',
    '--disable-features=LocalNetworkAccessChecks',
  )
})

afterAll(async () => {
  await browser.close()
  site.close()
  await journey.stop()
})

const calls = {
  kms: { type: 'application/x-amz-json-1.1', target: 'TrentService.ListKeys', body: '{}', answer: '"Keys":[]' },
  sts: {
    type: 'application/x-www-form-urlencoded',
    target: undefined,
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
    answer: 'GetCallerIdentityResponse',
  },
}

/** What a page sees of a call that is signed for it: status and text, or the name of an error. */
async function seenBy(host: string, service: keyof typeof calls): Promise<unknown> {
  const { type, target, body } = calls[service]
  const { hostname, port, host: named } = new URL(journey.endpoint)
  const headers = { host: named, 'content-type': type, ...(target && { 'x-amz-target': target }) }
  const request = { method: 'POST', protocol: 'http:', hostname, port: Number(port), path: '/', headers, body }
  const signed = await signer(service, { accessKeyId: 'test', secretAccessKey: 'test' }).sign(request)
  const { host: _, ...own } = signed.headers
  const page = await openPage(browser)
  await page.goto(`http://${host}:${site.port}/`)
  const options = JSON.stringify({ method: 'POST', headers: own, body })
  return page.evaluate(`fetch(${JSON.stringify(`${journey.endpoint}/`)}, ${options}).then(
    async (answer) => [answer.status, await answer.text()],
    (error) => error.name,
  )`)
}

withBrowser.each(['kms', 'sts'] as const)(
  '%s is called by the page that is allowed, and by no other',
  async (service) => {
    const { answer } = calls[service]
    expect(await seenBy('app.test', service)).toEqual([200, expect.stringContaining(answer)])
    expect(await seenBy('evil.test', service)).toBe('TypeError')
    expect(await seenBy('localhost', service)).toBe('TypeError')
  },
)
