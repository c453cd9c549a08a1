import { OptionFault, type OptionRow, optionsFromEnvironment, readSettings } from '../options.ts'
import { translate } from './compatible/translate.ts'

/* Where the emulator of this machine is, for commands that are not told. */

const ownHosts = new Set(['0.0.0.0', '::', 'localhost'])
const asked: readonly OptionRow['name'][] = ['port', 'host', 'tls', 'cert', 'key']

/**
 * Where a command asks.
 * @param given what it was told; undefined: the variables say it
 * @throws OptionFault that names the variable, where one says it
 */
export function addressOf(given: string | undefined, environment: NodeJS.ProcessEnv): URL {
  const text = given ?? endpointFrom(environment)
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return new URL(text)
  const source = given !== undefined ? '' : environment.AWS_ENDPOINT_URL ? 'AWS_ENDPOINT_URL: ' : 'S3KMS_HOST: '
  throw new OptionFault(`${source}${text} is not an http or https address`)
}

/**
 * The endpoint of commands that ask a running emulator: AWS_ENDPOINT_URL, or where `start` listens under the same variables, its own and
 * those of other emulators, so that a container's health check follows what the container was given.
 * @throws OptionFault that names the variable
 */
export function endpointFrom(environment: NodeJS.ProcessEnv): string {
  if (environment.AWS_ENDPOINT_URL) return environment.AWS_ENDPOINT_URL
  const own = optionsFromEnvironment(environment)
  const { compatible } = readSettings({ compatible: own.compatible }, 'variable')
  const translated = compatible === 'off' ? {} : translate(environment, compatible).settings
  const given = Object.entries({ ...translated, ...own }).filter(([name]) => asked.some((one) => one === name))
  const { port, host, tls, cert } = readSettings(Object.fromEntries(given), 'variable')
  const address = ownHosts.has(host) ? '127.0.0.1' : host
  return `${tls || cert ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${port}`
}
