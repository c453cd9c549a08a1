import type { Command } from 'commander'
import { systemAmbient } from '../ambient.ts'
import { OptionFault } from '../options.ts'
import type { ClientFlags } from './client.ts'
import type { ResetFlags } from './reset.ts'
import type { TrailFlags } from './trail.ts'

type Finish = (code: number) => void

const trailExamples = `
Examples:
  s3kms-emu trail --follow --errors
  s3kms-emu trail --key alias/app --event decrypt --since 15m
  s3kms-emu trail --caller app --context tenant=a --json | jq .eventName
  s3kms-emu trail --since 2026-11-22T06:00:00Z --until 2026-11-22T07:00:00Z --limit 500`

const explainExamples = `
Examples:
  s3kms-emu explain last
  s3kms-emu explain 8f0c8a3e-2c0e-4a56-9d3f-0c8d1f6f2b11    the request id that KMS or S3 answered`

const envExamples = `
Examples:
  eval "$(s3kms-emu env)"
  NODE_EXTRA_CA_CERTS=.s3kms-emu/tls/cert.pem s3kms-emu env --endpoint https://127.0.0.1:4566`

const keysExamples = `
Examples:
  s3kms-emu keys --region eu-west-1
  s3kms-emu keys --json | jq '.[].Arn'`

const resetExamples = `
Examples:
  s3kms-emu reset
  s3kms-emu reset --fixtures    then it is as it was when it was started`

/**
 * Adds the commands that are clients of a running emulator: of its public AWS APIs, and of its own paths where an API would leave
 * a trace in what it shows.
 */
export function addClients(program: Command, environment: NodeJS.ProcessEnv, finish: Finish, endWithReader: End): void {
  const { now } = systemAmbient()
  const write = (text: string) => {
    process.stdout.write(text)
  }
  const client = (name: string, description: string, examples: string) =>
    clientCommand(program, name, description, endWithReader).addHelpText('after', examples)
  client('trail', 'what was asked of KMS and S3, oldest first', trailExamples)
    .option('--follow', 'go on with what comes, until interrupted')
    .option('--event <name>', 'events of this name only, such as Decrypt, in any case')
    .option('--key <id>', 'events on this key only: id, ARN or alias')
    .option('--caller <name>', 'calls of this user or role session only: name or ARN')
    .option('--context <name=value...>', 'events with these pairs in their encryption context only')
    .option('--data-events', 'what S3 did with objects instead (start with --trail-data-events)')
    .option('--errors', 'failed calls only')
    .option('--since <time>', 'events from then on: a time, or how long ago, such as 15m, 2h, 1d')
    .option('--until <time>', 'events up to then')
    .option('--limit <number>', 'how many events to begin with, the newest ones (default 50)', limit)
    .action(async (flags: TrailFlags) => {
      const commands = await import('./trail.ts')
      finish(await commands.trail(flags, environment, { write, now, signal: interruption() }))
    })
  client('explain', 'why a call of KMS or S3 was allowed or refused, or one of IAM or STS refused', explainExamples)
    .argument('<request>', "the request's id, of KMS or of S3, or: last")
    .action(async (request: string, flags: ClientFlags) => {
      const commands = await import('./explain.ts')
      finish(await commands.explain(request, flags, environment, now, write))
    })
  client('keys', 'the KMS keys of the account', keysExamples).action(async (flags: ClientFlags) => {
    const commands = await import('./keys.ts')
    finish(await commands.keys(flags, environment, now, write))
  })
  client('env', 'the variables that point AWS tools at a running emulator', envExamples).action(async (flags) => {
    const commands = await import('./env.ts')
    finish(await commands.env(flags, environment, now, write))
  })
  client('reset', 'empty a running emulator', resetExamples)
    .option('--fixtures', 'apply the fixture files again that it was started with')
    .action(async (flags: ResetFlags) => {
      const commands = await import('./reset.ts')
      finish(await commands.reset(flags, environment, now, write))
    })
}

/** What is done when stdout cannot be written. */
type End = (error: NodeJS.ErrnoException) => void

function clientCommand(program: Command, name: string, description: string, endWithReader: End): Command {
  return program
    .command(name)
    .description(description)
    .hook('preAction', () => void process.stdout.on('error', endWithReader))
    .option('--endpoint <url>', 'the emulator (AWS_ENDPOINT_URL, default http://127.0.0.1:4566)')
    .option('--region <name>', 'the Region (AWS_REGION, default us-east-1)')
    .option('--control-token <token>', 'where the emulator is on another machine (S3KMS_CONTROL_TOKEN)')
    .option('--json', 'for programs')
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
