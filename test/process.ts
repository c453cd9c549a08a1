import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const executable = fileURLToPath(new URL('../dist/s3kms-emu.cjs', import.meta.url))

/** The built executable as a user starts it, in a process of its own. */
export interface RunningProcess {
  endpoint: string
  child: ChildProcess
  /** All it has printed so far, both streams. */
  output(): string
  /** Sends the signal and waits for the end; resolves to the exit code (null after a signal's end). */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/**
 * Starts `s3kms-emu start` on a free port and waits until it says where it listens.
 * @param flags further options of `start`
 * @throws Error with the output when it ends before it is ready
 */
export async function startProcess(flags: string[], environment: NodeJS.ProcessEnv = {}): Promise<RunningProcess> {
  const child = spawn(process.execPath, [executable, 'start', '--port', '0', ...flags], {
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const endpoint = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      printed += chunk
      const ready = /https?:\/\/127\.0\.0\.1:\d+/.exec(printed)
      if (ready) resolve(ready[0])
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready:\n${printed}`)))
  })
  return {
    endpoint,
    child,
    output: () => printed,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const ended = once(child, 'exit')
      child.kill(signal)
      const [code] = (await ended) as [number | null]
      return code
    },
  }
}

/** Runs a command of the built executable to its end. */
export async function commandLine(
  words: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const environment = { ...process.env, NODE_OPTIONS: '' }
  const child = spawn(process.execPath, [executable, ...words], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await ended) as [number | null]
  return { code, stdout, stderr }
}
