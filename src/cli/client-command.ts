import type { Command } from 'commander'
import { systemAmbient } from '../ambient.ts'
import { OptionFault } from '../options.ts'

/*
 * How commands that are clients of a running emulator are declared: a row in `clients.ts` and a file with what it does, which is
 * loaded when the command is given.
 */

/** What a command has beside its flags and arguments. */
export interface Terminal {
  environment: NodeJS.ProcessEnv
  /** ms since the epoch, of this machine */
  now: () => number
  write: (text: string) => void
  /** Aborted by Ctrl-C: whoever waits ends with exit code 0. */
  interruption(): AbortSignal
}

/** An option: as commander has it, what it does, and how its text is read. */
type OptionRow = readonly [flags: string, summary: string, read?: (text: string, before: unknown) => unknown]

interface Described {
  name: string
  summary: string
  /** Lines as they are typed, shown under its help. */
  examples?: readonly string[]
}

export interface ClientCommand extends Described {
  /** `<name>` must be given, `[name]` may be, `<name...>` has one or several. */
  arguments?: readonly (readonly [name: string, summary: string])[]
  options?: readonly OptionRow[]
  /** Commands of two words beside it: `trail export`. */
  commands?: readonly ClientCommand[]
  /** @returns the exit code @throws Error in one line; OptionFault where it was asked wrongly */
  // Flags are commander's own record: each row gives them to the function that declares their types.
  run(flags: Flags, terminal: Terminal, ...given: string[]): Promise<number>
}

/** Commands of two words: `clock advance`. */
export interface CommandGroup extends Described {
  commands: readonly ClientCommand[]
}

/** The flags of a command as commander reads them, those that every client has and its own. */
export type Flags = ReturnType<Command['opts']>

interface Surroundings {
  environment: NodeJS.ProcessEnv
  /** Called with the exit code. */
  finish: (code: number) => void
  /** What is done when stdout cannot be written. */
  endWithReader: (error: NodeJS.ErrnoException) => void
}

/** Adds commands, and groups of them, to a program. */
export function addCommands(
  program: Command,
  rows: readonly (ClientCommand | CommandGroup)[],
  surroundings: Surroundings,
): void {
  for (const row of rows) {
    const command = describe(program, row)
    if ('run' in row) makeClient(command, row, surroundings)
    if (row.commands) addCommands(command, withExamples(row, row.commands), surroundings)
    if ('run' in row && row.commands) refuseOtherWords(command)
  }
}

/** Whoever asks a command of two words for help sees the group's examples of it. */
function withExamples({ name, examples = [] }: Described, rows: readonly ClientCommand[]): ClientCommand[] {
  const isOf = (line: string, row: ClientCommand) => `${line} `.startsWith(`s3kms-emu ${name} ${row.name} `)
  return rows.map((row) => ({ ...row, examples: row.examples ?? examples.filter((line) => isOf(line, row)) }))
}

function describe(program: Command, { name, summary, examples = [] }: Described): Command {
  const command = program.command(name).description(summary)
  if (examples.length > 0)
    command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`)
  return command
}

/** Of a command that is one by itself and has others beside it, commander takes a misspelt one of them for an argument. */
function refuseOtherWords(command: Command): void {
  command.allowExcessArguments().hook('preAction', ({ args: [word] }, called) => {
    if (called === command && word !== undefined) command.error(`error: unknown command '${word}'`)
  })
}

function makeClient(
  command: Command,
  { arguments: declared = [], options = [], run }: ClientCommand,
  { environment, finish, endWithReader }: Surroundings,
): void {
  command
    .hook('preAction', () => void process.stdout.on('error', endWithReader))
    .option('--endpoint <url>', 'the emulator (AWS_ENDPOINT_URL, default http://127.0.0.1:4566)')
    .option('--region <name>', 'the Region (AWS_REGION, default us-east-1)')
    .option('--control-token <token>', 'where the emulator is on another machine (S3KMS_CONTROL_TOKEN)')
    .option('--json', 'for programs')
  for (const [name, summary] of declared) command.argument(name, summary)
  for (const [flags, summary, read] of options) {
    if (read) command.option(flags, summary, read)
    else command.option(flags, summary)
  }
  const { now } = systemAmbient()
  const write = (text: string) => void process.stdout.write(text)
  command.action(async () => {
    const terminal = { environment, now, write, interruption }
    finish(await run(command.opts(), terminal, ...command.processedArgs.flat()))
  })
}

/** Reads an option that is a whole number above 0. */
export function countOf(option: string): (text: string) => number {
  return (text) => {
    if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
    throw new OptionFault(`${option} must be a whole number above 0, not '${text}'`)
  }
}

/** Reads an option that is a list with commas: given twice it has both, as one that was passed over would be missed by nobody. */
export function listWithCommas(text: string, before: unknown): string {
  return typeof before === 'string' ? `${before},${text}` : text
}

function interruption(): AbortSignal {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  process.once('SIGTERM', () => controller.abort())
  return controller.signal
}
