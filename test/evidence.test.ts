import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

/* Comments cite what is known of AWS by the ids of docs/evidence.md: `evidence: kms-status, kms-empty-message`. */

const id = '[a-z0-9]+(?:-[a-z0-9]+)+'
const separator = '[\\s*/]+'
const citation = new RegExp(`evidence:${separator}(${id}(?:,${separator}${id})*)`, 'gi')

test('What comments cite as evidence is in the list, and the list has nothing that no comment cites', () => {
  const cited = new Set(['src', 'bin', 'test'].flatMap(sourcesIn).flatMap(citedIn))
  expect([...cited].sort()).toEqual(listed().sort())
})

test('A list of ids that goes on in the next line of its comment is read whole', () => {
  expect(idsOf(' * … (evidence:\n * kms-status, kms-denied,\n * sse-update).')).toEqual([
    'kms-status',
    'kms-denied',
    'sse-update',
  ])
})

/** The ids of the document; one that is there twice would be two here. */
function listed(): string[] {
  const rows = readFileSync('docs/evidence.md', 'utf8').matchAll(new RegExp(`^\\| (${id}) \\|`, 'gm'))
  return [...rows].map(([, name = '']) => name)
}

function sourcesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name))
}

function citedIn(path: string): string[] {
  return path.endsWith('evidence.test.ts') ? [] : idsOf(readFileSync(path, 'utf8'))
}

function idsOf(text: string): string[] {
  return [...text.matchAll(citation)].flatMap(([, ids = '']) => ids.match(new RegExp(id, 'g')) ?? [])
}
