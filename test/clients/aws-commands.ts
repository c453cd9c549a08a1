import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll } from '@jest/globals'
import type { Run } from './programs.ts'

/* The AWS CLI for tests of many commands: one Python a test file has it loaded, and forks for each (aws_commands.py). */

const script = fileURLToPath(new URL('aws_commands.py', import.meta.url))

type Python = ChildProcessByStdio<Writable, Readable, null>

/** By HOME, where the CLI looks for its files. */
const loaded = new Map<string, AwsCommands>()
afterAll(() => {
  for (const commands of loaded.values()) commands.end()
})

/**
 * Runs a command of the AWS CLI.
 * @param program its path on the PATH
 * @param environment all of it
 * @returns undefined where this program cannot be loaded: it is not a script in Python, as version 2 from AWS's installer is not
 */
export function runAwsCommand(
  program: string,
  parameters: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv,
): Promise<Run> | undefined {
  const home = environment.HOME ?? ''
  const commands = loaded.get(home) ?? load(program, environment)
  if (!commands) return undefined
  loaded.set(home, commands)
  return commands.run(parameters, cwd, environment)
}

function load(program: string, environment: NodeJS.ProcessEnv): AwsCommands | undefined {
  if (process.platform === 'win32') return undefined
  const own = program.includes('/shims/') ? behindShim(program) : program
  const [, interpreter] = /^#!\s*(\/\S*python[\d.]*)\s*\n/.exec(readFileSync(own, 'latin1')) ?? []
  return interpreter === undefined ? undefined : new AwsCommands(own, interpreter, environment)
}

/** A shim of pyenv is a script of the shell that looks for the program. */
function behindShim(program: string): string {
  return execFileSync('pyenv', ['which', program.split('/').at(-1) ?? ''], { encoding: 'utf8' }).trim()
}

class AwsCommands {
  readonly #program: string
  readonly #python: Python
  readonly #answers: AsyncIterator<string>
  #last: Promise<unknown> = Promise.resolve()

  constructor(program: string, interpreter: string, env: NodeJS.ProcessEnv) {
    this.#program = program
    this.#python = spawn(interpreter, [script], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#answers = createInterface({ input: this.#python.stdout })[Symbol.asyncIterator]()
  }

  /** One after another. */
  run(parameters: readonly string[], cwd: string, environment: NodeJS.ProcessEnv): Promise<Run> {
    const run = this.#last.then(() => this.#ask({ program: this.#program, parameters, cwd, environment }))
    this.#last = run.catch(() => {})
    return run
  }

  async #ask(command: object): Promise<Run> {
    this.#python.stdin.write(`${JSON.stringify(command)}\n`)
    const { done, value } = await this.#answers.next()
    if (done) throw new Error('Python, with the AWS CLI loaded, has ended')
    return JSON.parse(value)
  }

  async end(): Promise<void> {
    const ended = once(this.#python, 'exit')
    this.#python.stdin.end()
    await ended
  }
}
