import { setTimeout as pause } from 'node:timers/promises'
import { bytesOf } from '../chance.mjs'
import { Client } from '../client.mjs'
import { sizeOf, startProgram } from '../program.mjs'

/*
 * Resets under busy clients, with uploads that are half sent when the reset comes and go on after it:
 *
 *   upload ──half──────────────────rest──▶ any answer     what is written behind the reset stays whole, and the old
 *   reset            ├──200──┤                            upload leaves nothing in the new world
 *   PUT                          ├─200─┤ ── GET ──▶ the same bytes, after kill -9 too
 */

async function run({ chance, folder, count, fault, figure }) {
  const rounds = count(5, 40)
  let program = await startProgram({ folder })
  let slowest = 0
  for (let round = 0; round < rounds; round++) {
    const client = new Client(program)
    const report = (words) => fault(`round ${round}: ${words}`)
    await client.ok('PUT', '/before')
    const halves = Array.from({ length: 4 }, () => halfUpload(client))
    const busy = Array.from({ length: 16 }, (_, index) => busyClient(program, index))
    await pause(200)
    const begun = performance.now()
    const { status } = await client.control('POST', 'reset')
    slowest = Math.max(slowest, performance.now() - begun)
    if (status !== 200) report(`reset: ${status}`)
    for (const one of busy) for (const words of await one.stop()) report(words)
    await client.ok('PUT', '/after')
    const bodies = Array.from({ length: 8 }, (_, index) => bytesOf(`${round}/${index}`, chance.between(1, 3 << 20)))
    for (const [index, body] of bodies.entries()) await client.ok('PUT', `/after/${index}`, { body })
    for (const half of halves) half.goOn()
    await Promise.all(halves.map(({ ended }) => ended))
    await check(client, bodies, report)
    client.close()
    await program.kill()
    program = await startProgram({ folder })
    const later = new Client(program)
    await check(later, bodies, (words) => report(`after a restart, ${words}`))
    await later.control('POST', 'reset')
    later.close()
  }
  await program.stop()
  figure('resets with half-sent uploads and 16 busy clients', rounds)
  figure('slowest of them', `${slowest.toFixed(0)} ms`)
  figure('disk in the end, nothing in it', `${(await sizeOf(folder)).toFixed(0)} MiB`)
}

function halfUpload(client) {
  let goOn
  const gate = new Promise((resolve) => {
    goOn = resolve
  })
  async function* chunks() {
    yield Buffer.alloc(2 << 20)
    await gate
    yield Buffer.alloc(2 << 20)
  }
  const ended = client.upload('/before/half', 4 << 20, chunks()).catch(() => undefined)
  return { goOn, ended }
}

/** Puts and gets as fast as it may; a bucket that is gone is no fault, a 5xx or a cut connection is. */
function busyClient(program, index) {
  const client = new Client(program)
  const faults = []
  let isStopped = false
  const work = async () => {
    while (!isStopped) {
      const { status } = await client.s3('PUT', `/before/busy-${index}`, { body: 'busy' })
      if (status !== 200 && status !== 404) faults.push(`a busy client's PUT: ${status}`)
    }
  }
  const ended = work().catch((error) => faults.push(`a busy client: ${error.message}`))
  return {
    stop: async () => {
      isStopped = true
      await ended
      client.close()
      return faults
    },
  }
}

async function check(client, bodies, report) {
  for (const [index, body] of bodies.entries()) {
    const answer = await client.s3('GET', `/after/${index}`)
    if (answer.status !== 200 || !answer.body.equals(body)) report(`/after/${index}: ${answer.status}`)
  }
}

export const reset = { name: 'reset', what: 'resets under traffic and half-sent uploads', minutes: 4, run }
