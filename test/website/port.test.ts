import { S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from '../emulator.ts'
import { openWebsite, upload, visit } from './visitor.ts'

/* The port of websites alone: a bucket is named by its website's host, as for S3, by its own name, or by the path. */

const Bucket = 'www.site.test'
let journey: Journey
let port: number

beforeAll(async () => {
  journey = await startJourney({ websitePort: 0, baseDomains: [Bucket, 'dev.test'] })
  port = Number(new URL(journey.endpointOf('website')).port)
  // The SDK makes no path style of its own accord for a name with dots.
  const client = { s3: new S3Client({ ...journey.configuration, forcePathStyle: true }) }
  const rule = { Condition: { KeyPrefixEquals: 'old/' }, Redirect: { ReplaceKeyPrefixWith: 'docs/' } }
  const website = { IndexDocument: { Suffix: 'index.html' }, RoutingRules: [rule] }
  await openWebsite(client, Bucket, website)
  await upload(client, Bucket, 'index.html', 'front')
  await upload(client, Bucket, 'docs/index.html', 'docs')
  await upload(client, Bucket, 'moved', '', { WebsiteRedirectLocation: '/docs/' })
})
afterAll(() => journey.stop())

const at = (host: string, path: string) => visit(journey, host, path, { port })

test.each([`${Bucket}.s3-website.localhost`, `${Bucket}.localhost`, `${Bucket}.dev.test`, Bucket])(
  'at the host %s',
  async (host) => {
    expect((await at(host, '/docs/')).text).toBe('docs')
    expect((await at(host, '/docs')).headers.location).toBe('/docs/')
    expect((await at(host, '/moved')).headers.location).toBe('/docs/')
    expect((await at(host, '/old/a')).headers.location).toBe(`http://${host}:${port}/docs/a`)
  },
)

test('by the first segment of the path, which redirects keep', async () => {
  const site = (path: string) => at('127.0.0.1', `/${Bucket}${path}`)
  expect((await site('/')).text).toBe('front')
  expect((await site('/docs/')).text).toBe('docs')
  const locations = await Promise.all(['', '/docs', '/moved', '/old/a?b'].map(async (path) => site(path)))
  expect(locations.map(({ status, headers }) => [status, headers.location])).toEqual([
    [302, `/${Bucket}/`],
    [302, `/${Bucket}/docs/`],
    [301, `/${Bucket}/docs/`],
    [301, `http://127.0.0.1:${port}/${Bucket}/docs/a?b`],
  ])
})

test('no path names no bucket, and nothing but pages is served', async () => {
  expect((await at('localhost', '/')).status).toBe(301)
  expect((await at('localhost', '/none/')).text).toContain('<li>Code: NoSuchBucket</li>')
  expect((await visit(journey, 'localhost', `/${Bucket}/new`, { port, method: 'PUT' })).status).toBe(405)
})

test('a name that a page may have rebound is refused here too', async () => {
  const { status, text } = await at('evil.test', '/')
  expect(status).toBe(403)
  expect(text).toContain('--base-domain evil.test')
})
