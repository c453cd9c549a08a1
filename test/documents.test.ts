import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'

/* What readers of README.md and docs/ rely on; that commands do what the pages show is `npm run docs:check`. */

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.md'),
)
const { blocksOf, programsOf } = await import('../scripts/docs-check/blocks.mjs' as string)
const { openComparison } = await import('../scripts/docs-check/compare.mjs' as string)

test('docs/README.md names every page', () => {
  const index = read('docs/README.md')
  expect(pages.filter((name) => name !== 'README.md' && !index.includes(`(${name})`))).toEqual([])
})

test('docs/fixtures.md names every member of a fixture file', () => {
  const page = read('docs/fixtures.md')
  const form = read('src/fixtures/document.ts')
  const members = [...form.slice(form.indexOf('const fixtures = objectOf')).matchAll(/^ {2}(?: {4})?(\w+):/gm)]
  const names = members.map(([, name = '']) => name)
  expect(names).toContain('permissionsBoundary')
  expect(names.filter((name) => !page.includes(name))).toEqual([])
})

test('The check of documents finds commands, their output, files, and what is not run', () => {
  const text = [
    '```console',
    '$ one \\',
    '  more',
    'shown',
    "$ two '{",
    "  }'",
    '```',
    '```js file=a.js',
    'x',
    '```',
    '```sh not-run="needs Docker"',
    'docker run x',
    '```',
    '```json',
    '{}',
    '```',
  ].join('\n')
  expect(blocksOf(text)).toMatchObject([
    {
      kind: 'console',
      steps: [
        { command: 'one \\\n  more', expected: ['shown'] },
        { command: "two '{\n  }'", expected: [] },
      ],
    },
    { kind: 'file', file: 'a.js', content: ['x'] },
    { kind: 'not-run', reason: 'needs Docker' },
  ])
  expect(() => blocksOf('```\n$ one\n```')).toThrow('line 1: the block has commands: call it console, or sh')
  expect(programsOf('KEY=$(aws kms list-keys) && cat x | grep y')).toEqual(['aws', 'cat', 'grep'])
})

test('The check of documents sees another word, another id and a missing line, and no other time', () => {
  const [one, other] = ['11111111-2222-3333-4444-555555555555', '66666666-7777-8888-9999-000000000000']
  const { firstDifference, here } = openComparison()
  expect(
    firstDifference([`key ${one} at 2026-01-01T00:00:00Z`], [`key  ${other} at 2026-11-30T01:02:03Z`]),
  ).toBeUndefined()
  expect(firstDifference([`again ${one}`], [`again ${other}`])).toBeUndefined()
  expect(firstDifference([`again ${one}`], [`again ${one}`])).toBeDefined()
  expect(here(`describe ${one}`)).toBe(`describe ${other}`)
  expect(firstDifference(['a word'], ['a ward'])).toBeDefined()
  expect(firstDifference(['a', '…', 'z'], ['a', 'b', 'c', 'z'])).toBeUndefined()
  expect(firstDifference(['a', '…', 'z'], ['a', 'b', 'c'])).toBeDefined()
  expect(firstDifference(['in … seconds'], ['in three seconds'])).toBeUndefined()
  expect(firstDifference(['a'], ['a', 'b'])).toBeDefined()
})
