import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Emulator } from '../../../src/emulator.ts'
import { connectTo } from '../../../src/testing/emulator-client.ts'
import { region } from '../../emulator.ts'
import type { Lab } from '../lab.ts'
import { recordsIn } from './log-files.ts'

/**
 * The lab through the library.
 * @param note called with the name of each method that was done: `clock.advance`, and `testing.keys` of s3kms-emu/testing
 */
export function throughLibrary(emulator: Emulator, note: (method: string) => void): Lab {
  const { endpoint, credentials } = emulator
  const watched = noted(emulator, '', note)
  const client = noted(connectTo({ endpoint, credentials, region }), 'testing.', note)
  return {
    clock: watched.clock,
    faults: watched.faults,
    snapshots: watched.snapshots,
    policy: watched.policy,
    inspect: watched.inspect,
    audit: watched.audit,
    verify: watched.verify,
    watchedVerify: (onProgress) => watched.verify({ onProgress }),
    export: watched.export,
    import: watched.import,
    seed: watched.seed,
    reset: watched.reset,
    settle: watched.settle,
    notifications: watched.notifications,
    async trailRecords() {
      const folder = await mkdtemp(join(tmpdir(), 's3kms-lab-'))
      try {
        await watched.exportTrail(folder)
        return await recordsIn(folder)
      } finally {
        await rm(folder, { recursive: true })
      }
    },
    explain: client.explain,
    keys: client.keys,
    dataEvents: async () => (await client.trail({ service: 's3' })).map(({ event }) => ({ eventName: event })),
    health: () => Promise.reject(new Error('an emulator that was started is there')),
  }
}

/** The same object; what is done by it is noted, once it is done. */
function noted<Target extends object>(target: Target, prefix: string, note: (method: string) => void): Target {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member === 'object' && member !== null) return noted(member, `${prefix}${String(name)}.`, note)
      if (typeof member !== 'function') return member
      return async (...given: unknown[]) => {
        const answer: unknown = await Reflect.apply(member, target, given)
        note(`${prefix}${String(name)}`)
        return answer
      }
    },
  })
}
