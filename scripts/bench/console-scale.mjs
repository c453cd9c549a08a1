// The console over 100,000 objects, 100,000 events and thousands of KMS keys, in a real browser: how soon each view shows its first rows, how
// large its answers and its document become, and how long the server's turns are meanwhile. Where there is a Chromium on the PATH.
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ClassicLevel } from 'classic-level'
import { chromium } from 'playwright-core'
import { loadSource } from '../load-source.mjs'
import { findBrowser } from './console.mjs'

const sizes = { objects: 100_000, events: 100_000, keys: 5000 }
const longestTurn = 50
const largestAnswer = 200_000
const mostElements = 6000

/**
 * @param bench what the other measurements use too
 */
export async function measureConsoleAtScale({ openEmulator, report, folder }) {
  const executablePath = findBrowser()
  if (executablePath === undefined) return
  const first = await openEmulator('console-scale')
  await first.once(
    Array.from({ length: sizes.keys }, (_, index) => first.kms('CreateKey', { Description: `key ${index}` })),
    16,
  )
  await first.once([first.s3('PUT', '/bench/k', { headers: first.sealed, body: Buffer.from('x') })])
  await first.emulator.stop()
  await fill(join(folder, 'console-scale', 'records'))
  const server = await serve(join(folder, 'console-scale'))
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    await walk(await browser.newPage(), server, report)
  } finally {
    await browser.close()
    await server.stop()
  }
}

const rows = 'tbody tr'
/** Each view, and where one goes from there. */
const views = {
  'objects, as a list': { address: 'objects/bench?list=true', more: 'More keys' },
  'objects, as folders': { address: 'objects/bench' },
  versions: { address: 'objects/bench?list=true&versions=true', more: 'More keys' },
  keys: { address: 'keys', more: 'More keys' },
  calls: { address: 'calls', more: 'More calls' },
  'calls of an error that is rare': { address: 'calls?error=DisabledException', more: 'More calls' },
  'calls of a name': { address: 'calls?name=Decrypt', more: 'More calls' },
  buckets: { address: 'objects' },
}

async function walk(page, { url, ask }, report) {
  page.setDefaultTimeout(20_000)
  let largest = 0
  page.on('response', async (answer) => {
    if (answer.url().includes('/api/stream')) return
    largest = Math.max(largest, (await answer.body().catch(() => '')).length)
  })
  await page.goto(`${url}/#/access`)
  // What is done in the background once after a start is no turn of the console's.
  await setTimeout(5000)
  for (const [name, { address, more }] of Object.entries(views)) {
    await ask('mark')
    largest = 0
    const took = await page.evaluate(
      async ([hash, wanted]) => {
        const begun = performance.now()
        location.hash = hash
        const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
        await frame()
        while (!document.querySelector(wanted)) await frame()
        return performance.now() - begun
      },
      [`#/${address}`, rows],
    )
    for (let turned = 0; more !== undefined && turned < 5; turned++) await turnPage(page, more)
    const elements = await page.evaluate(() => document.querySelectorAll('*').length)
    const turn = await ask('report')
    const isGood = turn <= longestTurn && largest <= largestAnswer && elements <= mostElements
    const value = `${took.toFixed(0)} ms, ${elements} elements, ${Math.round(largest / 1024)} KiB, turn ${turn.toFixed(0)}`
    const target = `≤ ${mostElements} elements, ${largestAnswer / 1000} kB, turn ${longestTurn} ms`
    report(`the console at scale: ${name}`, value, 'ms', undefined, target, isGood)
    await page.evaluate(() => (location.hash = '#/access'))
    await page.getByRole('heading', { name: 'Access' }).waitFor()
  }
}

async function turnPage(page, name) {
  const link = page.getByRole('link', { name, exact: true })
  const before = await page.locator(rows).first().textContent()
  await link.click()
  await page.waitForFunction(
    ([wanted, old]) => {
      const row = document.querySelector(wanted)
      return row !== null && row.textContent !== old
    },
    [rows, before],
  )
}

/** As puts and calls would leave it: one call in five hundred is refused. */
async function fill(path) {
  const { encodeKey } = await loadSource('src/store/keyspace.ts')
  const { objectRecords } = await loadSource('src/s3/records/object-record.ts')
  const level = new ClassicLevel(path, { keyEncoding: 'utf8', valueEncoding: 'utf8', writeBufferSize: 16 << 20 })
  await level.open()
  const object = await level.get(encodeKey(objectRecords, ['bench', 'k']))
  const addEvent = await eventWriter()
  for (let begin = 0; begin < sizes.objects; begin += 1000) {
    const batch = []
    const add = (kind, key, value) =>
      batch.push({ type: 'put', key: encodeKey(kind, key), value: JSON.stringify(value) })
    for (let index = begin; index < begin + 1000; index++) {
      const key = encodeKey(objectRecords, ['bench', `folder-${index % 100}/key-${index}`])
      batch.push({ type: 'put', key, value: object })
      addEvent(add, index)
    }
    await level.batch(batch)
  }
  await level.close()
}

/** @returns writes the event of a call that was made so many calls ago, and its index */
async function eventWriter() {
  const { events, last, storedEventOf } = await loadSource('src/trail/stored-event.ts')
  const { EventIndex } = await loadSource('src/trail/event-index.ts')
  const { recordOf } = await loadSource('src/trail/record.ts')
  const { eventIdAt } = await loadSource('src/trail/event-id.ts')
  const { userCaller } = await loadSource('src/aws/caller.ts')
  const [now, accountId, region, indexed] = [Date.now(), '000000000000', 'us-east-1', new EventIndex()]
  return (add, index) => {
    const time = now - 20 * index
    const outcome = {
      caller: userCaller(accountId, index % 3 === 0 ? 'app' : 'test'),
      time,
      service: 'kms',
      eventName: index % 2 === 0 ? 'GenerateDataKey' : 'Decrypt',
      region,
      clientAddress: '127.0.0.1',
      userAgent: 'bench',
      secure: false,
      requestId: randomUUID(),
      readOnly: true,
      requestParameters: {
        encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::bench/folder-${index % 100}/key-${index}` },
      },
      responseElements: null,
      resources: [{ accountId, type: 'AWS::KMS::Key', ARN: `arn:aws:kms:${region}:${accountId}:key/${randomUUID()}` }],
      ...(index % 500 === 499 && { error: { code: 'DisabledException', message: 'It is disabled.' } }),
    }
    const record = recordOf(outcome, eventIdAt(time, randomUUID()))
    add(events, [accountId, region, last - time, last - 2 ** 31 + index], storedEventOf(record))
    indexed.stage({ add, afterCommit: (action) => action() }, record, time)
  }
}

/** The emulator in a process of its own, whose turns are watched. */
async function serve(folder) {
  const child = fork(fileURLToPath(new URL('console-server.mjs', import.meta.url)), [folder])
  const [{ url }] = await once(child, 'message')
  const ask = async (word) => {
    child.send(word)
    const [{ longest }] = await once(child, 'message')
    return longest
  }
  const stop = async () => {
    if (!child.connected) return
    child.disconnect()
    await once(child, 'exit')
  }
  return { url, ask, stop }
}
