import { expect, test } from '@jest/globals'
import { Turns } from './turns.ts'

async function logOf(width: number): Promise<string[]> {
  const turns = new Turns(width)
  const log: string[] = []
  const run = async (name: string) => {
    const end = await turns.take()
    log.push(`${name} begins`)
    await new Promise((resolve) => setImmediate(resolve))
    log.push(`${name} ends`)
    end()
  }
  await Promise.all(['a', 'b', 'c'].map(run))
  return log
}

test('Each begins when the one before has ended', async () => {
  expect(await logOf(1)).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('Two of them run at once when there is room for two', async () => {
  expect(await logOf(2)).toEqual(['a begins', 'b begins', 'a ends', 'c begins', 'b ends', 'c ends'])
})

test('A turn ends when its work fails', async () => {
  const turns = new Turns(1)
  const failing = turns.during(async () => {
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await turns.during(async () => 'next')).toBe('next')
})
