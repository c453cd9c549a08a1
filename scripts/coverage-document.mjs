// Writes COVERAGE.md: every operation of the APIs, from the very tables that serve them.
import { writeFileSync } from 'node:fs'
import { loadSource } from './load-source.mjs'

const { kmsOperations, supportedOperations } = await loadSource('src/kms/operations/index.ts')
const { operations } = await loadSource('src/s3/operations/index.ts')
const { notImplemented } = await loadSource('src/s3/operations/not-implemented.ts')
const { absentOperations } = await loadSource('src/trail/operations.ts')

const supported = new Set(supportedOperations.map(({ name }) => name))
const kms = [...kmsOperations.keys()]
  .sort()
  .map((name) => [name, supported.has(name) ? 'yes' : 'UnsupportedOperationException'])
const s3 = [
  ...operations.map(({ name, route }) => [name, 'yes', route]),
  ...notImplemented.map(({ name, route }) => [name, '501 NotImplemented', route]),
].sort(([a], [b]) => (a < b ? -1 : 1))

const text = `# What is here

Made by \`npm run coverage-document\` from the operation tables; do not edit. Every operation of AWS's that is not here answers
with a refusal that names it.

## S3

${count(s3)}

${table(
  ['Operation', 'Here', 'Route'],
  s3.map(([name, here, route]) => [name, here, `\`${route}\``]),
)}

## KMS

${count(kms)} The refused ones are recorded in the trail like any other call.

${table(['Operation', 'Here'], kms)}

## CloudTrail

LookupEvents. The other ${absentOperations.size} operations answer UnsupportedOperationException.

## STS

GetCallerIdentity and AssumeRole, with session tokens that every service here honours.
`
writeFileSync(new URL('../COVERAGE.md', import.meta.url), text)

function count(rows) {
  return `${rows.filter(([, here]) => here === 'yes').length} of ${rows.length} operations.`
}

function table(headings, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}
