// `npm run docs:check [-- --write] [PAGE…]`: runs every command of README.md and docs/ against the build, each page in a folder of its
// own, and compares what it prints with what the page shows. With --write a page gets what was printed where it differs.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { blocksOf } from './blocks.mjs'
import { runPage } from './page.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const atOnce = 2
const given = process.argv.slice(2)
const isWriting = given.includes('--write')
const named = given.filter((word) => !word.startsWith('--'))

const waiting = (named.length > 0 ? named : allPages()).map((name) => join(root, relative(root, name)))
const results = []
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let page = waiting.shift(); page !== undefined; page = waiting.shift()) results.push(await check(page))
  }),
)
report(results)

function allPages() {
  const pages = readdirSync(join(root, 'docs'), { recursive: true }).filter((name) => name.endsWith('.md'))
  return ['README.md', ...pages.map((name) => join('docs', name)).sort()]
}

async function check(page) {
  const name = relative(root, page)
  const text = readFileSync(page, 'utf8')
  try {
    const blocks = blocksOf(text)
    const result = await runPage(blocks)
    if (isWriting) writeFileSync(page, rewritten(text, blocks))
    return { name, ...result }
  } catch (error) {
    return { name, run: 0, notRun: [], skipped: [], faults: [{ line: 0, message: error.message }] }
  }
}

/** The text with what was printed in place of what differed. */
function rewritten(text, blocks) {
  const lines = text.split('\n')
  for (const { kind, steps, line } of blocks.toReversed()) {
    if (kind !== 'console' || !steps.some(({ differs }) => differs)) continue
    const end = lines.findIndex((own, at) => at >= line && own.trim() === '```')
    const content = steps.flatMap(({ shown, expected, printed, differs }) => [
      ...shown,
      ...(differs ? printed : expected),
    ])
    lines.splice(line, end - line, ...content)
  }
  return lines.join('\n')
}

function report(results) {
  for (const { name, faults } of results) {
    for (const { line, message } of faults) console.error(`${name}:${line}: ${message}\n`)
  }
  const all = (member) => results.flatMap((result) => result[member])
  console.log(
    `${all('run').reduce((sum, count) => sum + count, 0)} commands run in ${results.length} pages, ${all('faults').length} faults`,
  )
  for (const [reason, count] of counted(all('notRun'))) console.log(`  ${count} blocks not run: ${reason}`)
  for (const [program, count] of counted(all('skipped')))
    console.log(`  ${count} blocks skipped: ${program} is not installed here`)
  process.exitCode = all('faults').length === 0 ? 0 : 1
}

function counted(words) {
  const counts = new Map()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
