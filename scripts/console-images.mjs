// Makes docs/images/console-*.png: the built program's console in headless Chromium, at two widths, in light and dark.
// Run it when the console has changed: `npm run build && node scripts/console-images.mjs`
// pngquant makes them a third as large, and they are part of the package: without it this fails.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'docs/images')
const question = new URLSearchParams({ principal: 'app', action: 'kms:Decrypt', resource: 'alias/tenants' })
/** What each view is shown of, and what it must show first. */
const views = {
  object: { address: '#/objects/uploads?key=reports%2Fnovember.csv', wait: (page) => cell(page, 'GenerateDataKey') },
  calls: { address: '#/calls', wait: (page) => cell(page, 'GenerateDataKey') },
  access: {
    address: `#/access?${question}`,
    wait: async (page) => {
      await page.getByLabel('Encryption context').fill('tenant = b')
      await page.getByRole('button', { name: 'Ask' }).click()
      await page.getByText('identity policy tenant-a').first().waitFor()
    },
  },
}
const widths = { wide: 1600, narrow: 360 }

const data = mkdtempSync(join(tmpdir(), 's3kms-emu-images-'))
const { console: url, stop } = await startEmulator()
try {
  mkdirSync(folder, { recursive: true })
  const browser = await chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox', '--disable-gpu'] })
  await prepare(browser)
  for (const [width, pixels] of Object.entries(widths)) {
    for (const colorScheme of ['light', 'dark']) await takeAll(browser, { width, pixels, colorScheme })
  }
  await browser.close()
  reduceColours()
} finally {
  await stop()
  rmSync(data, { recursive: true, force: true })
}

async function startEmulator() {
  const parameters = [
    join(root, 'dist/s3kms-emu.cjs'),
    'start',
    '--port',
    '0',
    '--console-port',
    '0',
    '--data-dir',
    data,
    '--fixtures',
    join(root, 'fixtures/permissions.yaml'),
  ]
  const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  const text = await new Promise((resolve) => {
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
      if (printed.includes('export ')) resolve(printed)
    })
  })
  const stop = () => new Promise((resolve) => child.once('exit', resolve) && child.kill('SIGTERM'))
  return { console: /console +(\S+?),?\s/.exec(text)[1], stop }
}

/** An object under a key, read, refused and read again: through the console's own calls. */
async function prepare(browser) {
  const page = await browser.newPage()
  await page.goto(url)
  await page.evaluate(async () => {
    const token = document.querySelector('meta[name="s3kms-token"]').content
    const headers = { 'x-s3kms-console': token }
    const kms = async (operation, input) => {
      const body = JSON.stringify(input)
      const sent = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body }
      return (await fetch(`/api/kms/${operation}`, sent)).json()
    }
    const s3 = (method, path, more = {}, body) =>
      fetch(`/s3/${path}`, { method, headers: { ...headers, ...more }, body })
    const { KeyMetadata } = await kms('CreateKey', { Description: 'for reports' })
    const { KeyId } = KeyMetadata
    await kms('CreateAlias', { AliasName: 'alias/reports', TargetKeyId: KeyId })
    await s3('PUT', 'uploads')
    const sealed = {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': KeyId,
      'x-amz-server-side-encryption-context': btoa('{"tenant":"a"}'),
      'content-type': 'text/csv',
    }
    const path = 'uploads/reports/november.csv'
    const begun = await (await s3('POST', `${path}?uploads`, sealed)).text()
    const id = /<UploadId>([^<]+)/.exec(begun)[1]
    const parts = []
    for (const lines of [500_000, 60_000]) {
      const number = parts.length + 1
      const sent = await s3('PUT', `${path}?partNumber=${number}&uploadId=${id}`, {}, 'day,amount\n'.repeat(lines))
      parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${sent.headers.get('etag')}</ETag></Part>`)
    }
    const list = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`
    await s3('POST', `${path}?uploadId=${id}`, {}, list)
    await s3('GET', 'uploads/reports/november.csv')
    await kms('DisableKey', { KeyId })
    await s3('GET', 'uploads/reports/november.csv')
    await kms('EnableKey', { KeyId })
    await s3('GET', 'uploads/reports/november.csv')
  })
  await page.close()
}

async function takeAll(browser, { width, pixels, colorScheme }) {
  const context = await browser.newContext({ viewport: { width: pixels, height: 900 }, colorScheme })
  for (const [name, { address, wait }] of Object.entries(views)) {
    const page = await context.newPage()
    await page.goto(`${url}/${address}`)
    await wait(page)
    await page.screenshot({ path: join(folder, `console-${name}-${width}-${colorScheme}.png`) })
  }
  await context.close()
}

function reduceColours() {
  const images = readdirSync(folder).filter((name) => /^console-.*\.png$/.test(name))
  const paths = images.map((name) => join(folder, name))
  execFileSync('pngquant', ['--force', '--ext', '.png', '--quality', '80-100', '--strip', '128', '--', ...paths])
}

function cell(page, name) {
  return page.getByRole('cell', { name }).first().waitFor()
}

function findBrowser() {
  const found = (process.env.PATH ?? '').split(delimiter).map((place) => join(place, 'chromium'))
  return found.find((path) => spawnable(path)) ?? 'chromium'
}

function spawnable(path) {
  try {
    return process.getBuiltinModule('node:fs').statSync(path).isFile()
  } catch {
    return false
  }
}
