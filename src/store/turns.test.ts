import { expect, test } from '@jest/globals'
import { Turns } from './turns.ts'

async function logOf(width: number): Promise<string[]> {
  const turns = new Turns(width)
  const log: string[] = []
  const body = (name: string) => async () => {
    log.push(`${name} begins`)
    await new Promise((resolve) => setImmediate(resolve))
    log.push(`${name} ends`)
    if (name === 'b') throw new Error(name)
    return name
  }
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => turns.take(body(name))))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  return log
}

test('Each begins when the one before has ended, also when that one failed', async () => {
  expect(await logOf(1)).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('Two of them run at once when there is room for two', async () => {
  expect(await logOf(2)).toEqual(['a begins', 'b begins', 'a ends', 'c begins', 'b ends', 'c ends'])
})
