// `npm run mutate -- FOLDER`: how many small faults in a folder the unit tests see. StrykerJS plants and runs them; this takes a
// sample of them, so that it is minutes rather than hours.
//   --sample N   faults to plant, 60 unless given         --seed TEXT   repeats a sample; printed when not given
//   --tests F    where the tests are that must see them, a folder or a file, again and again for more; the faults' own folder of src/
//                unless given
//   --workers N  processes that run tests, 1 unless given
// What survives is printed with its place: it gets a test, or a row in docs/reliability.md that says why it has no effect.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'
import { Instrumenter } from '@stryker-mutator/instrumenter'
import { wasTried, wasUnseen } from './mutation-reporter.mjs'
import { Chance } from './torture/chance.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
/** The removal of a longer block is left out: its range holds all other faults in it, and a test that sees anything sees it. */
const mostLines = 3
/** As in jest.config.mjs, the unit tests alone. */
const unitTests = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/jest-transform.cjs' },
  moduleNameMapper: { '^fast-check$': '<rootDir>/scripts/seeded-fast-check.mjs' },
  // All of it, else Jest does not see that a test in one folder reaches a fault through another one.
  roots: ['<rootDir>/src'],
  testTimeout: 60_000,
}
const options = {
  sample: { type: 'string', default: '60' },
  seed: { type: 'string', default: String(Date.now()) },
  tests: { type: 'string', multiple: true },
  workers: { type: 'string', default: '1' },
}
const { values: asked, positionals } = parseArgs({ options, allowPositionals: true })
const [folder] = positionals
if (folder === undefined || positionals.length > 1) throw new Error('Name one folder: npm run mutate -- src/store')
process.chdir(root)
process.exitCode = await mutate()

async function mutate() {
  const mutants = await mutantsOf(await sourcesIn(folder))
  const chosen = sampleOf(mutants, Number(asked.sample), new Chance(asked.seed))
  console.log(`${folder}: ${chosen.length} of ${mutants.length} faults, seed ${asked.seed}`)
  const begun = performance.now()
  const results = await new Stryker(strykerOptions(chosen)).runMutationTest()
  const valid = results.filter(wasTried)
  const survivors = valid.filter(wasUnseen)
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  const killed = valid.length - survivors.length
  console.log(
    `${folder}: ${killed} of ${valid.length} seen, ${((100 * killed) / valid.length).toFixed(0)} %, ${seconds} s, seed ${asked.seed}`,
  )
  return 0
}

/** Of src/s3/sse all tests of src/s3. */
function testsAsked() {
  const own = folder.split('/').slice(0, 2).join('/')
  return (asked.tests ?? [own]).map((place) => `<rootDir>/${place}${place.endsWith('.test.ts') ? '' : '/**/*.test.ts'}`)
}

async function sourcesIn(place) {
  const names = await readdir(place, { recursive: true })
  const sources = names.filter((name) => name.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(name))
  return sources.sort().map((name) => join(place, name))
}

/** Every fault that StrykerJS would plant. */
async function mutantsOf(names) {
  const silent = { isDebugEnabled: () => false, debug() {}, info() {}, warn() {} }
  const files = await Promise.all(
    names.map(async (name) => ({ name, mutate: true, content: await readFile(name, 'utf8') })),
  )
  const settings = { plugins: null, excludedMutations: [], ignorers: [], noHeader: true }
  const { mutants } = await new Instrumenter(silent).instrument(files, settings)
  return mutants.filter(({ location }) => location.end.line - location.start.line < mostLines)
}

/** Places by chance, and with each all faults that lie in it: StrykerJS is told places, not faults. */
function sampleOf(mutants, count, chance) {
  const left = [...mutants]
  const chosen = new Set()
  while (chosen.size < count && left.length > 0) {
    const [one] = left.splice(chance.int(left.length), 1)
    for (const mutant of mutants) if (liesIn(mutant, one)) chosen.add(mutant)
  }
  return [...chosen]
}

function liesIn(inner, outer) {
  if (inner.fileName !== outer.fileName) return false
  const [begin, end] = [inner.location.start, inner.location.end]
  const isAfter = order(outer.location.start, begin) <= 0
  return isAfter && order(end, outer.location.end) <= 0
}

function order(a, b) {
  return a.line - b.line || a.column - b.column
}

/** StrykerJS's own way to name a place: lines from 1, columns from 0. */
function rangeOf({ fileName, location: { start, end } }) {
  return `${fileName}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`
}

function strykerOptions(chosen) {
  return {
    mutate: [...new Set(chosen.map(rangeOf))],
    testRunner: 'jest',
    testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    coverageAnalysis: 'perTest',
    concurrency: Number(asked.workers),
    jest: { projectType: 'custom', enableFindRelatedTests: true, config: { ...unitTests, testMatch: testsAsked() } },
    reporters: ['each-fault'],
    plugins: ['@stryker-mutator/jest-runner', join(root, 'scripts/mutation-reporter.mjs')],
    tempDirName: '.stryker-tmp',
    timeoutMS: 60_000,
    dryRunTimeoutMinutes: 30,
    // No such file: StrykerJS would read ours by functions that TypeScript 7 no longer has.
    tsconfigFile: 'none.json',
    disableTypeChecks: true,
    checkers: [],
    allowEmpty: true,
    logLevel: 'warn',
    ignorePatterns: ['dist', 'docs', 'test', 'coverage'],
  }
}
