import { expect, test } from '@jest/globals'
import { createLog } from './log.ts'
import { Pace } from './store/pace.ts'
import { sweepAll } from './sweeping.ts'

test('a sweep that fails is logged by its name, and the others are done all the same', async () => {
  const lines: string[] = []
  const log = createLog({ level: 'error', json: true, now: () => 0, write: (text) => lines.push(text) })
  const done: string[] = []
  const sweeps = {
    bodies: async () => Promise.reject(new Error('segment 7 is missing')),
    keys: async () => done.push('keys'),
    trail: async () => done.push('trail'),
  }
  await sweepAll(sweeps, log, new Pace(() => 0))
  await new Promise((resolve) => setImmediate(resolve))
  expect(done).toEqual(['keys', 'trail'])
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    message: 'sweeping bodies failed',
    cause: expect.stringContaining('segment 7 is missing'),
  })
})
