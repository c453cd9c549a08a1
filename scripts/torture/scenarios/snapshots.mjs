import { setTimeout as pause } from 'node:timers/promises'
import { Client, elementsOf } from '../client.mjs'
import { until } from '../history.mjs'
import { sizeOf, startProgram } from '../program.mjs'
import { contentsOf, World } from '../world.mjs'

/*
 * kill -9 while snapshots are saved and loaded, and exports imported. Three worlds are kept, and each of the two that are named is exported;
 * the emulator has one of them, or none. After each death it has the world from before or the one that was on its way, whole, and all
 * that is kept loads.
 */

const shape = { count: 9, sizes: [1 << 10, 1 << 20, 3 << 20], small: 500, keys: 40 }
const names = ['one', 'two']

async function run({ chance, folder, count, fault, figure }) {
  const cycles = count(12, 120)
  const seen = { before: 0, after: 0 }
  const worlds = new Map()
  const exports = new Map()
  /** How long each kind takes, in ms. */
  const times = new Map()
  let program = await startProgram({ folder })
  let client = new Client(program)
  for (const name of names) {
    await client.control('POST', 'reset')
    const world = new World(name, shape)
    await world.make(client)
    worlds.set(name, world)
    await acknowledged(client.control('PUT', `snapshots/${name}`))
    exports.set(name, (await acknowledged(client.control('GET', 'export'))).body)
  }
  let present = 'two'
  for (let cycle = 0; cycle < cycles; cycle++) {
    const report = (words) => fault(`cycle ${cycle}: ${words}`)
    const { kind, wanted, ask } = doing(chance, client, exports, present)
    const noise = makeNoise(client, present)
    const begun = performance.now()
    const asked = ask().then(
      ({ status }) => status === 200,
      () => false,
    )
    // The first of a kind is timed, the others are cut short.
    const delay = times.has(kind) ? chance.int(times.get(kind) * 1.1) : 60_000
    const isAcknowledged = (await Promise.race([asked, pause(delay, 'late', { ref: false })])) === true
    const took = performance.now() - begun
    if (!times.has(kind)) times.set(kind, took)
    await program.kill()
    await noise
    client.close()
    program = await startProgram({ folder })
    client = new Client(program)
    const found = await worldOf(client, worlds)
    if (found.faults.length > 0) report(`a mix: ${found.faults.length} things wrong, ${found.faults[0]}`)
    if (found.name !== present && found.name !== wanted) report(`neither ${present} nor ${wanted}, but ${found.name}`)
    if (isAcknowledged && found.name !== wanted) report(`${wanted} was acknowledged after ${took.toFixed(0)} ms`)
    seen[found.name === wanted ? 'after' : 'before']++
    present = found.name
    const kept = (await acknowledged(client.control('GET', 'snapshots'))).body
    for (const name of names) if (!String(kept).includes(`"${name}"`)) report(`the snapshot ${name} is gone`)
  }
  for (const name of names) {
    await acknowledged(client.control('POST', `snapshots/${name}/load`))
    for (const words of await worlds.get(name).faults(client)) fault(`${name}, loaded at the end: ${words}`)
    await acknowledged(client.control('DELETE', `snapshots/${name}`))
  }
  const most = (9 / 3) * (1 / 1024 + 1 + 3) * 1.2 + 32
  const begun = performance.now()
  await until('swept', 70, async () => (await sizeOf(folder)) <= most).catch(() => undefined)
  const size = await sizeOf(folder)
  if (size > most) fault(`${size.toFixed(0)} MiB on the disk when nothing is kept any more`)
  for (const words of await worlds.get('two').faults(client)) fault(`swept: ${words}`)
  await program.stop()
  figure('kill -9 inside a save, load, import, reset or turn of the clock', `${cycles} times`)
  figure('a load, an import', `${inMilliseconds(times.get('load'))}, ${inMilliseconds(times.get('import'))}`)
  figure('afterwards the state before, the one asked for', `${seen.before}, ${seen.after}`)
  figure(
    `disk, ${((performance.now() - begun) / 1000).toFixed(0)} s after the last snapshot was deleted`,
    `${size.toFixed(0)} MiB`,
  )
}

/** What is asked, and the world that there is when it was done. */
function doing(chance, client, exports, present) {
  const name = chance.pick(names)
  const again = present === 'none' ? 'empty' : present
  return chance.pick([
    { kind: 'save', wanted: present, ask: () => client.control('PUT', 'snapshots/another') },
    { kind: 'save', wanted: present, ask: () => client.control('PUT', `snapshots/${again}`) },
    { kind: 'load', wanted: name, ask: () => client.control('POST', `snapshots/${name}/load`) },
    { kind: 'load', wanted: name, ask: () => client.control('POST', `snapshots/${name}/load`) },
    { kind: 'import', wanted: name, ask: () => client.control('POST', 'import', exports.get(name)) },
    { kind: 'clock', wanted: present, ask: () => client.control('POST', 'clock/advance/1d') },
    { kind: 'reset', wanted: 'none', ask: () => client.control('POST', 'reset') },
  ])
}

/** Overwrites objects that belong to no world, until the program is gone: there are bodies in flight, and garbage. */
async function makeNoise(client, bucket) {
  const write = async (writer) => {
    for (let count = 0; ; count++) {
      const body = Buffer.alloc(count % 2 === 0 ? 300_000 : 100, writer)
      await client.s3('PUT', `/${bucket}/noise-${writer}`, { body })
    }
  }
  await Promise.allSettled([1, 2, 3].map(write))
}

/** Which of the worlds there is, and what is wrong with it. */
async function worldOf(client, worlds) {
  const { body } = await client.ok('GET', '/')
  const { buckets, keys } = await contentsOf(client)
  const name = names.find((candidate) => elementsOf(body, 'Name').includes(candidate)) ?? 'none'
  const faults =
    name === 'none'
      ? []
      : await worlds
          .get(name)
          .faults(client)
          .catch((error) => [error.message])
  const wanted = name === 'none' ? [0, 0] : [1, shape.keys + 1]
  if (buckets !== wanted[0] || keys !== wanted[1]) faults.push(`${buckets} buckets and ${keys} keys`)
  return { name, faults }
}

function inMilliseconds(time) {
  return time === undefined ? 'not asked' : `${time.toFixed(0)} ms`
}

async function acknowledged(asked) {
  const answer = await asked
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.body}`)
  return answer
}

export const snapshots = {
  name: 'snapshots',
  what: 'kill -9 inside a save, a load, an import: the old state or the new one',
  minutes: 5,
  run,
}
