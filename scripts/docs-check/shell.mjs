import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'

const longestCommand = 120_000

/** A shell that goes on from command to command, as a reader's does. */
export class Shell {
  #child
  #printed = ''
  #heard = () => {}

  constructor(folder, environment) {
    this.#child = spawn('bash', ['--noprofile', '--norc'], { cwd: folder, env: environment, stdio: 'pipe' })
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      this.#printed += text
      this.#heard()
    })
    this.#child.stderr.on('data', () => {})
    this.#child.stdin.write('exec 2>&1\n')
  }

  /**
   * @param command one, of any number of lines
   * @returns its exit code, and the lines that it printed
   */
  async run(command) {
    const mark = `done-${randomUUID()}`
    this.#printed = ''
    const ended = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`it does not end: ${command}\n${this.#printed}`)), longestCommand)
      this.#heard = () => {
        const [printed, code] = this.#printed.split(mark)
        if (code === undefined || !code.endsWith('\n')) return
        clearTimeout(timer)
        resolve({ code: Number(code), lines: linesOf(printed) })
      }
    })
    this.#child.stdin.write(`{ ${command}\n} </dev/null; printf '${mark}%s\\n' "$?"\n`)
    return ended
  }

  async end() {
    this.#child.stdin.end()
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
  }
}

/** A program that runs until it is ended: `s3kms-emu start` in a shell of its own. */
export class Background {
  #child
  #printed = ''

  constructor(command, folder, environment) {
    this.#child = spawn('bash', ['--noprofile', '--norc', '-c', `exec ${command}`], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.#printed += text
      })
    }
  }

  /** The lines that it printed, once they have what is looked for. @throws Error where it ends before */
  async until(pattern) {
    const deadline = Date.now() + longestCommand
    while (!pattern.test(this.#printed)) {
      if (this.#child.exitCode !== null || Date.now() > deadline) throw new Error(`it did not start:\n${this.#printed}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return linesOf(this.#printed)
  }

  async end() {
    if (this.#child.exitCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
  }
}

function linesOf(text) {
  // What a program wrote over is not there for a reader.
  const lines = text.split('\n').map((line) => line.trimEnd().split('\r').at(-1))
  while (lines.at(-1) === '') lines.pop()
  return lines
}
