import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { awsVariables, trustVariables } from '../aws/client-variables.ts'

/** What `exec` needs of an emulator. */
export interface RunningEmulator {
  endpoint: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  /** Over TLS: the file a client is to trust. */
  certificate?: { file?: string }
  stop(): Promise<void>
}

export interface ExecOptions {
  /** The command and its arguments. */
  command: readonly string[]
  region: string
  environment: NodeJS.ProcessEnv
  /** Starts an ephemeral emulator on a free port. */
  startEmulator: () => Promise<RunningEmulator>
}

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const notFound = 127

/**
 * `s3kms-emu exec -- COMMAND…`: runs a command beside an emulator of its own.
 * @returns the command's exit code; as in a shell, 128 and the signal's number when a signal ended it, 127 when there is
 *   no such command
 */
export async function exec({ command, region, environment, startEmulator }: ExecOptions): Promise<number> {
  const emulator = await startEmulator()
  const trust = trustVariables(emulator.certificate?.file)
  const variables = { ...awsVariables(emulator.endpoint, region, emulator.credentials), ...trust }
  try {
    return await run(command, { ...withoutSession(environment), ...variables })
  } finally {
    await emulator.stop()
  }
}

/** A token or a profile of the user's real account would outweigh or spoil the emulator's credentials. */
function withoutSession(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { AWS_SESSION_TOKEN: _token, AWS_PROFILE: _profile, ...rest } = environment
  const perService = Object.keys(rest).filter((name) => name.startsWith('AWS_ENDPOINT_URL_'))
  for (const name of perService) delete rest[name]
  return rest
}

function run([file = '', ...parameters]: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(file, parameters, { env: environment, stdio: 'inherit' })
  // A terminal's Ctrl-C reaches the command without us, and twice means "at once" to many.
  const hasOwnInterrupt = process.stdin.isTTY
  const forward = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !hasOwnInterrupt) child.kill(signal)
  }
  for (const signal of forwarded) process.on(signal, forward)
  return new Promise<number>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
    child.on('error', (error) => {
      process.stderr.write(`s3kms-emu: ${file} cannot be run: ${error.message}\n`)
      resolve(notFound)
    })
  }).finally(() => {
    for (const signal of forwarded) process.off(signal, forward)
  })
}
