import { expect, test } from '@jest/globals'
import { Pace } from './pace.ts'

test('a step that took no time is not rested for', async () => {
  const pace = new Pace(() => 0)
  const done: number[] = []
  for (let step = 0; step < 1000; step++) await pace.step(async () => void done.push(step))
  expect(done).toHaveLength(1000)
  expect(pace.hasEnded).toBe(false)
})

test('the end wakes who rests, and later steps are not rested for', async () => {
  let now = 0
  const pace = new Pace(() => now)
  let isDone = false
  const step = pace.step(async () => {
    now += 1_000_000
    isDone = true
  })
  while (!isDone) await new Promise((resolve) => setImmediate(resolve))
  pace.end()
  await step
  await pace.step(async () => {
    now += 1_000_000
  })
  expect(pace.hasEnded).toBe(true)
})
