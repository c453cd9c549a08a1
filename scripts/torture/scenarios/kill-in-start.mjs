import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from '../client.mjs'
import { spawnProgram, startProgram } from '../program.mjs'
import { World } from '../world.mjs'

/* kill -9 at any moment of a start: of the first one on a new folder, with fixtures, and of later ones. */

const fixtures = fileURLToPath(new URL('../../../fixtures/permissions.yaml', import.meta.url))
const shape = { count: 6, sizes: [1 << 10, 300 << 10] }

async function run({ chance, folder, count, fault, figure }) {
  const cycles = count(12, 100)
  const flags = ['--fixtures', fixtures]
  let startTook = 1000
  for (const kind of ['new', 'old']) {
    const world = new World('start', shape)
    if (kind === 'old') await makeWorld(`${folder}/old`, flags, world)
    for (let cycle = 0; cycle < cycles; cycle++) {
      const own = kind === 'old' ? `${folder}/old` : `${folder}/new-${cycle}`
      const spawned = spawnProgram({ folder: own, flags })
      await pause(chance.int(startTook * 1.2))
      await spawned.kill()
      const begun = performance.now()
      const program = await startProgram({ folder: own, flags })
      startTook = performance.now() - begun
      const client = new Client(program)
      const report = (words) => fault(`${kind} folder, cycle ${cycle}: ${words}`)
      await client.ok('HEAD', '/tenants').catch((error) => report(error.message))
      const alias = await client.kms('DescribeKey', { KeyId: 'alias/tenants' })
      if (alias.status !== 200) report(`the key of the fixtures: ${JSON.stringify(alias.output)}`)
      if (kind === 'old') for (const words of await world.faults(client)) report(words)
      client.close()
      if ((await program.stop()) !== 0) report(`SIGTERM: ${program.output}`)
    }
  }
  figure('kill -9 inside a start, new and old folders', `${2 * cycles} times`)
}

async function makeWorld(folder, flags, world) {
  const program = await startProgram({ folder, flags })
  const client = new Client(program)
  await world.make(client)
  client.close()
  await program.kill()
}

export const killInStart = { name: 'kill-in-start', what: 'kill -9 at any moment of a start', minutes: 5, run }
