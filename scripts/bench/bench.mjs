// `npm run bench`: the emulator beside a bare node:http server and a bare LevelDB, in one run, as ratios. Figures of one machine
// mean little on another; the ratios and the targets mean something. `--quick` measures for shorter, `--only NAME` one thing.
// `--beside PROGRAM` holds this build beside another one, in turns, and measures nothing else.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ClassicLevel } from 'classic-level'
import { loadSource } from '../load-source.mjs'
import { measureBeside } from './beside.mjs'
import { measureConsole } from './console.mjs'
import { measureConsoleAtScale } from './console-scale.mjs'
import { measureLab } from './lab.mjs'
import { measureLifecycleDay, measureLifecycleWrites } from './lifecycle.mjs'
import { load } from './load.mjs'
import { measurePolicies } from './policies.mjs'
import { measureReclaim } from './reclaim.mjs'
import { signedRequest } from './requests.mjs'
import { measureSnapshots } from './snapshots.mjs'
import { measureVerify } from './verify.mjs'
import { measurePages, measureVersions } from './versions.mjs'

// The bodies' own settings, which keep memory small.
const { smallFilesFewOpen } = await loadSource('src/store/level.ts')
const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'dist/s3kms-emu.cjs')
const isQuick = process.argv.includes('--quick')
const kibibyte = Buffer.alloc(1024, 'k')
const large = Buffer.alloc(64 << 20, 'L')
const folder = await mkdtemp(join(tmpdir(), 's3kms-emu-bench-'))
const rows = []
/** A measurement that fails leaves none behind, which would keep the output open. */
const running = new Set()
process.once('exit', () => {
  for (const child of running) child.kill()
})

const bench = {
  openEmulator,
  startEmulator,
  beside,
  inTurns,
  load,
  report,
  median,
  residentMiB,
  signed: signedRequest,
  folder,
  large,
  isQuick,
}
const measurements = {
  start: measureStart,
  small: measureSmall,
  large: measureLarge,
  reclaim: measureReclaim,
  policies: measurePolicies,
  versions: measureVersions,
  pages: measurePages,
  'lifecycle-writes': measureLifecycleWrites,
  'lifecycle-day': measureLifecycleDay,
  snapshots: measureSnapshots,
  verify: measureVerify,
  lab: measureLab,
  console: measureConsole,
  'console-scale': measureConsoleAtScale,
}
const only = parameterOf('--only')
const other = parameterOf('--beside')
if (only !== undefined && !measurements[only]) {
  throw new Error(`There is no ${only}; there are ${Object.keys(measurements).join(', ')}`)
}

try {
  if (other !== undefined) await measureBeside(bench, resolve(other))
  else
    for (const [name, measure] of Object.entries(measurements))
      if (only === undefined || only === name) await measure(bench)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
print()

function parameterOf(option) {
  return process.argv.includes(option) ? process.argv[process.argv.indexOf(option) + 1] : undefined
}

function report(what, value, unit, ratio, target, isGood) {
  rows.push({
    what,
    value: `${value} ${unit}`,
    ratio: ratio?.toFixed(2) ?? '',
    target,
    result: isGood ? 'reached' : 'MISSED',
  })
}

/** A program that prints where it listens; resolves once it has. */
async function startServer(parameters) {
  const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  const [port, consoleUrl] = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${parameters.join(' ')} ended with ${code}`)))
    child.stdout.on('data', (chunk) => {
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(chunk)
      if (found) resolve([Number(found[1]), /console +(http:[^\s,]+)/.exec(chunk)?.[1]])
    })
  })
  return {
    port,
    consoleUrl,
    pid: child.pid,
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      running.delete(child)
    },
  }
}

/** @param build the program of another build; undefined: this one's */
function startEmulator(name, build = program) {
  return startServer([build, 'start', '--port', '0', '--data-dir', join(folder, name), '--log-level', 'warn'])
}

async function measureStart() {
  const bare = []
  const ready = []
  for (let round = 0; round < 11; round++) {
    bare.push(timed(() => execFileSync(process.execPath, ['-e', '0'])))
    const begun = performance.now()
    const emulator = await startEmulator('start')
    const health = await fetch(`http://127.0.0.1:${emulator.port}/_s3kms/health`)
    if (health.status === 200) ready.push(performance.now() - begun)
    await emulator.stop()
  }
  const ratio = median(ready) / median(bare)
  report('ready after start (beside node -e 0)', median(ready).toFixed(0), 'ms', ratio, '≤ 3', ratio <= 3)
  const emulator = await startEmulator('start')
  const resident = await residentMiB(emulator)
  report('resident memory when idle', resident.toFixed(0), 'MiB', undefined, '< 90 MiB', resident < 90)
  await emulator.stop()
}

