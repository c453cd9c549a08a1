import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../client.mjs'
import { inParallel } from '../history.mjs'
import { startProgram } from '../program.mjs'
import { signed } from '../signature.mjs'
import { stopwatch } from '../stopwatch.mjs'
import { toBytes } from '../wire.mjs'

/*
 * Clients that do not do their part: thousands of idle connections, heads that come a byte at a time, bodies that stop, answers
 * that nobody takes, work that takes seconds. Meanwhile one client does its part and is served; and memory stays what it was.
 */

const large = 16 << 20

async function run({ folder, isLong, fault, figure, limit }) {
  const program = await startProgram({ folder })
  const client = new Client(program)
  await client.ok('PUT', '/slow')
  await client.ok('PUT', '/slow/large', { body: Buffer.alloc(large, 'l') })
  const alone = await serve(program, client, 3, fault)
  const before = program.resident()

  const sockets = []
  const open = () => opened(program.port, sockets)
  const idle = await inParallel(Array.from({ length: 5000 }), 200, open)
  const isOpen = idle.filter(Boolean).length
  for (let count = 0; count < 64; count++) (await open())?.write(halfUpload(program.port))
  for (let count = 0; count < 32; count++) (await open())?.pause().write(download(program.port))
  const dripping = await inParallel(Array.from({ length: 50 }), 50, open)
  const drip = setInterval(() => {
    for (const socket of dripping) if (socket?.writable) socket.write('G')
  }, 500)

  const among = await serve(program, client, isLong ? 60 : 8, fault)
  const during = program.resident()
  if (isLong) await theyAreCut(sockets, fault, figure)
  clearInterval(drip)
  for (const socket of sockets) socket.destroy()
  await pause(1000)
  const later = await serve(program, client, 2, fault)
  const besidePairs = await serveBesideKeyPairs(program, client, fault)
  client.close()
  if ((await program.stop()) !== 0) fault(`SIGTERM: ${program.output}`)
  if (among.longest > limit) fault(`a client that does its part waited ${among.longest.toFixed(0)} ms`)
  figure('idle connections, stopped bodies, unread answers, drips', `${isOpen}, 64, 32, 50`)
  figure(
    'PUT and GET a second: alone, among them, afterwards',
    [alone, among, later].map((one) => one.perSecond.toFixed(0)).join(', '),
  )
  figure('slowest answer: alone, among them', `${alone.slowest.toFixed(0)}, ${among.slowest.toFixed(0)} ms`)
  if (besidePairs.longest > limit) {
    fault(`while key pairs are made, a client waited ${besidePairs.longest.toFixed(0)} ms`)
  }
  figure('slowest answer while 8 RSA_4096 key pairs are made', `${besidePairs.slowest.toFixed(0)} ms`)
  figure('resident: before, during', `${before}, ${during} MiB`)
}

/** What a client that does its part gets. @returns ms: the slowest answer, and the same without the load of the machine */
async function serve(program, client, seconds, fault) {
  const end = performance.now() + seconds * 1000
  let [slowest, longest] = [0, 0]
  let served = 0
  while (performance.now() < end) {
    const body = `body ${served}`
    const stop = stopwatch(() => program.loopWaited())
    await client.ok('PUT', '/slow/small', { body })
    const answer = await client.ok('GET', '/slow/small')
    const { took, own } = stop()
    slowest = Math.max(slowest, took)
    longest = Math.max(longest, own)
    if (answer.body.toString() !== body) fault('other bytes')
    served += 2
  }
  return { slowest, longest, perSecond: served / seconds }
}

/** Work that takes seconds by its nature, asked for by several at once. @returns as `serve`, of answers to somebody else */
async function serveBesideKeyPairs(program, client, fault) {
  const { output } = await client.kms('CreateKey', {})
  const input = { KeyId: output.KeyMetadata.KeyId, KeyPairSpec: 'RSA_4096' }
  const pairs = Promise.all(Array.from({ length: 8 }, () => client.kms('GenerateDataKeyPair', input)))
  await pause(50)
  const { slowest, longest } = await serve(program, client, 2, fault)
  await pairs
  return { slowest, longest }
}

/** @returns the socket, or undefined where the system has no more of them */
function opened(port, sockets) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', () => resolve(undefined))
    socket.once('close', () => {
      socket.isEnded = true
    })
    sockets.push(socket)
  })
}

function halfUpload(port) {
  const request = { method: 'PUT', path: '/slow/half', headers: { host: `127.0.0.1:${port}` } }
  const { headers } = signed({ ...request, service: 's3', payloadHash: 'UNSIGNED-PAYLOAD' })
  const list = Object.entries({ ...headers, 'content-length': String(10 << 20) })
  return toBytes({ method: 'PUT', target: '/slow/half', headers: list, body: Buffer.alloc(1 << 20) })
}

function download(port) {
  const { headers } = signed({
    method: 'GET',
    path: '/slow/large',
    headers: { host: `127.0.0.1:${port}` },
    service: 's3',
  })
  return toBytes({ method: 'GET', target: '/slow/large', headers: Object.entries(headers) })
}

/** Whoever does nothing for long enough loses the connection. */
async function theyAreCut(sockets, fault, figure) {
  await pause(90_000)
  for (const socket of sockets) socket.resume()
  await pause(3000)
  const left = sockets.filter((socket) => !socket.isEnded).length
  figure('of them still connected a minute and a half later', left)
  if (left > 50) fault(`${left} idle connections live on`)
}

export const slow = { name: 'slow', what: '5,000 idle connections, stopped bodies, unread answers', minutes: 3, run }
