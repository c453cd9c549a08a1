import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'

/** A real form in a real browser: Chromium, where it is on the PATH. */

const chromium = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path))
const withBrowser = chromium ? test : test.skip
if (!chromium) console.warn('skipped: no Chromium on the PATH')

const Bucket = 'browser'
let journey: Journey
let keyArn: string

beforeAll(async () => {
  journey = await startJourney()
  keyArn = await journey.createKey()
  await journey.createBucket(Bucket)
})

afterAll(() => journey.stop())

/** A page whose form fills and sends itself, as a person would with a file chooser. */
function page(url: string, fields: Record<string, string>, content: string): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${value.replaceAll('"', '&quot;')}">`,
  )
  return `<!doctype html><meta charset="utf-8"><title>Upload</title>
    <form action="${url}" method="post" enctype="multipart/form-data">${inputs.join('')}<input type="file" name="file"></form>
    <script>
      const chosen = new DataTransfer()
      chosen.items.add(new File([${JSON.stringify(content)}], 'från en webbläsare.txt', { type: 'text/plain' }))
      document.querySelector('input[type=file]').files = chosen.files
      document.querySelector('form').submit()
    </script>`
}

/** The site whose visitors upload: its page, and where they come to afterwards. */
async function openSite(render: (origin: string) => Promise<string>) {
  const arrivals: URL[] = []
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo
    const origin = `http://127.0.0.1:${port}`
    const url = new URL(request.url ?? '/', origin)
    response.setHeader('content-type', 'text/html; charset=utf-8')
    if (url.pathname === '/uploaded') {
      arrivals.push(url)
      response.end('<h1>Thank you</h1>')
      server.emit('arrived')
    } else if (url.pathname === '/') void render(origin).then((html) => response.end(html))
    else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, server, arrivals }
}

async function visit(browser: string, url: string, arrival: Promise<unknown>): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 's3kms-browser-'))
  const flags = [
    'headless',
    'no-sandbox',
    'disable-gpu',
    'disable-quic',
    'no-first-run',
    'disable-background-networking',
  ]
  const quiet = ['disable-component-update', 'disable-sync', `user-data-dir=${profile}`, 'remote-debugging-port=0']
  const child = spawn(browser, [...[...flags, ...quiet].map((flag) => `--${flag}`), url], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  try {
    await Promise.race([arrival, ended.then(([code]) => Promise.reject(new Error(`the browser ended with ${code}`)))])
  } finally {
    child.kill('SIGKILL')
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

withBrowser(
  'a browser posts a form under SSE-KMS, is sent on, and the file is there, sealed',
  async () => {
    const sse = { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': keyArn }
    const content = 'posted by a browser, å ä ö'
    const site = await openSite(async (origin) => {
      const Fields = { ...sse, success_action_redirect: `${origin}/uploaded`, 'Content-Type': 'text/plain' }
      const Conditions = Object.entries(Fields).map(([name, value]) => ({ [name]: value }))
      // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
      const form = await createPresignedPost(journey.s3, { Bucket, Key: 'visitors/${filename}', Fields, Conditions })
      return page(form.url, form.fields, content)
    })
    try {
      const calls = await journey.kmsCallsDuring(() =>
        visit(chromium ?? '', `${site.origin}/`, once(site.server, 'arrived')),
      )
      const [arrival] = site.arrivals
      const Key = arrival?.searchParams.get('key') ?? ''
      expect(Key).toBe('visitors/från en webbläsare.txt')
      expect(arrival?.searchParams.get('bucket')).toBe(Bucket)
      const encryptionContext = { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/${Key}` }
      expect(calls).toMatchObject([{ eventName: 'GenerateDataKey', requestParameters: { encryptionContext } }])
      expect(calls).toHaveLength(1)
      const stored = await journey.s3.send(new GetObjectCommand({ Bucket, Key }))
      expect(await stored.Body?.transformToString()).toBe(content)
      expect(stored).toMatchObject({
        SSEKMSKeyId: keyArn,
        ETag: arrival?.searchParams.get('etag'),
        ContentType: 'text/plain',
      })
    } finally {
      site.server.closeAllConnections()
      site.server.close()
    }
  },
  60_000,
)
