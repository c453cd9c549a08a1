import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { TurnableAmbient } from '../src/ambient.ts'
import type { Emulator } from '../src/emulator.ts'
import { doings, dumpOf, StateHistory, type Step, startQuietly } from './state-history.ts'

/*
 * Random histories with snapshots at any moment and turns of the clock: a state that is loaded is the one that was saved, record for
 * record and byte for byte, and to its clients, whatever came between; so is one that was exported and imported by an emulator of the
 * other kind, whose clock then goes its way as the first one's does.
 */

const steps = fc.record({ does: fc.constantFrom(...doings), which: fc.nat(30) })
const scripts: fc.Arbitrary<Step[]> = fc.array(steps, { minLength: 40, maxLength: 70, size: 'max' })

let undo: (() => Promise<unknown>)[] = []
afterEach(undoAll)

async function undoAll(): Promise<void> {
  for (const step of undo.reverse()) await step()
  undo = []
}

/** At the end of a second: who turns the emulator's clock waits for the next one. */
function machineClock(): TurnableAmbient {
  return new TurnableAmbient(Math.floor(Date.now() / 1000) * 1000 + 999)
}

/** To their clients, and by their clocks. */
async function expectSame(history: StateHistory, other: Emulator): Promise<void> {
  const [{ dump: _, ...seen }, { dump: __, ...seenOfOther }] = [await history.see(), await history.see(other)]
  expect(seenOfOther).toEqual(seen)
}

/** Nothing is wrong with what it keeps, and nothing of it is unreachable. */
async function expectSound(emulator: Emulator): Promise<void> {
  const { faults, unreachable } = await emulator.verify()
  expect({ faults, unreachable }).toEqual({ faults: [], unreachable: { bodies: 0, removed: false } })
}

test.each([
  ['memory', 2],
  ['a data folder', 2],
])('What is saved is what is loaded, and what is exported is what is imported (%s)', async (backend, numRuns) => {
  const isMemory = backend === 'memory'
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const folder = await mkdtemp(join(tmpdir(), 's3kms-histories-'))
      undo.push(() => rm(folder, { recursive: true, force: true }))
      const machine = machineClock()
      const emulator = await startQuietly(isMemory ? { ephemeral: true } : { dataDir: join(folder, 'data') }, machine)
      const history = new StateHistory({ emulator, machine, folder, isMemory })
      undo.push(() => history.emulator.stop())
      await history.seed()
      for (const step of script) await history.take(step)
      await expectSound(history.emulator)
      const seen = await history.see()
      const other = await startQuietly(isMemory ? { dataDir: join(folder, 'other') } : { ephemeral: true }, machine)
      undo.push(() => other.stop())
      await other.import(join(folder, 'dump'))
      expect(await dumpOf(other, folder)).toEqual(seen.dump)
      await expectSame(history, other)
      for (const one of [history.emulator, other]) await one.clock.advance('10d')
      await expectSame(history, other)
      await history.loadAll()
      for (const one of [history.emulator, other]) await expectSound(one)
      await undoAll()
    }),
    // To make a history shorter takes longer than to read it.
    { numRuns, endOnFailure: true },
  )
})
