// `npm run bench`: the emulator beside a bare node:http server and a bare LevelDB, in one run, as ratios. Figures of one machine
// mean little on another; the ratios and the targets mean something. `--quick` measures for shorter.
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ClassicLevel } from 'classic-level'
import { loadSource } from '../load-source.mjs'
import { load } from './load.mjs'
import { signedRequest } from './requests.mjs'

// The bodies' own settings, which keep memory small.
const { smallFilesFewOpen } = await loadSource('src/store/level.ts')
const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'dist/s3kms-emu.cjs')
const isQuick = process.argv.includes('--quick')
const seconds = isQuick ? 1 : 4
const kibibyte = Buffer.alloc(1024, 'k')
const large = Buffer.alloc(64 << 20, 'L')
const folder = await mkdtemp(join(tmpdir(), 's3kms-emu-bench-'))
const rows = []

try {
  await measureStart()
  await measureRequests()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
print()

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
  const port = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${parameters.join(' ')} ended with ${code}`)))
    child.stdout.on('data', (chunk) => {
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(chunk)
      if (found) resolve(Number(found[1]))
    })
  })
  return {
    port,
    pid: child.pid,
    stop: () => new Promise((resolve) => child.once('exit', resolve) && child.kill('SIGTERM')),
  }
}

function startEmulator(name) {
  return startServer([program, 'start', '--port', '0', '--data-dir', join(folder, name), '--log-level', 'warn'])
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
  await pause(3000)
  const status = process.platform === 'linux' ? readFileSync(`/proc/${emulator.pid}/status`, 'utf8') : ''
  const resident = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024
  report('resident memory when idle', resident.toFixed(0), 'MiB', undefined, '< 90 MiB', resident < 90)
  await emulator.stop()
}

async function measureRequests() {
  const bare = await startServer([join(root, 'scripts/bench/bare-server.mjs')])
  const emulator = await startEmulator('requests')
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

  // Twice each, the better one counts: the machine has other things to do.
  const rate = async (port, requests) => {
    const rounds = [0, 1].map(() => () => load(port, requests, { connections: 16, seconds: seconds / 2 }))
    const results = []
    for (const round of rounds) results.push((await round()).perSecond)
    return Math.max(...results)
  }
  const many = (make) => Array.from({ length: 100 }, (_, index) => make(index))
  const bareRequest = s3('PUT', '/bench/bare', { body: kibibyte })
  await load(bare.port, [bareRequest], { connections: 16, seconds: 1 })
  const reference = await rate(bare.port, [bareRequest])
  report('bare node:http, 1 KiB', reference.toFixed(0), 'requests/s', 1, '', true)
  const compare = async (what, requests, target) => {
    await load(emulator.port, requests, { connections: 16, seconds: 1 })
    const measured = await rate(emulator.port, requests)
    const ratio = measured / reference
    report(what, measured.toFixed(0), 'requests/s', ratio, target ? `≥ ${target}` : '', !target || ratio >= target)
  }
  await compare('GenerateDataKey', [kms('GenerateDataKey', { KeyId: 'alias/bench', KeySpec: 'AES_256' })], 0.2)
  await compare(
    'PUT 1 KiB, SSE-KMS',
    many((i) => s3('PUT', `/bench/sealed-${i}`, { headers: sealed, body: kibibyte })),
    0.1,
  )
  await compare(
    'GET 1 KiB, SSE-KMS',
    many((i) => s3('GET', `/bench/sealed-${i}`)),
    0.12,
  )
  await compare(
    'PUT 1 KiB, not encrypted',
    many((i) => s3('PUT', `/bench/plain-${i}`, { body: kibibyte })),
  )
  await compare(
    'GET 1 KiB, not encrypted',
    many((i) => s3('GET', `/bench/plain-${i}`)),
  )

  const direct = await directLevelDb('direct', {})
  report('64 MiB straight into LevelDB', direct.toFixed(0), 'MiB/s', 1, '', true)
  const ours = await directLevelDb('small-files', smallFilesFewOpen)
  report('the same, with small files', ours.toFixed(0), 'MiB/s', ours / direct, '', true)
  const putSealed = (name, body) => s3('PUT', `/bench/${name}`, { headers: sealed, body, unsignedPayload: true })
  const big = async (what, request, target) => {
    const speeds = []
    for (let round = 0; round < 5; round++) speeds.push(large.length / 2 ** 20 / (await once([request])).took)
    const ratio = median(speeds) / direct
    report(what, median(speeds).toFixed(0), 'MiB/s', ratio, target ? `≥ ${target}` : '', !target || ratio >= target)
  }
  await big('PUT 64 MiB, SSE-KMS', putSealed('large', large), 0.7)
  await big('GET 64 MiB, SSE-KMS', s3('GET', '/bench/large'))
  await big('PUT 64 MiB, not encrypted', s3('PUT', '/bench/plain-large', { body: large, unsignedPayload: true }))
  await big('GET 64 MiB, not encrypted', s3('GET', '/bench/plain-large'))

  const eight = Array.from({ length: 8 }, (_, index) => putSealed(`eight-${index}`, large.subarray(0, 8 << 20)))
  // In turns, because what was overwritten is swept in the background and slows whoever comes next.
  const speeds = { one: [], together: [] }
  for (let round = 0; round < 7; round++) {
    speeds.one.push(64 / (await once(eight)).took)
    speeds.together.push(64 / (await once(eight, 8)).took)
  }
  const [one, together] = [median(speeds.one), median(speeds.together)]
  report('8 × 8 MiB, SSE-KMS, one writer', one.toFixed(0), 'MiB/s', 1, '', true)
  report('8 × 8 MiB, SSE-KMS, 8 writers', together.toFixed(0), 'MiB/s', together / one, '≥ 0.8', together / one >= 0.8)
  await Promise.all([bare.stop(), emulator.stop()])
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

/** The same bytes in segments of the same size, one put after another; LevelDB as it comes, but for compression. */
async function directLevelDb(name, settings) {
  const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer' }
  const level = new ClassicLevel(join(folder, name), { ...encodings, compression: false, ...settings })
  await level.open()
  const speeds = []
  let number = 0n
  for (let round = 0; round < 5; round++) {
    const begun = performance.now()
    for (let offset = 0; offset < large.length; offset += 256 << 10) {
      const key = Buffer.alloc(8)
      key.writeBigUInt64BE(number++)
      await level.put(key, large.subarray(offset, offset + (256 << 10)))
    }
    speeds.push(64 / ((performance.now() - begun) / 1000))
  }
  await level.close()
  return median(speeds)
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
