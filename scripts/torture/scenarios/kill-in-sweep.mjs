import { setTimeout as pause } from 'node:timers/promises'
import { bytesOf } from '../chance.mjs'
import { Client } from '../client.mjs'
import { inParallel, until } from '../history.mjs'
import { sizeOf, startProgram } from '../program.mjs'
import { World } from '../world.mjs'

/*
 * The sweep begins a second after the start. Each cycle leaves garbage for it (overwritten and deleted bodies, uploads cut in
 * the middle), and kills it at work. What lives stays; in the end the disk holds little more than what lives.
 */

const shape = { count: 12, sizes: [1 << 10, 300 << 10, 2 << 20] }
const sweepBegins = 1000

async function run({ chance, folder, count, fault, figure }) {
  const cycles = count(8, 60)
  let program = await startProgram({ folder })
  let client = new Client(program)
  const world = new World('sweep', shape)
  await world.make(client)
  for (let cycle = 0; cycle < cycles; cycle++) {
    await leaveGarbage(client, program, chance.fork(`garbage-${cycle}`))
    client.close()
    program = await startProgram({ folder })
    await pause(sweepBegins - 60 + chance.int(160))
    await program.kill()
    program = await startProgram({ folder })
    client = new Client(program)
    for (const words of await world.faults(client)) fault(`cycle ${cycle}: ${words}`)
  }
  const live = (12 / 3) * (1 / 1024 + 0.3 + 2)
  const most = live * 1.2 + 32
  const begun = performance.now()
  await until('swept', 70, async () => (await sizeOf(folder)) <= most).catch(() => undefined)
  const size = await sizeOf(folder)
  if (size > most) fault(`${size.toFixed(0)} MiB on the disk for ${live.toFixed(0)} MiB that live`)
  for (const words of await world.faults(client)) fault(`at the end: ${words}`)
  await program.stop()
  figure('kill -9 inside a sweep', `${cycles} times`)
  figure(
    `disk, ${live.toFixed(0)} MiB live, ${((performance.now() - begun) / 1000).toFixed(0)} s later`,
    `${size.toFixed(0)} MiB`,
  )
}

async function leaveGarbage(client, program, chance) {
  await inParallel([0, 1, 2, 3, 4, 5], 3, async (index) => {
    const path = `/sweep/garbage-${index}`
    for (let times = 0; times < 2; times++) {
      await client.ok('PUT', path, { body: bytesOf(`garbage/${index}`, chance.between(1, 4 << 20)) })
    }
    await client.ok('DELETE', path)
  })
  const stopped = client.upload('/sweep/cut', 8 << 20, neverEnding()).catch(() => undefined)
  await pause(30)
  await program.kill()
  await stopped
}

async function* neverEnding() {
  for (let sent = 0; sent < 5; sent++) yield Buffer.alloc(1 << 20)
  await pause(5000, undefined, { ref: false })
}

export const killInSweep = {
  name: 'kill-in-sweep',
  what: 'kill -9 inside a sweep; the disk afterwards',
  minutes: 5,
  run,
}
