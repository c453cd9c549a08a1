// An emulator in a process of its own, that does a day's lifecycle and says what it cost: seconds of a processor, and how many ms
// nobody else had a turn. Where Linux tells it, what other processes had of the processors is not counted.
import { setTimeout as pause } from 'node:timers/promises'
import { watchTurns } from '../longest-turn/watch-turns.mjs'
import { signedRequest } from './requests.mjs'

const [dataDir, lastKey] = process.argv.slice(2)
const { startEmulator } = await import(new URL('../../dist/s3kms-emu.cjs', import.meta.url))
const emulator = await startEmulator({ dataDir, port: 0, logLevel: 'error' })
const base = `http://127.0.0.1:${emulator.port}`

async function isThere() {
  const request = signedRequest({ method: 'HEAD', host: base.slice(7), path: `/ruled/${lastKey}`, service: 's3' })
  const [, ...lines] = request.toString('latin1').split('\r\n')
  const headers = Object.fromEntries(lines.filter((line) => line !== '').map((line) => line.split(/: (.*)/s)))
  const { host: _, 'content-length': __, ...sent } = headers
  const { status } = await fetch(`${base}/ruled/${lastKey}`, { method: 'HEAD', headers: sent })
  if (status !== 200 && status !== 404) throw new Error(`HEAD is answered ${status}`)
  return status === 200
}

// What is compiled at the first request is none of the day's.
if (!(await isThere())) throw new Error('The day was done before it was measured')
const turns = watchTurns()
const before = process.cpuUsage()
const settled = fetch(`${base}/_s3kms/settle`, { method: 'POST' })
while (await isThere()) await pause(20)
const { user, system } = process.cpuUsage(before)
process.send({ took: (user + system) / 1e6, longest: turns.longest() })
turns.stop()
await settled
await emulator.stop()
process.once('disconnect', () => process.exit())