/** What it takes three seconds after its start. */
async function residentMiB({ pid }) {
  await pause(3000)
  const status = process.platform === 'linux' ? readFileSync(`/proc/${pid}/status`, 'utf8') : ''
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024
}

/** An emulator of its own with a bucket and a key, and requests for it. */
async function openEmulator(name, build) {
  const emulator = await startEmulator(name, build)
  const host = `127.0.0.1:${emulator.port}`
  const s3 = (method, path, more = {}) => signedRequest({ method, host, path, service: 's3', ...more })
  const kms = (operation, input) => {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` }
    return signedRequest({
      method: 'POST',
      host,
      path: '/',
      service: 'kms',
      headers,
      body: Buffer.from(JSON.stringify(input)),
    })
  }
  const sealed = {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': 'alias/bench',
  }
  const once = (requests, connections = 1) => load(emulator.port, requests, { connections, once: true })
  await once([kms('CreateKey', { Description: 'bench' })])
  const KeyId = await newestKey(emulator.port, kms)
  await once([kms('CreateAlias', { AliasName: 'alias/bench', TargetKeyId: KeyId }), s3('PUT', '/bench')])
  return { emulator, s3, kms, sealed, once }
}

/**
 * Measures several things in turns, because a machine is not as fast in one minute as in the next.
 * @param measures name → a measurement
 * @returns name → the median of its measurements
 */
async function inTurns(rounds, measures) {
  const results = Object.fromEntries(Object.keys(measures).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(measures)) results[name].push(await measure())
  }
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, median(values)]))
}

/**
 * Holds each measurement against the references right before and behind it: a machine may be half as fast for some seconds.
 * @returns the medians, that of the ratios among them
 */
async function beside(rounds, refer, measure) {
  const references = [await refer()]
  const measurements = []
  for (let round = 0; round < rounds; round++) {
    measurements.push(await measure())
    references.push(await refer())
  }
  const ratios = measurements.map((measured, index) => (2 * measured) / (references[index] + references[index + 1]))
  return { reference: median(references), measured: median(measurements), ratio: median(ratios) }
}

async function measureSmall() {
  const bare = await startServer([join(root, 'scripts/bench/bare-server.mjs')])
  const { emulator, s3, kms, sealed } = await openEmulator('small')
  const rate = async (port, requests, seconds) => (await load(port, requests, { connections: 16, seconds })).perSecond
  const bareRequests = [s3('PUT', '/bench/bare', { body: kibibyte })]
  await rate(bare.port, bareRequests, 1)
  const compare = async (what, requests, target) => {
    // V8 is still compiling in the second second.
    await rate(emulator.port, requests, isQuick ? 1 : 3)
    const { reference, measured, ratio } = await beside(
      isQuick ? 3 : 9,
      () => rate(bare.port, bareRequests, 0.5),
      () => rate(emulator.port, requests, 1),
    )
    const value = `${measured.toFixed(0)} of ${reference.toFixed(0)}`
    report(what, value, 'requests/s', ratio, target ? `≥ ${target}` : '', !target || ratio >= target)
  }
  const many = (make) => Array.from({ length: 100 }, (_, index) => make(index))
  const putSealed = many((i) => s3('PUT', `/bench/sealed-${i}`, { headers: sealed, body: kibibyte }))
  const putPlain = many((i) => s3('PUT', `/bench/plain-${i}`, { body: kibibyte }))
  await compare('GenerateDataKey', [kms('GenerateDataKey', { KeyId: 'alias/bench', KeySpec: 'AES_256' })], 0.2)
  await compare('PUT 1 KiB, SSE-KMS', putSealed, 0.1)
  const getSealed = many((i) => s3('GET', `/bench/sealed-${i}`))
  await compare('GET 1 KiB, SSE-KMS', getSealed, 0.12)
  await compare('PUT 1 KiB, not encrypted', putPlain)
  const getPlain = many((i) => s3('GET', `/bench/plain-${i}`))
  await compare('GET 1 KiB, not encrypted', getPlain)
  await Promise.all([bare.stop(), emulator.stop()])
}

/** Beside a LevelDB as new as the emulator's. */
async function measureLarge() {
  const { emulator, s3, sealed, once } = await openEmulator('large')
  const asItComes = await openLevelDb('direct', {})
  const smallFiles = await openLevelDb('small-files', smallFilesFewOpen)
  const put = (name, headers, body) => s3('PUT', `/bench/${name}`, { headers, body, unsignedPayload: true })
  const speedOf =
    (requests, connections = 1) =>
    async () =>
      64 / (await once(requests, connections)).took
  const putSealed = put('sealed', sealed, large)
  const putPlain = put('plain', {}, large)
  await once([putSealed, putPlain])
  const speeds = await inTurns(isQuick ? 3 : 9, {
    direct: asItComes.put64MiB,
    smallFiles: smallFiles.put64MiB,
    putSealed: speedOf([putSealed]),
    getSealed: speedOf([s3('GET', '/bench/sealed')]),
    putPlain: speedOf([putPlain]),
    getPlain: speedOf([s3('GET', '/bench/plain')]),
  })
  const reportSpeed = (what, speed, target) => {
    const ratio = speed / speeds.direct
    report(what, speed.toFixed(0), 'MiB/s', ratio, target ? `≥ ${target}` : '', !target || ratio >= target)
  }
  reportSpeed('64 MiB straight into LevelDB', speeds.direct)
  reportSpeed('the same, with small files', speeds.smallFiles)
  reportSpeed('PUT 64 MiB, SSE-KMS', speeds.putSealed, 0.7)
  reportSpeed('GET 64 MiB, SSE-KMS', speeds.getSealed)
  reportSpeed('PUT 64 MiB, not encrypted', speeds.putPlain)
  reportSpeed('GET 64 MiB, not encrypted', speeds.getPlain)

  const eight = Array.from({ length: 8 }, (_, index) => put(`eight-${index}`, sealed, large.subarray(0, 8 << 20)))
  const { one, together } = await inTurns(7, { one: speedOf(eight), together: speedOf(eight, 8) })
  report('8 × 8 MiB, SSE-KMS, one writer', one.toFixed(0), 'MiB/s', 1, '', true)
  report('8 × 8 MiB, SSE-KMS, 8 writers', together.toFixed(0), 'MiB/s', together / one, '≥ 0.8', together / one >= 0.8)
  await Promise.all([emulator.stop(), asItComes.close(), smallFiles.close()])
}

async function newestKey(port, kms) {
  const request = kms('ListKeys', {}).toString('latin1')
  const [head, body] = request.split('\r\n\r\n')
  const headers = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(/: (.*)/s)),
  )
  const { host: _, 'content-length': __, ...sent } = headers
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: sent, body })
  return (await response.json()).Keys[0].KeyId
}

/** The same bytes in segments of the same size, one put after another; without compression, as the emulator's. */
async function openLevelDb(name, settings) {
  const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer' }
  const level = new ClassicLevel(join(folder, name), { ...encodings, compression: false, ...settings })
  await level.open()
  let number = 0n
  const put64MiB = async () => {
    const begun = performance.now()
    for (let offset = 0; offset < large.length; offset += 256 << 10) {
      const key = Buffer.alloc(8)
      key.writeBigUInt64BE(number++)
      await level.put(key, large.subarray(offset, offset + (256 << 10)))
    }
    return 64 / ((performance.now() - begun) / 1000)
  }
  return { put64MiB, close: () => level.close() }
}

function timed(body) {
  const begun = performance.now()
  body()
  return performance.now() - begun
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

function print() {
  const columns = ['what', 'value', 'ratio', 'target', 'result']
  const cells = rows.map((row) => columns.map((name) => (name === 'result' && row.target === '' ? '' : row[name])))
  const widths = columns.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column].length)))
  for (const row of [columns, ...cells])
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
}
