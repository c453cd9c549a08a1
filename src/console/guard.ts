import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isLoopbackAddress, nameOfHost } from '../protocol/loopback.ts'

/*
 * Who may use the console.
 *
 *   page        this machine: with the page's token in it. Others, where there is a --control-token: without, and ask for that one
 *   all else    the page's token, which no other page can read, or the control token
 *
 * A page of another site can send requests, but reads no answer, knows neither token, and its Origin shows.
 */

export interface Tokens {
  /** Random, of this run: only our own page has it. */
  page: string
  /** Of --control-token. */
  control: string | undefined
}

/** The header in which the page brings its token. */
export const tokenHeader = 'x-s3kms-console'

/** Why nobody who asks like this is served anything; undefined: the page may be given out. */
export function refusalOfPage(incoming: IncomingMessage, { control }: Tokens): string | undefined {
  if (isAtThisMachine(incoming)) return undefined
  return control === undefined ? 'Only this machine, where there is no --control-token' : undefined
}

/** Why a request for data is refused; undefined: it may be served. */
export function refusalOfData(incoming: IncomingMessage, tokens: Tokens): string | undefined {
  const refusal = refusalOfPage(incoming, tokens)
  if (refusal !== undefined) return refusal
  if (isOfAnotherPage(incoming)) return 'Only the console’s own page'
  const { headers } = incoming
  if (isAtThisMachine(incoming) && isSame(headers[tokenHeader], tokens.page)) return undefined
  if (tokens.control !== undefined && isSame(headers.authorization, `Bearer ${tokens.control}`)) return undefined
  return 'The page’s token, or the bearer of --control-token'
}

/** The connection and Host (a rebound name shows there) are this machine's. */
export function isAtThisMachine({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): boolean {
  if (!isLoopbackAddress(socket.remoteAddress ?? '')) return false
  const name = nameOfHost(headers.host ?? '')
  return name === 'localhost' || isLoopbackAddress(name)
}

/** Browsers name where a request comes from, and pages can neither forge nor leave it out. */
function isOfAnotherPage({ headers, socket }: IncomingMessage): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (site !== undefined && site !== 'same-origin') return true
  return origin !== undefined && origin !== `${'encrypted' in socket ? 'https' : 'http'}://${host}`
}

function isSame(given: string | string[] | undefined, wanted: string): boolean {
  if (typeof given !== 'string') return false
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
