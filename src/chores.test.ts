import { expect, test } from '@jest/globals'
import { TurnableAmbient } from './ambient.ts'
import { type Chore, Chores } from './chores.ts'
import { createLog } from './log.ts'

function openChores(chores: Chore[]) {
  const ambient = new TurnableAmbient(1000)
  const lines: string[] = []
  const log = createLog({ level: 'error', json: true, now: () => 0, write: (text) => lines.push(text) })
  return { ambient, lines, chores: new Chores(chores, { ambient, log }) }
}

test('A chore that fails is logged by its name, and the others are done all the same', async () => {
  const done: string[] = []
  const { chores, lines } = openChores([
    { name: 'bodies', run: () => Promise.reject(new Error('segment 7 is missing')) },
    { name: 'keys', run: async () => done.push('keys') },
    { name: 'trail', run: async () => done.push('trail') },
  ])
  await chores.settle()
  await chores.stop()
  await new Promise((resolve) => setImmediate(resolve))
  expect(done).toEqual(['keys', 'trail'])
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    message: 'the chore bodies failed',
    cause: expect.stringContaining('segment 7 is missing'),
  })
})

test('Turning the clock begins the chores, at the moment to which it was turned', async () => {
  const moments: number[] = []
  let markDone = () => {}
  const ran = new Promise<void>((resolve) => {
    markDone = resolve
  })
  const { chores, ambient } = openChores([
    {
      name: 'one',
      run: async (now) => {
        moments.push(now)
        markDone()
      },
    },
  ])
  ambient.turn(500)
  await ran
  await chores.stop()
  expect(moments).toEqual([1500])
})

test('Once settled, everything is done that was due, even where a round was under way when the clock was turned', async () => {
  const moments: number[] = []
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const { chores, ambient } = openChores([
    {
      name: 'one',
      run: async (now) => {
        moments.push(now)
        await held
      },
    },
  ])
  const first = chores.settle()
  await Promise.resolve()
  ambient.turn(500)
  const second = chores.settle()
  release()
  await Promise.all([first, second])
  await chores.stop()
  expect(moments).toEqual([1000, 1500])
})

test('Once stopped, no chore begins, whatever the clock does', async () => {
  let runs = 0
  const { chores, ambient } = openChores([{ name: 'one', run: async () => runs++ }])
  await chores.stop()
  ambient.turn(500)
  await chores.settle()
  expect(runs).toBe(0)
})
