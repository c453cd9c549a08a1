import { Argument, Command, CommanderError } from 'commander'
import { systemAmbient } from '../ambient.ts'
import { OptionFault } from '../options.ts'
import { version } from '../version.ts'
import { addCommands } from './client-command.ts'
import { clientCommands } from './clients.ts'
import { startSettings } from './compatible/start-settings.ts'
import { commandOptions, type GivenSettings, settingsOf } from './options.ts'
import { printable } from './output.ts'
import { inWordsOfGiver } from './setting-words.ts'

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

/** All commands, as commander has them. @param finish called with the exit code */
export function createProgram(environment: NodeJS.ProcessEnv, finish: (code: number) => void): Command {
  const program = new Command('s3kms-emu')
    .description('Amazon S3 and AWS KMS on this machine, in one process, with a trail of every KMS call')
    .version(version, '-V, --version')
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('beforeAll', () => {
      process.stdout.on('error', endWithReader)
      return ''
    })
    .enablePositionalOptions()
  addStart(program, environment, finish)
  addExec(program, environment, finish)
  addCommands(program, clientCommands, { environment, finish, endWithReader })
  addVersion(program)
  addCompletion(program)
  return program
}

const startExamples = `
Examples:
  s3kms-emu start
  s3kms-emu start --ephemeral --port 0 --fixtures fixtures/example.yaml
  s3kms-emu start --bucket-defaults current --auth strict --tls`

const execExamples = `
Examples:
  s3kms-emu exec -- pytest
  s3kms-emu exec --fixtures fixtures/permissions.yaml -- npm test
  s3kms-emu exec -- sh -c 'aws s3 mb s3://uploads && aws s3 ls'`

const startDefaults = { consolePort: 'auto' } as const
const execDefaults = { logLevel: 'warn' } as const
/** It is always ephemeral and on a free port. */
const decidedByExec = ['port', 'consolePort', 'ephemeral', 'dataDir', 'fsync'] as const

type Finish = (code: number) => void

function addStart(program: Command, environment: NodeJS.ProcessEnv, finish: Finish): void {
  const start = program.command('start').description('run until SIGINT or SIGTERM')
  for (const option of commandOptions(startDefaults)) start.addOption(option)
  start.addHelpText('after', startExamples)
  start.action(async (flags: Record<string, unknown>) => {
    const { settings, labelOf, translated } = await startSettings(flags, environment, startDefaults)
    const commands = await import('./start.ts')
    finish(await commands.start(settings, translated).catch((error) => throwFor(labelOf, error)))
  })
}

function addExec(program: Command, environment: NodeJS.ProcessEnv, finish: Finish): void {
  const exec = program
    .command('exec')
    .description('run a command beside an ephemeral emulator on a free port, with the AWS_* variables set')
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions()
  for (const option of commandOptions(execDefaults, decidedByExec)) exec.addOption(option)
  exec.addHelpText('after', execExamples)
  exec.action(async (command: string[], flags: Record<string, unknown>) => {
    const { settings: given, labelOf } = settingsOf(flags, environment, execDefaults)
    const settings = { ...given, ephemeral: true, port: 0 }
    const [commands, { openEmulator }] = await Promise.all([import('./exec.ts'), import('../emulator.ts')])
    const startEmulator = () => openEmulator(settings, systemAmbient()).catch((error) => throwFor(labelOf, error))
    finish(await commands.exec({ command, region: settings.region, environment, startEmulator }))
  })
}

function addVersion(program: Command): void {
  program
    .command('version')
    .description('which version this is')
    .option('--json', 'for programs, and with what it runs on')
    .option('--notice', 'the licences of what is in it')
    .action(async ({ json, notice }: { json?: boolean; notice?: boolean }) => {
      const { platform, arch, versions } = process
      const text = json ? JSON.stringify({ version, node: versions.node, platform, arch }) : version
      process.stdout.write(notice ? (await import('./notice.ts')).noticeText() : `${text}\n`)
    })
}

const completionExamples = `
Examples:
  source <(s3kms-emu completion bash)
  s3kms-emu completion zsh > ~/.zsh/completions/_s3kms-emu
  s3kms-emu completion fish > ~/.config/fish/completions/s3kms-emu.fish
  s3kms-emu completion powershell | Out-String | Invoke-Expression`

function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('what a shell reads to complete commands and options')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish', 'powershell']))
    .addHelpText('after', completionExamples)
    .action(async (shell: string) => {
      const { completionScripts } = await import('./completion-scripts.ts')
      process.stdout.write(completionScripts[shell] ?? '')
    })
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .option('--new', 'behind these words a new one begins')
    .action(async (words: string[], flags: { new?: boolean }) => {
      const { candidatesFor, linesOf } = await import('./completion.ts')
      process.stdout.write(linesOf(candidatesFor(program, flags.new ? [...words, ''] : words)))
    })
}

function throwFor(labelOf: GivenSettings['labelOf'], error: unknown): never {
  throw inWordsOfGiver(error, labelOf)
}

/** A reader that has seen enough (`| head -1`) is no failure. */
function endWithReader(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? 0 : report(error))
}

/** One clear line on stderr; commander has printed its own. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitUsage
  process.stderr.write(`s3kms-emu: ${printable(sayWhy(error))}\n`)
  return error instanceof OptionFault ? exitUsage : exitFailure
}

function sayWhy(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message.split('\n')[0] ?? error.message
}
