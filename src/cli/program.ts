import { Command, CommanderError } from 'commander'
import { OptionFault } from '../options.ts'
import { version } from '../version.ts'
import { commandOptions, settingsOf } from './options.ts'

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
  const start = program.command('start').description('run until SIGINT or SIGTERM').helpOption('-h, --help')
  for (const option of commandOptions()) start.addOption(option)
  start.action(async (flags: Record<string, unknown>) => {
    const settings = settingsOf(flags, environment)
    finish(await (await import('./start.ts')).start(settings))
  })
  return program
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
