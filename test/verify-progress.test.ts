import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { describeWhere } from './clients/programs.ts'

/* What a terminal sees of verify while an emulator works: here one that takes as long as the test wants. */

const executable = fileURLToPath(new URL('../dist/s3kms-emu.cjs', import.meta.url))
const verification = {
  verification: {
    ...{ ok: true, records: 7, versions: 2, parts: 0, bytes: 5, unopened: 0, bodies: 1, events: 3 },
    ...{ unreachable: { bodies: 0, removed: false }, faults: [], faultCount: 0 },
  },
}

let server: Server
let asked: Promise<[path: string, answer: ServerResponse]>

beforeEach(async () => {
  asked = new Promise((resolve) => {
    server = createServer((request, answer) => resolve([request.url ?? '', answer]))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function say(answer: ServerResponse, line: object): void {
  answer.write(`${JSON.stringify(line)}\n`)
}

describeWhere('script', (script) => {
  /** The command in a terminal of its own, as util-linux makes one. */
  function verifyInTerminal() {
    const { port } = server.address() as AddressInfo
    const command = `${process.execPath} ${executable} verify --endpoint http://127.0.0.1:${port}`
    const environment = { ...process.env, NODE_OPTIONS: '', TERM: 'xterm' }
    const child = spawn(script, ['-qec', command, '/dev/null'], { env: environment })
    let seen = ''
    child.stdout.on('data', (piece: Buffer) => {
      seen += piece
    })
    const shows = async (text: string) => {
      while (!seen.includes(text)) await once(child.stdout, 'data')
    }
    const ended = once(child, 'close').then(([code]) => code)
    return { child, shows, ended, seen: () => seen }
  }

  test('A bar goes on as the work does, and only the result stays', async () => {
    const { shows, ended, seen } = verifyInTerminal()
    const [path, answer] = await asked
    expect(path).toBe('/_s3kms/verify/progress?repair=false')
    const counted = shows('records 7')
    say(answer, { progress: { stage: 'records', done: 7 } })
    await counted
    const measured = shows('50%  1 MiB of 2 MiB')
    say(answer, { progress: { stage: 'objects', done: 1 << 20, total: 2 << 20 } })
    await measured
    say(answer, verification)
    answer.end()
    expect(await ended).toBe(0)
    const [, result] = seen().split('\u001b[2K')
    expect(result).toMatch(/^7 records, 2 versions and 0 parts of 5 bytes[^\u001b]*all is as it was written\r\n$/)
  })

  test('Ctrl-C takes the bar away, leaves the emulator, and is no success', async () => {
    const { child, shows, ended, seen } = verifyInTerminal()
    const [, answer] = await asked
    const left = once(answer, 'close')
    const shown = shows('50%')
    say(answer, { progress: { stage: 'objects', done: 1 << 20, total: 2 << 20 } })
    await shown
    child.stdin.write('\u0003')
    await left
    expect(await ended).toBe(130)
    expect(seen().slice(seen().lastIndexOf('\u001b[?25h'))).not.toMatch(/[a-z]{3}/)
  })

  test('An emulator that goes away in the midst of it is told in one line', async () => {
    const { shows, ended, seen } = verifyInTerminal()
    const [, answer] = await asked
    const shown = shows('50%')
    say(answer, { progress: { stage: 'objects', done: 1 << 20, total: 2 << 20 } })
    await shown
    answer.destroy()
    expect(await ended).toBe(1)
    expect(seen()).toMatch(/s3kms-emu: [^\n]+\n$/)
  })
})

test('Without a terminal nothing but the result is asked for', async () => {
  const { port } = server.address() as AddressInfo
  const words = ['verify', '--endpoint', `http://127.0.0.1:${port}`]
  const child = spawn(process.execPath, [executable, ...words], { env: { ...process.env, NODE_OPTIONS: '' } })
  let complaints = ''
  child.stderr.on('data', (piece: Buffer) => {
    complaints += piece
  })
  const ended = once(child, 'close')
  const [path, answer] = await asked
  answer.end(JSON.stringify(verification.verification))
  expect([path, await ended, complaints]).toEqual(['/_s3kms/verify?repair=false', [0, null], ''])
})
