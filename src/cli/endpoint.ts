import { type OptionRow, optionsFromEnvironment, readSettings } from '../options.ts'

/* Where the emulator of this machine is, for commands that are not told. */

const ownHosts = new Set(['0.0.0.0', '::', 'localhost'])
const asked: readonly OptionRow['name'][] = ['port', 'host', 'tls', 'cert', 'key']

/**
 * The endpoint of commands that ask a running emulator: AWS_ENDPOINT_URL, or where `start` listens under the same S3KMS_* variables, so
 * that a container's health check follows what the container was given.
 * @throws OptionFault that names the variable
 */
export function endpointFrom(environment: NodeJS.ProcessEnv): string {
  if (environment.AWS_ENDPOINT_URL) return environment.AWS_ENDPOINT_URL
  const given = Object.entries(optionsFromEnvironment(environment)).filter(([name]) =>
    asked.some((one) => one === name),
  )
  const { port, host, tls, cert } = readSettings(Object.fromEntries(given), 'variable')
  const address = ownHosts.has(host) ? '127.0.0.1' : host
  return `${tls || cert ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${port}`
}
