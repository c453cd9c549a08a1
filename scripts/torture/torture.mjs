// `npm run torture`: the built program under what a bad day brings, in temporary folders and on free ports.
//   --seed TEXT    repeats a run; printed when not given
//   --only NAME    one scenario; again and again for more
//   --list         what there is
//   --long         the long form, hours rather than minutes
//   --share 0.4    so much of what the short form does
//   --limit MS     the longest answer that passes, 2000 unless given; where Linux tells it, without the wait for processors that others had
//   --keep         leaves the folders for a look
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Chance } from './chance.mjs'
import { endAll, loopsWaited } from './program.mjs'
import { scenarios } from './scenarios/index.mjs'
import { stopwatch } from './stopwatch.mjs'

const shownFaults = 12
const options = {
  seed: { type: 'string' },
  share: { type: 'string', default: '1' },
  only: { type: 'string', multiple: true },
  limit: { type: 'string', default: '2000' },
  long: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
}
const { values: asked } = parseArgs({ options })
const share = Number(asked.share)
const unknown = (asked.only ?? []).find((name) => !scenarios.some((scenario) => scenario.name === name))

if (asked.list) for (const { name, what } of scenarios) console.log(name.padEnd(14), what)
else if (unknown !== undefined) throw new Error(`There is no scenario ${unknown}; --list names them`)
else process.exitCode = await torture()

async function torture() {
  const seed = asked.seed ?? String(Date.now())
  const chosen = scenarios.filter(({ name }) => !asked.only || asked.only.includes(name))
  const form = asked.long ? 'long' : 'short'
  console.log(`seed ${seed}, ${form} form, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`)
  const results = []
  for (const scenario of chosen) results.push(await runOne(scenario, seed))
  console.log('')
  for (const { name, seconds, faults, skipped } of results) {
    const outcome = skipped ? `skipped: ${skipped}` : faults === 0 ? 'clean' : `${faults} faults`
    console.log(`${name.padEnd(14)} ${`${seconds.toFixed(0)} s`.padStart(6)}  ${outcome}`)
  }
  const faults = results.reduce((sum, result) => sum + result.faults, 0)
  console.log(`${results.length} scenarios, ${faults} faults${faults > 0 ? `; again: --seed ${seed}` : ''}`)
  return faults > 0 ? 1 : 0
}

async function runOne({ name, run, minutes }, seed) {
  console.log(`\n== ${name}`)
  const folder = mkdtempSync(join(tmpdir(), `s3kms-torture-${name}-`))
  const begun = performance.now()
  const endings = []
  const result = { name, seconds: 0, faults: 0, skipped: undefined }
  const context = {
    chance: new Chance(`${seed}/${name}`),
    folder,
    isLong: asked.long,
    /** How often, in the short form and in the long one. */
    count: (short, long) => (asked.long ? long : Math.max(1, Math.round(short * share))),
    limit: Number(asked.limit),
    figure: (what, value) => console.log(`  ${what.padEnd(58)} ${value}`),
    fault: (words) => {
      result.faults++
      if (result.faults <= shownFaults) console.log(`  FAULT ${words}`)
      if (result.faults === shownFaults) console.log('  … further ones are counted only')
    },
    /** Runs at the end, however it comes. */
    atEnd: (work) => endings.push(work),
    skip: (why) => {
      result.skipped = why
    },
  }
  try {
    await inTime(run(context), minutes * (asked.long ? 20 : 1))
  } catch (error) {
    context.fault(error.stack ?? String(error))
  } finally {
    await endAll()
    for (const work of endings) await work()
    if (asked.keep) console.log(`  kept ${folder}`)
    else rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  result.seconds = (performance.now() - begun) / 1000
  return result
}

/** A scenario that does not come to its end is a fault as well. The time in which others had the processors does not count. */
function inTime(work, minutes) {
  return new Promise((resolve, reject) => {
    let left = minutes * 60_000
    let stop = stopwatch(loopsWaited)
    const tick = setInterval(() => {
      left -= stop().own
      stop = stopwatch(loopsWaited)
      if (left < 0) reject(new Error(`not at its end after ${minutes} minutes`))
    }, 1000)
    work.then(resolve, reject).finally(() => clearInterval(tick))
  })
}
