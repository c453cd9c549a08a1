import type { RoutingRule } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from '../emulator.ts'
import { configure, openWebsite, upload, visit } from './visitor.ts'

const Bucket = 'rules'
const host = `${Bucket}.s3-website.localhost`
let journey: Journey
let here: string

beforeAll(async () => {
  journey = await startJourney()
  here = `http://${host}:${journey.port}`
  await openWebsite(journey, Bucket, { IndexDocument: { Suffix: 'index.html' } }, ['s3:GetObject', 's3:ListBucket'])
  await upload(journey, Bucket, 'index.html', 'front')
  await upload(journey, Bucket, 'docs/index.html', 'docs')
  await upload(journey, Bucket, 'docs/page', 'page')
  await upload(journey, Bucket, 'moved', '', { WebsiteRedirectLocation: '/docs/page' })
})
afterAll(() => journey.stop())

/** Where a path leads under these rules: the status, and the place or the content. */
async function outcomeOf(path: string, ...RoutingRules: RoutingRule[]): Promise<unknown[]> {
  const rules = RoutingRules.length === 0 ? {} : { RoutingRules }
  await configure(journey, Bucket, { IndexDocument: { Suffix: 'index.html' }, ...rules })
  const { status, headers, text } = await visit(journey, host, path)
  return [status, headers.location ?? text]
}

const ofPrefix = (KeyPrefixEquals: string) => ({ KeyPrefixEquals })
const ofError = (HttpErrorCodeReturnedEquals: string) => ({ HttpErrorCodeReturnedEquals })

test('a prefix is replaced, or taken away, with the query kept', async () => {
  const renamed = { Condition: ofPrefix('docs/'), Redirect: { ReplaceKeyPrefixWith: 'documents/' } }
  expect(await outcomeOf('/docs/a%20b?c=d', renamed)).toEqual([301, `${here}/documents/a%20b?c=d`])
  const dropped = { Condition: ofPrefix('docs/'), Redirect: { ReplaceKeyPrefixWith: '' } }
  expect(await outcomeOf('/docs/page', dropped)).toEqual([301, `${here}/page`])
  const added = { Condition: ofError('404'), Redirect: { ReplaceKeyPrefixWith: '#!/' } }
  expect(await outcomeOf('/a/b', added)).toEqual([301, `${here}/#!/a/b`])
})

test('a key is replaced as a whole, without the query', async () => {
  const rule = { Condition: ofPrefix('images/'), Redirect: { ReplaceKeyWith: 'folder/å.html' } }
  expect(await outcomeOf('/images/a?b=c', rule)).toEqual([301, `${here}/folder/%C3%A5.html`])
})

test('host, protocol and status are those of the rule; path and query stay as they were sent', async () => {
  const Redirect = { HostName: 'example.com', Protocol: 'https' as const, HttpRedirectCode: '302' }
  expect(await outcomeOf('/a%2Fb?c', { Redirect })).toEqual([302, 'https://example.com/a%2Fb?c'])
  expect(await outcomeOf('/', { Redirect: { HttpRedirectCode: '307' } })).toEqual([307, `${here}/`])
})

test('a rule of a prefix alone is for objects that are there too, and looks at the key that was asked for', async () => {
  const rule = { Condition: ofPrefix('index'), Redirect: { ReplaceKeyWith: 'elsewhere' } }
  expect(await outcomeOf('/index.html', rule)).toEqual([301, `${here}/elsewhere`])
  expect(await outcomeOf('/', rule)).toEqual([200, 'front'])
})

test('a rule of an error is for that error alone, with a prefix for both', async () => {
  const rule = { Condition: ofError('404'), Redirect: { ReplaceKeyWith: 'report' } }
  expect(await outcomeOf('/none', rule)).toEqual([301, `${here}/report`])
  expect(await outcomeOf('/docs/page', rule)).toEqual([200, 'page'])
  expect(await outcomeOf('/docs', rule)).toEqual([302, '/docs/'])
  const [status] = await outcomeOf('/none', { ...rule, Condition: ofError('403') })
  expect(status).toBe(404)
  const both = { ...rule, Condition: { ...ofError('404'), ...ofPrefix('docs/') } }
  expect(await outcomeOf('/docs/none', both)).toEqual([301, `${here}/report`])
  expect((await outcomeOf('/none', both))[0]).toBe(404)
})

test('the first rule that fits counts, before the object’s own redirect', async () => {
  expect(await outcomeOf('/moved')).toEqual([301, '/docs/page'])
  const first = { Condition: ofError('404'), Redirect: { ReplaceKeyWith: 'missing' } }
  const second = { Condition: ofPrefix('moved'), Redirect: { ReplaceKeyWith: 'second' } }
  const third = { Redirect: { ReplaceKeyWith: 'third' } }
  expect(await outcomeOf('/moved', first, second, third)).toEqual([301, `${here}/second`])
  expect(await outcomeOf('/moved-too', first, second, third)).toEqual([301, `${here}/missing`])
  expect(await outcomeOf('/docs/page', first, second, third)).toEqual([301, `${here}/third`])
})

test('everything is redirected, without a look at anything', async () => {
  await configure(journey, Bucket, { RedirectAllRequestsTo: { HostName: 'example.com:8080' } })
  const plain = await visit(journey, host, '/a%20b/?c=d')
  expect([plain.status, plain.headers.location, plain.text]).toEqual([301, 'http://example.com:8080/a%20b/?c=d', ''])
  const RedirectAllRequestsTo = { HostName: 'example.com', Protocol: 'https' as const }
  await configure(journey, Bucket, { RedirectAllRequestsTo })
  const secure = await visit(journey, host, '/', { method: 'HEAD' })
  expect(secure.headers.location).toBe('https://example.com/')
})

test('over TLS a redirection stays there', async () => {
  const secured = await startJourney({ tls: true })
  try {
    await openWebsite(secured, 'secure', { RedirectAllRequestsTo: { HostName: 'example.com' } })
    const { Agent, request } = await import('node:https')
    const location = await new Promise((resolve, reject) => {
      const agent = new Agent({ ca: secured.certificate })
      const options = { agent, port: secured.port, headers: { host: 'secure.s3-website.localhost' } }
      request({ ...options, host: '127.0.0.1' }, (answer) => resolve(answer.resume().headers.location))
        .on('error', reject)
        .end()
    })
    expect(location).toBe('https://example.com/')
  } finally {
    await secured.stop()
  }
})
