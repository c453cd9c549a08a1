import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isLoopbackAddress, nameOfHost } from '../protocol/loopback.ts'
import type { AnyRoute } from './route.ts'

const noBrowsers = 'No browser, or the bearer of --control-token'

/**
 * Why a request may not ask a route; undefined: it may.
 * @param token of --control-token: who bears it may ask everything, from anywhere
 */
export function refusalOf(
  incoming: IncomingMessage,
  guard: AnyRoute['guard'],
  token: string | undefined,
): string | undefined {
  if (bears(incoming, token)) return undefined
  if (guard === 'anyone') return isFromPage(incoming) ? noBrowsers : undefined
  return refusalOfStranger(incoming)
}

/**
 * A published container port is not loopback, and no web page may reset or read a laptop's emulator: beside the connection, Host
 * (a rebound name shows there) must be this machine's. Objects share our origin, so a page of this origin may be anybody's: no
 * browser is let in.
 */
function refusalOfStranger(incoming: IncomingMessage): string | undefined {
  if (!isLoopbackAddress(incoming.socket.remoteAddress ?? ''))
    return 'Only this machine, or the bearer of --control-token'
  if (!isThisMachine(incoming.headers.host ?? '')) return 'The Host must be this machine'
  return isFromBrowser(incoming) ? noBrowsers : undefined
}

/** Its pages can neither forge nor leave out these headers. */
function isFromBrowser({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
}

/** Whoever types the address may see the health: the browser says `none` then, and of no request that a page makes. */
function isFromPage({ headers }: IncomingMessage): boolean {
  const { origin, 'sec-fetch-site': site } = headers
  return origin !== undefined || (site !== undefined && site !== 'none')
}

function bears(incoming: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return false
  const given = Buffer.from(incoming.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function isThisMachine(host: string): boolean {
  const name = nameOfHost(host)
  return name === 'localhost' || isLoopbackAddress(name)
}
