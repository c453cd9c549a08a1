import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { TurnableAmbient } from '../src/ambient.ts'
import { type FurtherDoing, furtherDoings, furtherRequests } from './further-history.ts'
import { doings, StateHistory, startQuietly } from './state-history.ts'

/*
 * Random histories of all that leaves records: whatever came before, what is kept is told to be sound, by whoever made it and by the next
 * start. A false alarm is the worst that verify can do.
 */

const which = fc.nat(30)
const steps = fc.oneof(
  fc.record({ does: fc.constantFrom(...doings), which }),
  fc.record({ further: fc.constantFrom(...furtherDoings), which }),
)
const scripts = fc.array(steps, { minLength: 60, maxLength: 90, size: 'max' })

let undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.reverse()) await step()
  undo = []
})

test.each(['memory', 'a data folder'])('Whatever came before, nothing is told to be wrong (%s)', async (backend) => {
  const isMemory = backend === 'memory'
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const folder = await mkdtemp(join(tmpdir(), 's3kms-histories-'))
      const machine = new TurnableAmbient(Math.floor(Date.now() / 1000) * 1000 + 999)
      const emulator = await startQuietly(isMemory ? { ephemeral: true } : { dataDir: join(folder, 'data') }, machine)
      const history = new StateHistory({ emulator, machine, folder, isMemory })
      undo.push(
        () => rm(folder, { recursive: true, force: true }),
        () => history.emulator.stop(),
      )
      await history.seed()
      for (const [index, step] of script.entries()) {
        if ('does' in step) await history.take(step)
        else await takeFurther(history, step)
        if (index % 15 === 14) await expectSound(history)
      }
      await history.take({ does: 'settle', which: 0 })
      await expectSound(history)
      await history.take({ does: 'restart', which: 0 })
      await expectSound(history)
    }),
    { numRuns: 1, endOnFailure: true },
  )
})

/** Most of what is asked may be refused: there is no such key, no such bucket. */
async function takeFurther(history: StateHistory, { further, which }: { further: FurtherDoing; which: number }) {
  const request = furtherRequests(history, which)[further]
  await request().catch((error) => expect(error.$metadata?.httpStatusCode).toBeLessThan(500))
}

async function expectSound({ emulator }: StateHistory): Promise<void> {
  const { faults, unreachable } = await emulator.verify()
  expect({ faults, bodies: unreachable.bodies }).toEqual({ faults: [], bodies: 0 })
}
