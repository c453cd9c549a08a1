// Makes docs/policy-decisions.md from the tables that `npm run contract` asks, and what was recorded of AWS.
// `--check` (part of `npm run lint`) compares the file.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import './typescript.mjs'

const file = new URL('../docs/policy-decisions.md', import.meta.url)
const { decisionsDocument } = await import('../test/contract/document/document.ts')
const { families } = await import('../test/contract/families.ts')

const chapters = Object.entries(families).map(([family, { title, scenarios }]) => {
  return { title, scenarios, recording: recordingOf(family) }
})
const evidence = readFileSync(new URL('../docs/evidence.md', import.meta.url), 'utf8')
const document = `# Decisions of policies

Made by \`npm run decisions-document\` from the tables of [test/contract](contract.md); do not edit. Every row is asked of the emulator by each
build, and fails it where the emulator answers otherwise. How far AWS answers so is known, the last column says by the weakest of its sources:

| known | |
| --- | --- |
| recorded, with a date | this suite asked AWS itself |
| recorded, captured | answers of AWS that others published |
| model, docs, reports | AWS's models; AWS's own pages; what users reported |
| peer | another implementation answers so |
| **assumed** | nothing is known |

[evidence.md](evidence.md) has the facts that are named, with their sources. BUCKET is the scenario's bucket, KEY its key, of account 111122223333; words of refusals are cut down to their reasons.

${decisionsDocument(chapters, evidence)}`

if (!process.argv.includes('--check')) {
  writeFileSync(file, document)
} else if (!existsSync(file) || document !== readFileSync(file, 'utf8')) {
  console.error('docs/policy-decisions.md is not what the tables make: npm run decisions-document')
  process.exitCode = 1
}

function recordingOf(family) {
  const path = new URL(`../test/contract/recorded/${family}.json`, import.meta.url)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}
