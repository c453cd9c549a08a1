import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../client.mjs'
import { until } from '../history.mjs'
import { sizeOf, startProgram } from '../program.mjs'
import { contentsOf, World } from '../world.mjs'

/* kill -9 inside a reset: at the next start the world is the old one, whole, or empty, and then its bodies are gone too. */

const shape = { count: 24, sizes: [1 << 10, 4 << 20, 8 << 20], small: 1500, keys: 200 }
const emptyFolder = 48

async function run({ chance, folder, count, fault, figure }) {
  const cycles = count(8, 60)
  const seen = { old: 0, empty: 0 }
  let program = await startProgram({ folder })
  let client = new Client(program)
  let world
  let resetTook = 300
  let longestWait = 0
  for (let cycle = 0; cycle < cycles; cycle++) {
    const report = (words) => fault(`cycle ${cycle}: ${words}`)
    if (world === undefined) {
      world = new World('reset', shape)
      await world.make(client, `reset-${cycle}`)
    }
    const begun = performance.now()
    const reset = client.control('POST', 'reset').then(
      ({ status }) => status === 200,
      () => false,
    )
    // The first one is timed, the others are cut short.
    const delay = cycle === 0 ? 60_000 : chance.int(resetTook * 1.1)
    const acknowledged = (await Promise.race([reset, pause(delay, 'late', { ref: false })])) === true
    if (cycle === 0) resetTook = performance.now() - begun
    await program.kill()
    client.close()
    program = await startProgram({ folder })
    client = new Client(program)
    const { buckets, keys, aliases } = await contentsOf(client)
    if (buckets + keys + aliases > 0) {
      if (acknowledged) report('the reset was acknowledged, and the old world is there')
      const faults = await world.faults(client).catch((error) => [error.message])
      const what = `neither old nor empty: ${buckets} buckets, ${keys} keys, ${faults.length} things wrong, ${faults[0]}`
      if (faults.length === 0) seen.old++
      else {
        report(what)
        await client.control('POST', 'reset')
        world = undefined
      }
      continue
    }
    seen.empty++
    world = undefined
    const events = (await client.lookup({})).output.Events.filter(({ EventName }) => EventName === 'Encrypt').length
    if (events > 0) report(`empty but for ${events} events of the old world`)
    const started = performance.now()
    await until('the bodies are gone', 65, async () => (await sizeOf(folder)) < emptyFolder).catch(async () =>
      report(`an empty world takes ${(await sizeOf(folder)).toFixed(0)} MiB a minute after the start`),
    )
    longestWait = Math.max(longestWait, performance.now() - started)
  }
  await program.stop()
  figure('kill -9 inside a reset', `${cycles} times`)
  figure('afterwards the old world, the empty one', `${seen.old}, ${seen.empty}`)
  figure('its bodies are off the disk after', `${(longestWait / 1000).toFixed(1)} s`)
  figure('a reset of 96 MiB takes', `${resetTook.toFixed(0)} ms`)
}

export const killInReset = { name: 'kill-in-reset', what: 'kill -9 inside a reset: old or empty', minutes: 5, run }
