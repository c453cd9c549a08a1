import type { LogLevel } from './log.ts'
import {
  accessKeys,
  accountId,
  addresses,
  aliases,
  bucketNames,
  type Check,
  consolePort,
  flag,
  httpUrl,
  list,
  moment,
  oneOf,
  optional,
  origins,
  port,
  positive,
  region,
  text,
} from './option-checks.ts'

/*
 * One table of everything that can be set: the name in the library, the flag, the S3KMS_* variable, the default and the
 * check. The command line, the environment and `startEmulator` all go through the same checks.
 */

/** Everything that can be set, after checking. */
export interface Settings {
  /** One port for all services; 0 picks a free one. */
  port: number
  /** An extra listener that serves S3 alone. */
  s3Port?: number
  /** An extra listener that serves KMS alone. */
  kmsPort?: number
  /** An extra listener that serves buckets as websites. */
  websitePort?: number
  /** The listener of the console; `auto`: 4567, or a free one where that is taken. */
  consolePort: number | 'auto' | 'off'
  host: string
  /** Further addresses that serve all services, `host:port`. */
  alsoListen: string[]
  /** The data folder. */
  dataDir: string
  /** Keep everything in memory, nothing on disk. */
  ephemeral: boolean
  /** Wait for the disk at every commit. */
  fsync: boolean
  accountId: string
  region: string
  /** What a new bucket has: as in the documents of 2019, as on AWS from April 2023 to March 2026, or as on AWS today. */
  bucketDefaults: 'classic' | '2023' | 'current'
  /** Whether unknown access keys are taken at their word. */
  auth: 'permissive' | 'strict'
  /** Fixture files applied at start. */
  fixtures: string[]
  /** Buckets made at start where they are not there, in the emulator's Region. */
  buckets: string[]
  /** Aliases, `alias/app`, that are given a KMS key at start where they have none. */
  keys: string[]
  /** Access keys of administrators beside test, `id:secret`. */
  accessKeys: string[]
  /** Folders with scripts that are run before and after the emulator is ready. */
  hooks: string[]
  /** What is printed once it is ready, for those who wait for another emulator's line. */
  readyLine: 'none' | 'localstack' | 'minio' | 'moto'
  /** Whether paths of other emulators are answered, and which of their variables `start` takes. */
  compatible: 'off' | 'named' | 'all'
  /** Days a trail record is kept. */
  trailRetention: number
  /** Whether the trail records what S3 does with objects, too. */
  trailDataEvents: boolean
  /** A file that holds the root key. */
  rootKeyFile?: string
  /** The root key itself: 32 bytes as base64 or 64 hex digits. */
  rootKey?: string
  /** Domains under which `BUCKET.DOMAIN` addresses a bucket. */
  baseDomains: string[]
  /** Origins whose pages may call, beside those of this machine: `https://app.example:8443`, `null`. */
  allowOrigins: string[]
  /** Bearer token that opens the control paths to other machines. */
  controlToken?: string
  /** Where notifications of buckets are posted to. */
  notifyUrl?: string
  /** Seconds that one bucket-level data key serves. */
  bucketKeyLifetime: number
  /** Seconds until a restored copy of an archived object is there; undefined: as long as on AWS. */
  restoreTime?: number
  /** Serve HTTPS with a self-signed certificate. */
  tls: boolean
  /** PEM files of a certificate and its key. */
  cert?: string
  key?: string
  requireTlsForSseC: boolean
  /** Where the clock stands at first, ISO 8601; undefined: it is the machine's. */
  clock?: string
  /** What chance follows from: then keys are no secret. */
  seed?: string
  /** Whether CreateKey makes asymmetric keys; without it they are refused. S3 refuses them in any case. */
  asymmetricKeys: boolean
  logLevel: LogLevel
  /** Log lines and messages as JSON. */
  json: boolean
}

/** What `startEmulator` takes: any of the settings. */
export type EmulatorOptions = Partial<Settings>

/** A setting that is not acceptable: one line for the reader, no stack. */
export class OptionFault extends Error {}

/** The same, found where the setting is used: whoever knows where it came from names it as it was given. */
export class SettingFault extends OptionFault {
  readonly setting: keyof Settings
  readonly words: string

  /** @param words what follows the setting's name: `a.pem is not a PEM file` */
  constructor(setting: keyof Settings, words: string) {
    super(`${setting} ${words}`)
    this.setting = setting
    this.words = words
  }
}

