import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Emulator } from '../../../src/emulator.ts'
import { connectTo } from '../../../src/testing/emulator-client.ts'
import { region } from '../../emulator.ts'
import { type Lab, Refused } from '../lab.ts'
import { recordsIn } from './log-files.ts'

/** The lab through the client that tests have, which may be far from the emulator. */
export function throughTestingClient({ endpoint, credentials }: Emulator): Lab {
  const { verify, explain, keys, ...client } = refusing(connectTo({ endpoint, credentials, region }))
  return {
    ...client,
    verify,
    watchedVerify: (onProgress) => verify({ onProgress }),
    async trailRecords() {
      const folder = await mkdtemp(join(tmpdir(), 's3kms-lab-'))
      try {
        await client.exportTrail(folder)
        return await recordsIn(folder)
      } finally {
        await rm(folder, { recursive: true })
      }
    },
    explain,
    keys: () => keys(),
    dataEvents: async () => (await client.trail({ service: 's3' })).map(({ event }) => ({ eventName: event })),
    health: () => Promise.reject(new Error('whoever has a client knows by its first answer')),
  }
}

/** The same object; what the emulator refuses is an Error with its words. */
function refusing<Target extends object>(target: Target): Target {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member === 'object' && member !== null) return refusing(member)
      if (typeof member !== 'function') return member
      return async (...given: unknown[]) => {
        try {
          return await Reflect.apply(member, target, given)
        } catch (error) {
          throw error instanceof Error && error.constructor === Error ? new Refused(error.message) : error
        }
      }
    },
  })
}
