import { Command, CommanderError } from 'commander'
import { systemAmbient } from '../ambient.ts'
import { OptionFault } from '../options.ts'
import { version } from '../version.ts'
import type { ExplainFlags } from './explain.ts'
import { commandOptions, settingsOf } from './options.ts'
import type { TrailFlags } from './trail.ts'

const exitUsage = 2
const exitFailure = 1

/**
 * The command line, whole.
 * @param argv as Node gives it: program, script, arguments
 * @returns the exit code: 0, 1 when it could not be done, 2 when it was asked wrongly
 */
export async function run(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  let code = 0
  const program = createProgram(environment, (exitCode) => {
    code = exitCode
  })
  try {
    await program.parseAsync([...argv])
    return code
  } catch (error) {
    return report(error)
  }
}

function createProgram(environment: NodeJS.ProcessEnv, finish: (code: number) => void): Command {
  const program = new Command('s3kms-emu')
    .description('Amazon S3 and AWS KMS on this machine, in one process, with a trail of every KMS call')
    .version(version, '-V, --version')
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .enablePositionalOptions()
  addStart(program, environment, finish)
  addExec(program, environment, finish)
  addClients(program, environment, finish)
  return program
}

type Finish = (code: number) => void

function addStart(program: Command, environment: NodeJS.ProcessEnv, finish: Finish): void {
  const start = program.command('start').description('run until SIGINT or SIGTERM')
  for (const option of commandOptions()) start.addOption(option)
  start.action(async (flags: Record<string, unknown>) => {
    const settings = settingsOf(flags, environment)
    const commands = await import('./start.ts')
    finish(await commands.start(settings))
  })
}

function addExec(program: Command, environment: NodeJS.ProcessEnv, finish: Finish): void {
  const exec = program
    .command('exec')
    .description('run a command beside an ephemeral emulator on a free port, with the AWS_* variables set')
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions()
  for (const option of commandOptions()) exec.addOption(option)
  exec.action(async (command: string[], flags: Record<string, unknown>) => {
    const given = settingsOf(flags, environment)
    const settings = { ...given, ephemeral: true, port: 0, logLevel: flags.logLevel ? given.logLevel : 'warn' } as const
    const [commands, { openEmulator }] = await Promise.all([import('./exec.ts'), import('../emulator.ts')])
    const startEmulator = () => openEmulator(settings, systemAmbient())
    finish(await commands.exec({ command, region: settings.region, environment, startEmulator }))
  })
}

/** The commands that are clients of a running emulator, through its public AWS APIs. */
function addClients(program: Command, environment: NodeJS.ProcessEnv, finish: Finish): void {
  const { now } = systemAmbient()
  const write = (text: string) => {
    process.stdout.write(text)
  }
  clientCommand(program, 'trail', 'what was asked of KMS and S3, oldest first')
    .option('--follow', 'go on with what comes, until interrupted')
    .option('--event <name>', 'events of this name only, such as Decrypt')
    .option('--key <id>', 'events on this key only: id, ARN or alias')
    .option('--context <name=value...>', 'events with these pairs in their encryption context only')
    .option('--errors', 'failed calls only')
    .option('--limit <number>', 'how many events to begin with, the newest ones', limit)
    .action(async (flags: TrailFlags) => {
      const commands = await import('./trail.ts')
      finish(await commands.trail(flags, environment, { write, now, signal: interruption() }))
    })
  clientCommand(program, 'explain', 'why a call of KMS, or of S3 on KMS keys, was allowed or refused')
    .argument('<request>', "the request's id, of KMS or of S3, or: last")
    .option('--control-token <token>', 'where the emulator is on another machine (S3KMS_CONTROL_TOKEN)')
    .action(async (request: string, flags: ExplainFlags) => {
      const commands = await import('./explain.ts')
      finish(await commands.explain(request, flags, environment, now, write))
    })
  clientCommand(program, 'keys', 'the KMS keys of the account').action(async (flags) => {
    const commands = await import('./keys.ts')
    finish(await commands.keys(flags, environment, now, write))
  })
  clientCommand(program, 'env', 'the variables that point AWS tools at a running emulator').action(async (flags) => {
    const commands = await import('./env.ts')
    finish(await commands.env(flags, environment, now, write))
  })
}

function clientCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .hook('preAction', () => void process.stdout.on('error', endWithReader))
    .option('--endpoint <url>', 'the emulator (AWS_ENDPOINT_URL, default http://127.0.0.1:4566)')
    .option('--region <name>', 'the Region (AWS_REGION, default us-east-1)')
    .option('--json', 'for programs')
}

/** A reader that has seen enough (`| head -1`) is no failure. */
function endWithReader(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? 0 : report(error))
}

function limit(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new OptionFault(`--limit must be a whole number above 0, not '${text}'`)
}

/** Aborted by Ctrl-C, so that following ends with exit code 0. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  process.once('SIGTERM', () => controller.abort())
  return controller.signal
}

/** One clear line on stderr; commander has printed its own. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitUsage
  process.stderr.write(`s3kms-emu: ${sayWhy(error)}\n`)
  return error instanceof OptionFault ? exitUsage : exitFailure
}

function sayWhy(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string }
  if (code === 'EADDRINUSE')
    return `port ${port} on ${address} is in use: choose another with --port (0 picks a free one)`
  if (code === 'EACCES' && port !== undefined) return `port ${port} on ${address} may not be opened by this user`
  if (code === 'EADDRNOTAVAIL') return `${address} is not an address of this machine: choose another --host`
  if (code === 'ENOTFOUND') return `--host cannot be resolved: ${error.message}`
  return error.message.split('\n')[0] ?? error.message
}
