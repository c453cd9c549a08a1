// The built program as a child process: started on a free port, watched, ended by its own id.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const executable = fileURLToPath(new URL('../../dist/s3kms-emu.cjs', import.meta.url))
const startLimit = 60_000
const running = new Set()

/** The program ended, or was silent for too long, before it was ready. */
export class NotStarted extends Error {
  constructor(code, signal, output) {
    super(`did not start: code ${code}, signal ${signal}\n${output}`)
    Object.assign(this, { code, signal, output })
  }
}

/**
 * Spawns `start` without waiting for it to be ready.
 * @param {{ folder: string, flags?: string[] }} options the data folder, and further options of `start`
 */
export function spawnProgram({ folder, flags = [] }) {
  const given = ['start', '--port', '0', '--data-dir', folder, '--log-level', 'warn', ...flags]
  const child = spawn(process.execPath, [executable, ...given], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Program(child)
}

/** @throws NotStarted */
export async function startProgram(options) {
  const program = spawnProgram(options)
  await program.ready()
  return program
}

/** Ends what a scenario left behind. */
export async function endAll() {
  for (const program of running) program.child.kill('SIGKILL')
  await Promise.all([...running].map(({ ended }) => ended))
}

process.once('exit', () => endAll())

export class Program {
  port = 0
  #output = ''

  constructor(child) {
    this.child = child
    this.pid = child.pid
    this.ended = once(child, 'exit')
    running.add(this)
    this.ended.then(() => running.delete(this))
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        this.#output += chunk
        this.port ||= Number(/is ready at http:\/\/127\.0\.0\.1:(\d+)/.exec(this.#output)?.[1] ?? 0)
      })
    }
  }

  /** All it has printed so far. */
  get output() {
    return this.#output
  }

  get isRunning() {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** Resolves when it says where it listens. */
  async ready() {
    const limit = setTimeout(() => this.child.kill('SIGKILL'), startLimit)
    try {
      while (this.port === 0 && this.isRunning) await Promise.race([once(this.child.stdout, 'data'), this.ended])
    } finally {
      clearTimeout(limit)
    }
    if (this.port === 0) throw new NotStarted(this.child.exitCode, this.child.signalCode, this.#output)
  }

  /** kill -9; resolves when it is gone. */
  async kill() {
    this.child.kill('SIGKILL')
    await this.ended
  }

  /** @returns the exit code, null where a signal had to end it */
  async stop() {
    if (!this.isRunning) return this.child.exitCode
    this.child.kill('SIGTERM')
    const limit = setTimeout(() => this.child.kill('SIGKILL'), startLimit)
    const [code] = await this.ended
    clearTimeout(limit)
    return code
  }

  /** MiB resident now; NaN where /proc is not. */
  resident() {
    return this.#status('VmRSS')
  }

  /** MiB resident at most since the start. */
  peak() {
    return this.#status('VmHWM')
  }

  /** As `waitedForProcessor`, of all its threads. */
  waited() {
    return waitedForProcessor(this.pid, threadsOf(this.pid))
  }

  /** As `waitedForProcessor`, of the thread that runs the event loop. */
  loopWaited() {
    return waitedForProcessor(this.pid, [this.pid])
  }

  #status(row) {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
      return Math.round(Number(new RegExp(`${row}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024)
    } catch {
      return Number.NaN
    }
  }
}

/**
 * How long threads were ready to run and had no processor, because others had it: what the load of a machine adds to an answer.
 * @returns ms since they began; 0 where Linux does not tell
 */
function waitedForProcessor(pid, threads) {
  let nanoseconds = 0
  for (const thread of threads) {
    try {
      const [, waiting] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
      nanoseconds += Number(waiting)
    } catch {
      // The thread has ended.
    }
  }
  return nanoseconds / 1e6
}

/** The same of this process, which asks. */
export function askerWaited() {
  return waitedForProcessor(process.pid, [process.pid])
}

/** The same of the programs that run: of the one that waited longest, because they wait side by side. */
export function loopsWaited() {
  return Math.max(0, ...[...running].map((program) => program.loopWaited()))
}

function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** MiB on the disk below a folder; what is removed meanwhile counts nothing. */
export async function sizeOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = entries.filter((entry) => entry.isFile()).map((entry) => lstat(join(entry.parentPath, entry.name)))
  const settled = await Promise.allSettled(sizes)
  return settled.reduce((sum, { value }) => sum + (value?.size ?? 0), 0) / 2 ** 20
}
