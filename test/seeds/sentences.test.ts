import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'

interface SeedDocument {
  title: string
  sentences: Record<string, string>
}

const documents: Record<string, SeedDocument> = JSON.parse(
  readFileSync(new URL('../../fixtures/seed-sentences.json', import.meta.url), 'utf8'),
)
const folder = new URL('.', import.meta.url)

/** The sentence numbers that test names of this folder begin with: `'K3 K8 PUT Object accepts …'`. */
function numbersInTestNames(): string[] {
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  const names = sources.flatMap((source) => [...source.matchAll(/\]?\)?\(\s*['"`]((?:[KFC]\d+ )+)/g)])
  return names.flatMap(([, numbers = '']) => numbers.trim().split(' '))
}

test('every numbered sentence of the three documents has a test, and no test names a sentence that is not there', () => {
  const numbered = Object.values(documents).flatMap(({ sentences }) => Object.keys(sentences))
  expect([...new Set(numbersInTestNames())].sort()).toEqual(numbered.sort())
})
