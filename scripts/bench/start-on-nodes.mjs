// `node scripts/bench/start-on-nodes.mjs`: what a start takes on each Node of npm's, and of the executable, beside `node -e 0` of the same Node. Linux
// only. Processor time of all threads, so that other work on the machine tells little; the least of many runs, in turns. A data folder is
// made anew each time, so LevelDB is created and opened.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { machines, thisMachine } from '../machines.mjs'
import { nodeFromNpm } from '../node-from-npm.mjs'

const runs = 12
const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'dist/program.cjs')
const executable = join(root, 'dist/package', `s3kms-emu-${machines[thisMachine].shown}`)
const folder = mkdtempSync(join(tmpdir(), 's3kms-emu-start-'))
const nodes = ['20.20.2', '22', '24', '26'].map((version) => nodeFromNpm(version))
const programs = nodes.map((node) => ({ name: `npm package, Node ${versionOf(node)}`, node, words: [node, program] }))
const [, , node24] = nodes
if (existsSync(executable)) programs.push({ name: 'executable', node: node24, words: [executable] })

try {
  const rows = programs.map(({ name }) => ({ name, ready: [], byClock: [], bare: [], bareByClock: [] }))
  for (let run = 0; run < runs; run++) {
    for (const [index, { node, words }] of programs.entries()) {
      // It says its name behind its own start, and waits to be measured.
      const bare = await measure([node, '-e', 'console.log(0); setInterval(() => {}, 1000)'])
      const ready = await measure([...words, 'start', '--port', '0', '--data-dir', join(folder, `${index}-${run}`)])
      rows[index].bare.push(bare.processor)
      rows[index].bareByClock.push(bare.clock)
      rows[index].ready.push(ready.processor)
      rows[index].byClock.push(ready.clock)
    }
  }
  for (const [index, row] of rows.entries()) rows[index] = { ...row, idle: await idleMemory(programs[index].words) }
  console.table(
    rows.map(({ name, ready, bare, byClock, bareByClock, idle }) => ({
      name,
      'ready, ms of a processor': least(ready),
      'node -e 0': least(bare),
      'by the clock': least(byClock),
      'node -e 0 by the clock': least(bareByClock),
      'idle, MiB (PSS)': idle,
    })),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function versionOf(node) {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1)
}

function least(values) {
  return Math.round(Math.min(...values))
}

/** ms until a program says its first words: of all its threads, and by the clock. */
async function measure([command, ...words]) {
  const begun = performance.now()
  const child = await started(command, words)
  const figures = { processor: processorTime(child.pid), clock: performance.now() - begun }
  await stop(child)
  return figures
}

function started(command, words) {
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.stdout.once('data', () => resolve(child))
  })
}

async function stop(child) {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** Linux's own count in nanoseconds, of the threads that live. */
function processorTime(pid) {
  const threads = readdirSync(`/proc/${pid}/task`)
  const times = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  )
  return times.reduce((sum, time) => sum + time, 0) / 1e6
}

async function idleMemory([command, ...words]) {
  const child = await started(command, [...words, 'start', '--port', '0', '--data-dir', join(folder, 'idle')])
  await pause(3000)
  const [, kibibytes] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/smaps_rollup`, 'utf8')) ?? []
  await stop(child)
  rmSync(join(folder, 'idle'), { recursive: true, force: true })
  return Math.round(Number(kibibytes) / 1024)
}