/** One row of the table. `check` throws a plain Error that says what the value must be. */
export interface OptionRow<Name extends keyof Settings = keyof Settings> {
  name: Name
  /** In commander's notation: `--port <number>`. Undefined: not on the command line (secrets). */
  flags?: string
  /** The environment variable. */
  variable: string
  describe: string
  /** What help shows as the default. */
  default: Settings[Name]
  check: Check<Settings[Name]>
  /** The words that it may be, where they are listed. */
  words?: readonly string[]
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** Every option, in the order that help shows them. */
export const optionTable: readonly OptionRow[] = [
  row('port', '--port <number>', 4566, port, 'one port for S3, KMS, IAM, STS and CloudTrail; 0 picks a free one'),
  row('s3Port', '--s3-port <number>', undefined, optional(port), 'an extra listener that serves S3 alone'),
  row('kmsPort', '--kms-port <number>', undefined, optional(port), 'an extra listener that serves KMS alone'),
  row('websitePort', '--website-port <number>', undefined, optional(port), 'an extra listener for buckets as websites'),
  row(
    'consolePort',
    '--console-port <port>',
    'off',
    consolePort,
    'the console, a web page: a port, auto (4567, or a free one) or off',
  ),
  row('host', '--host <address>', '127.0.0.1', text, 'the address to listen on'),
  row('alsoListen', '--also-listen <host:port...>', [], addresses, 'further addresses that serve everything'),
  row('dataDir', '--data-dir <folder>', './.s3kms-emu', text, 'the folder that keeps everything'),
  row('ephemeral', '--ephemeral', false, flag, 'keep everything in memory, nothing on disk'),
  row('fsync', '--fsync', false, flag, 'wait for the disk at every commit (survives power loss)'),
  row('accountId', '--account-id <digits>', '000000000000', accountId, 'the AWS account'),
  row('region', '--region <name>', 'us-east-1', region, 'the Region of requests that name none'),
  row(
    'bucketDefaults',
    '--bucket-defaults <mode>',
    'classic',
    oneOf('classic', '2023', 'current'),
    'what a new bucket has: classic (nothing encrypted unless asked), 2023 (AES256, ACLs off) or current (as AWS today)',
  ),
  row(
    'auth',
    '--auth <mode>',
    'permissive',
    oneOf('permissive', 'strict'),
    'unknown access keys: permissive takes them for administrators, strict refuses them',
  ),
  row('fixtures', '--fixtures <file...>', [], list, 'YAML or JSON files applied at start'),
  row('buckets', '--buckets <name...>', [], bucketNames, 'buckets made at start where they are missing'),
  row('keys', '--keys <alias...>', [], aliases, 'aliases of KMS keys made at start where they are missing: alias/app'),
  row('accessKeys', undefined, [], accessKeys, 'access keys of administrators beside test: id:secret'),
  row('hooks', '--hooks <folder...>', [], list, 'folders with scripts in boot.d, start.d, ready.d and shutdown.d'),
  row(
    'readyLine',
    '--ready-line <style>',
    'none',
    oneOf('none', 'localstack', 'minio', 'moto'),
    'the last line when all is seeded, as another emulator prints it: localstack (Ready.), minio, moto',
  ),
  row(
    'compatible',
    '--compatible <mode>',
    'named',
    oneOf('off', 'named', 'all'),
    'paths and variables of LocalStack, MinIO, moto, S3Mock and local-kms: off, named (no variable that others use, such as DEBUG) or all',
  ),
  row('trailRetention', '--trail-retention <days>', 90, positive('days'), 'how long the trail keeps a record'),
  row('trailDataEvents', '--trail-data-events', false, flag, 'record S3 object operations as data events, too'),
  row('rootKeyFile', '--root-key-file <file>', undefined, optional(text), 'the key that seals secrets at rest'),
  row('rootKey', undefined, undefined, optional(text), 'the root key itself: 32 bytes, base64 or hex'),
  row('baseDomains', '--base-domain <domain...>', [], list, 'domains for virtual-host style addressing'),
  row('allowOrigins', '--allow-origin <origin...>', [], origins, 'web pages of other sites that may call'),
  row('controlToken', '--control-token <token>', undefined, optional(text), 'opens /_s3kms/ to other machines'),
  row('notifyUrl', '--notify-url <url>', undefined, optional(httpUrl), 'where notifications of buckets are posted to'),
  row(
    'bucketKeyLifetime',
    '--bucket-key-lifetime <seconds>',
    300,
    positive('seconds'),
    'how long one S3 Bucket Key serves',
  ),
  row(
    'restoreTime',
    '--restore-time <seconds>',
    undefined,
    optional(positive('seconds')),
    'how long RestoreObject takes, instead of the hours that AWS needs',
  ),
  row('tls', '--tls', false, flag, 'serve HTTPS with a self-signed certificate kept in the data folder'),
  row('cert', '--cert <file>', undefined, optional(text), 'serve HTTPS with this PEM certificate'),
  row('key', '--key <file>', undefined, optional(text), 'the PEM key of --cert'),
  row('requireTlsForSseC', '--require-tls-for-sse-c', false, flag, 'refuse SSE-C over plain HTTP, as AWS does'),
  row('asymmetricKeys', '--asymmetric-keys', false, flag, 'let CreateKey make RSA and elliptic curve keys'),
  row('logLevel', '--log-level <level>', 'info', oneOf(...logLevels), logLevels.join(', ')),
  row('clock', '--clock <time>', undefined, optional(moment), 'where the clock stands at first'),
  row('seed', '--seed <text>', undefined, optional(text), 'the same ids and keys in every run: none is a secret'),
  row('json', '--json', false, flag, 'log lines and messages as JSON'),
]

/** How whoever gave an option knows it. */
export type Source = 'flag' | 'variable' | 'library'

/**
 * Checks options and fills in the defaults.
 * @param given values by library name: typed, or as text from the command line or the environment
 * @param source where they come from, all or each: a fault names the flag, the variable or the library name
 * @throws OptionFault with one clear line
 */
export function readSettings(
  given: Partial<Record<keyof Settings, unknown>>,
  source: Source | ((name: keyof Settings) => Source),
): Settings {
  const sourceOf = typeof source === 'function' ? source : () => source
  const unknownName = Object.keys(given).find((name) => !optionTable.some((option) => option.name === name))
  if (unknownName !== undefined) throw new OptionFault(`there is no option ${unknownName}`)
  const checked = optionTable.map((option) => [
    option.name,
    readOption(option, given[option.name], sourceOf(option.name)),
  ])
  const settings = Object.fromEntries(checked) as Settings
  if ((settings.cert === undefined) !== (settings.key === undefined)) {
    const sourceOfOne = sourceOf(settings.cert === undefined ? 'key' : 'cert')
    throw new OptionFault(`${settingLabel('cert', sourceOfOne)} and ${settingLabel('key', sourceOfOne)} go together`)
  }
  if (settings.rootKey !== undefined && settings.rootKeyFile !== undefined) {
    const [file, key] = (['rootKeyFile', 'rootKey'] as const).map((name) => settingLabel(name, sourceOf(name)))
    throw new OptionFault(`${file} and ${key} exclude each other`)
  }
  return settings
}

/** The values that S3KMS_* variables give, still as text. */
export function optionsFromEnvironment(environment: NodeJS.ProcessEnv): Partial<Record<keyof Settings, string>> {
  const found = optionTable.flatMap(({ name, variable }) => {
    const value = environment[variable]
    return value === undefined || value === '' ? [] : [[name, value]]
  })
  return Object.fromEntries(found)
}

const secrets: ReadonlySet<keyof Settings> = new Set(['rootKey', 'controlToken', 'accessKeys'])

function readOption(option: OptionRow, value: unknown, source: Source): unknown {
  if (value === undefined) return option.default
  try {
    return option.check(value)
  } catch (error) {
    const label = labelOf(option, source)
    // A secret's value is never repeated.
    const shown = secrets.has(option.name) ? '' : `, not '${value}'`
    throw new OptionFault(`${label} must be ${error instanceof Error ? error.message : error}${shown}`)
  }
}

/** How whoever gave a setting knows it: `--port`, `S3KMS_PORT` or `port`. */
export function settingLabel(name: keyof Settings, source: Source): string {
  const option = optionTable.find((row) => row.name === name)
  return option ? labelOf(option, source) : name
}

function labelOf({ name, flags, variable }: OptionRow, source: Source): string {
  if (source === 'library') return name
  return source === 'variable' ? variable : (flags?.split(' ')[0] ?? variable)
}

function row<Name extends keyof Settings>(
  name: Name,
  flags: string | undefined,
  fallback: Settings[Name],
  check: Check<Settings[Name]>,
  describe: string,
): OptionRow {
  const flagName = flags?.split(' ')[0]?.slice(2) ?? name.replace(/[A-Z]/g, (letter) => `-${letter}`)
  const variable = `S3KMS_${flagName.replaceAll('-', '_').toUpperCase()}`
  const { words } = check
  return { name, flags, variable, describe, default: fallback, check: check as OptionRow['check'], words }
}
