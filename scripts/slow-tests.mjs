// Makes scripts/slow-tests.json: the unit tests that take longer than half a second by themselves, on a quiet machine. `npm run
// test:quick` is without them; one that is new is in it until this is run again.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const longest = 500
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 's3kms-emu-slow-tests-'))
try {
  const report = join(folder, 'report.json')
  const parameters = [join(root, 'scripts/jest.mjs'), 'unit', '--maxWorkers', '1', '--json', '--outputFile', report]
  execFileSync(process.execPath, parameters, { stdio: ['ignore', 'ignore', 'inherit'] })
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const slow = testResults.filter(({ startTime, endTime }) => endTime - startTime > longest)
  const names = slow.map(({ name }) => relative(root, name).split(sep).join('/')).sort()
  writeFileSync(join(root, 'scripts/slow-tests.json'), `${JSON.stringify(names, undefined, 2)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
