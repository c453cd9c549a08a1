import { systemAmbient } from '../ambient.ts'
import { awsVariables, trustVariables } from '../aws/client-variables.ts'
import type { Emulator } from '../emulator.ts'
import type { Settings } from '../options.ts'
import { version } from '../version.ts'
import { collectGarbageLessOften, collectYoungGarbage } from './garbage.ts'
import { shellWord } from './output.ts'

const bucketDefaultWords = {
  classic: 'classic (nothing is encrypted unless asked, ACLs on)',
  2023: '2023 (AES256, SSE-C allowed, ACLs off, public access blocked)',
  current: 'current (AES256, SSE-C blocked, ACLs off, public access blocked)',
}

/**
 * `s3kms-emu start`: runs until SIGINT or SIGTERM.
 * @param translated what was made of variables of other emulators, one line each
 * @returns the exit code
 */
export async function start(settings: Settings, translated: readonly string[]): Promise<number> {
  // From the first moment on: whoever reads the endpoint may send the signal before the next line here.
  const end = signalled()
  collectGarbageLessOften()
  // Keys and bodies are written to files that LevelDB makes.
  process.umask(0o077)
  const { openEmulator } = await import('../emulator.ts')
  const stopped = new AbortController()
  void end.then(() => stopped.abort())
  const parts = { onBodyBytes: collectYoungGarbage(), signal: stopped.signal }
  const emulator = await openEmulator(settings, systemAmbient(), parts)
  // Whoever read our output may be gone; that is no reason to fall.
  process.stdout.on('error', () => {})
  if (!stopped.signal.aborted) announce(emulator, settings, translated)
  const endTyping = await openedAtKey(emulator)
  await end
  endTyping()
  await emulator.stop()
  return 0
}

/** @returns what ends it */
async function openedAtKey({ consoleEndpoint }: Emulator): Promise<() => void> {
  if (consoleEndpoint === undefined || !process.stdin.isTTY) return () => undefined
  const { openConsoleAtKey } = await import('./open-console.ts')
  return openConsoleAtKey(process.stdin, consoleEndpoint)
}

function announce(emulator: Emulator, settings: Settings, translated: readonly string[]): void {
  process.stdout.write((settings.json ? jsonBanner : banner)(emulator, settings, translated))
  const { stream, line } = readyLines[settings.readyLine](emulator.endpoint)
  if (line !== undefined) process[stream].write(`${line}\n`)
}

/** What those wait for who start another emulator; the last line of its stream. */
const readyLines: Record<Settings['readyLine'], (endpoint: string) => { stream: 'stdout' | 'stderr'; line?: string }> =
  {
    none: () => ({ stream: 'stdout' }),
    localstack: () => ({ stream: 'stdout', line: 'Ready.' }),
    minio: (endpoint) => ({ stream: 'stderr', line: `API: ${endpoint}` }),
    moto: (endpoint) => ({ stream: 'stderr', line: ` * Running on ${endpoint}` }),
  }

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => {
      process.on(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143))
      resolve()
    }
    process.once('SIGINT', onSignal)
    process.once('SIGTERM', onSignal)
  })
}

function jsonBanner(emulator: Emulator, settings: Settings, translated: readonly string[]): string {
  const { endpoint, port, extraEndpoints, consoleEndpoint, fixtureReport, certificate } = emulator
  const { bucketDefaults, accountId, region, auth } = settings
  const dataDir = settings.ephemeral ? null : settings.dataDir
  const shown = {
    endpoint,
    port,
    extraEndpoints,
    consoleEndpoint,
    accountId,
    region,
    bucketDefaults,
    auth,
    dataDir,
    fixtureReport,
    translated,
  }
  const warnings = warningsOf(settings)
  return `${JSON.stringify({ message: 'ready', version, ...shown, certificateFile: certificate?.file, warnings })}\n`
}

function banner(emulator: Emulator, settings: Settings, translated: readonly string[]): string {
  const { ephemeral, dataDir, accountId, region, auth, bucketDefaults } = settings
  const rows = [
    ['services', 'S3, KMS, IAM, STS, CloudTrail'],
    ...consoleRows(emulator, settings),
    ...emulator.extraEndpoints.map(({ service, endpoint }) => [
      service === 'website' ? 'websites' : `${service} alone`,
      endpoint,
    ]),
    ...settings.alsoListen.map((address) => ['also on', address]),
    ['account', `${accountId}, ${region}, unknown access keys: ${auth === 'strict' ? 'refused' : 'administrators'}`],
    ['bucket defaults', bucketDefaultWords[bucketDefaults]],
    ['data', ephemeral ? 'in memory, gone at the end' : dataDir],
    ...translated.map((line) => ['taken from', line]),
    ...emulator.fixtureReport.map((line) => ['fixture', line]),
    ...emulator.scripts.map(({ stage, name, state }) => ['script', `${name} (${stage}): ${state.toLowerCase()}`]),
    ...trustRows(emulator),
    ...warningsOf(settings).map((line) => ['WARNING', line]),
  ]
  const table = rows.map(([name = '', value = '']) => `  ${name.padEnd(16)} ${value}`).join('\n')
  return `s3kms-emu ${version} is ready at ${emulator.endpoint}\n${table}\n\n${exportLine(emulator, region)}\n`
}

/** What a shell needs to point the AWS CLI and the SDKs here. */
function exportLine({ endpoint, credentials, certificate }: Emulator, region: string): string {
  const trust = trustVariables(certificate?.file)
  const variables = Object.entries({ ...awsVariables(endpoint, region, credentials), ...trust })
  return `export ${variables.map(([name, value]) => `${name}=${shellWord(value)}`).join(' ')}`
}

/** Where a token opens it to other machines, the link brings the token: in its fragment, which no server sees. */
function consoleRows({ consoleEndpoint }: Emulator, { host, controlToken }: Settings): string[][] {
  if (consoleEndpoint === undefined) return []
  const isOpen = controlToken !== undefined && !isThisMachine(host)
  const link = isOpen ? `${consoleEndpoint}/#token=${encodeURIComponent(controlToken)}` : consoleEndpoint
  return [['console', `${link}${process.stdin.isTTY ? ', or type o' : ''}`]]
}

function isThisMachine(host: string): boolean {
  return /^(127\.|localhost$|::1$)/.test(host)
}

function trustRows({ certificate }: Emulator): string[][] {
  if (!certificate) return []
  if (certificate.file === undefined) return [['certificate', 'self-signed, in memory: clients must skip verification']]
  return [
    ['certificate', `${certificate.file}: trust it with AWS_CA_BUNDLE (CLI, boto3) or NODE_EXTRA_CA_CERTS (Node)`],
  ]
}

function warningsOf(settings: Settings): string[] {
  const seeded =
    settings.seed === undefined ? [] : ['--seed: whoever knows it knows every key here; nothing is a secret']
  return [...seeded, ...openness(settings)]
}

/** Of all addresses, each host once. */
function openness({ host, alsoListen, auth }: Settings): string[] {
  const others = alsoListen.map((address) => address.replace(/:\d+$/, '').replace(/[[\]]/g, ''))
  const open = [...new Set([host, ...others])].filter((one) => !isThisMachine(one))
  return open.map((one) => opennessOf(one, auth))
}

function opennessOf(host: string, auth: Settings['auth']): string {
  const who = host === '0.0.0.0' || host === '::' ? 'everyone who reaches this machine' : `everyone who reaches ${host}`
  const how = auth === 'strict' ? 'with a known access key (test/test is one)' : 'with any access key, as administrator'
  return `listening on ${host}: all keys, objects and the trail are open to ${who}, ${how}`
}
