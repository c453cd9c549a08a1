import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from '@jest/globals'
import { type HttpCall, readCall, readHead } from '../protocol/http.ts'
import { type BrowserGuardOptions, createBrowserGuard } from './browser-guard.ts'
import type { Choose } from './listener.ts'

interface Asked {
  remoteAddress?: string
  headers?: Record<string, string>
}

function requestOf({ remoteAddress = '127.0.0.1', headers = {} }: Asked): [HttpCall, IncomingMessage] {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
  const rawHeaders = Object.entries({ host: '127.0.0.1:4566', ...headers }).flat()
  const incoming = Object.assign(new IncomingMessage(socket), { rawHeaders })
  return [readCall(incoming, readHead(incoming)), incoming]
}

const options: BrowserGuardOptions = {
  allowOrigins: ['https://app.test:8443', 'null'],
  baseDomains: ['S3.Dev.test'],
  deny: (_, message) => ({ status: 403, headers: {}, body: `denied: ${message}` }),
}

/** Who is chosen tells whether proof is asked for. */
const choose: Choose =
  () =>
  async ({ foreignPage }) => {
    const body = foreignPage === undefined ? 'let in' : `unless proven: ${foreignPage.refusal}`
    return { status: 200, headers: {}, body }
  }

/** What becomes of a request: it is let in, denied, or asked for proof; the last two with their words. */
async function outcomeOf(asked: Asked, guarded = createBrowserGuard(options).guarded(choose)): Promise<unknown> {
  const request = requestOf(asked)
  return (await guarded(...request)(request[0])).body
}

test.each([
  'localhost:4566',
  'localhost.',
  'bucket.localhost:4566',
  'bucket.s3.localhost',
  'a.b.s3.us-east-1.localhost',
  '127.0.0.1:4566',
  '[::1]:4566',
  '192.168.1.7:4566',
  's3.amazonaws.com',
  'bucket.s3.eu-west-1.amazonaws.com',
  'kms.us-east-1.amazonaws.com:443',
  's3.cn-north-1.amazonaws.com.cn',
  'host.docker.internal:4566',
  's3.dev.test',
  'Bucket.s3.dev.TEST:4566',
  '',
])('This machine may call as %j', async (host) => {
  expect(await outcomeOf({ headers: { host } })).toBe('let in')
})

test.each([
  'evil.test',
  'evil.test:4566',
  'localhost.evil.test:4566',
  '127.0.0.1.evil.test',
  's3.us-east-1.evil.test',
  's3.amazonaws.com.evil.test',
  'evil-amazonaws.com',
  'notlocalhost',
  'emulator:4566',
  'xs3.dev.test',
  'localhost:4566:evil.test',
])('This machine may not call as %j, which is refused in words that name the option', async (host) => {
  expect(await outcomeOf({ headers: { host } })).toMatch(/^denied: .* --base-domain [^ ]+$/)
})

test('A foreign host is refused by any address of this machine', async () => {
  for (const remoteAddress of ['127.0.0.1', '127.0.0.2', '::1', '::ffff:127.0.0.1']) {
    expect(await outcomeOf({ remoteAddress, headers: { host: 'evil.test' } })).toMatch(/^denied: 'evil\.test' /)
  }
})

test.each(['172.17.0.1', '::ffff:172.18.0.5', 'fe80::1', '192.168.1.9'])(
  'A client at %s may call by any name',
  async (remoteAddress) => {
    expect(await outcomeOf({ remoteAddress, headers: { host: 'emulator:4566' } })).toBe('let in')
  },
)

test.each([
  ['no browser', {}],
  ['a page of any port', { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }],
  ['a page at another of our addresses', { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'cross-site' }],
  ['a page over IPv6', { origin: 'http://[::1]:3000' }],
  ['a page over TLS', { origin: 'https://app.localhost' }],
  ['a page that was allowed', { origin: 'https://app.test:8443', 'sec-fetch-site': 'cross-site' }],
  ['a page without an origin, where that was allowed', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['an address typed by hand', { 'sec-fetch-site': 'none' }],
  ['an image of our own origin', { 'sec-fetch-site': 'same-origin' }],
  ['an image of our own page', { 'sec-fetch-site': 'cross-site', referer: 'http://localhost:3000/page' }],
  ['an image of a page that was allowed', { 'sec-fetch-site': 'cross-site', referer: 'https://app.test:8443/' }],
])('%s is let in', async (_, headers) => {
  expect(await outcomeOf({ headers: { ...headers } })).toBe('let in')
})

test.each([
  ['a page', { origin: 'http://evil.test' }, 'http://evil.test'],
  ['a page on another port than the one allowed', { origin: 'https://app.test' }, 'https://app.test'],
  ['a name that begins like ours', { origin: 'http://localhost.evil.test' }, 'http://localhost.evil.test'],
  ['an address in a foreign name', { origin: 'http://127.0.0.1.evil.test' }, 'http://127.0.0.1.evil.test'],
  ['another program of this machine', { origin: 'app://localhost' }, 'app://localhost'],
  ['two origins', { origin: 'http://localhost, http://evil.test' }, 'http://localhost, http://evil.test'],
  ['no origin at all', { origin: '' }, ''],
  [
    'a page that says to be of this site',
    { origin: 'http://evil.test', 'sec-fetch-site': 'same-origin' },
    'http://evil.test',
  ],
  [
    'an image of a foreign page',
    { 'sec-fetch-site': 'cross-site', referer: 'http://evil.test/localhost' },
    'http://evil.test',
  ],
  ['a foreign page that names none', { 'sec-fetch-site': 'cross-site' }, 'ORIGIN'],
  ['a value that browsers may send one day', { 'sec-fetch-site': 'other' }, 'ORIGIN'],
])('%s must prove a known key, in words that name the option', async (_, headers, page) => {
  for (const remoteAddress of ['127.0.0.1', '172.17.0.1']) {
    const outcome = await outcomeOf({ remoteAddress, headers: { ...headers } })
    expect(outcome).toMatch(/^unless proven: /)
    expect(outcome).toContain(`--allow-origin ${page}`)
  }
})

test('A name is still known and a foreign one still refused after thousands of others', async () => {
  const guarded = createBrowserGuard(options).guarded(choose)
  for (let index = 0; index < 3000; index++) {
    expect(await outcomeOf({ headers: { host: `b${index}.localhost` } }, guarded)).toBe('let in')
    expect(await outcomeOf({ headers: { host: `b${index}.evil.test` } }, guarded)).toMatch(/^denied: /)
  }
})
