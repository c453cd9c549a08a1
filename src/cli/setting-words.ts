import type { ListenError } from '../emulator/listeners.ts'
import { OptionFault, SettingFault, type Settings } from '../options.ts'

/**
 * Has an error of a start name the setting at fault as it was given: by its flag, or by its variable.
 * @param labelOf how whoever gave a setting knows it
 * @returns what to throw
 */
export function inWordsOfGiver(error: unknown, labelOf: (name: keyof Settings) => string): unknown {
  if (error instanceof SettingFault) return new OptionFault(`${labelOf(error.setting)} ${error.words}`)
  return isListenError(error) ? new Error(wordsOf(error, labelOf(error.setting)), { cause: error }) : error
}

function isListenError(error: unknown): error is ListenError {
  return typeof error === 'object' && error !== null && 'setting' in error && 'code' in error
}

function wordsOf({ code, port, address, hostname, message }: ListenError, label: string): string {
  if (code === 'EADDRINUSE')
    return `port ${port} on ${address} is in use: choose another with ${label} (0 picks a free one)`
  if (code === 'EACCES')
    return `port ${port} on ${address} may not be opened by this user: choose another with ${label}`
  if (code === 'EADDRNOTAVAIL') return `${label}: ${address} is not an address of this machine`
  return hostname === undefined ? `${label}: ${message}` : `${label}: ${hostname} cannot be resolved (${code})`
}
