import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { HttpAnswer } from '../protocol/http.ts'
import { isLoopbackAddress, nameOfHost } from '../protocol/loopback.ts'

/** What the control paths can do. */
export interface Controls {
  /** What `GET /_s3kms/health` tells. */
  health(): Promise<Record<string, unknown>>
  /** Why calls ended as they did, by request id or `last`; nothing where nothing is known. */
  explain(id: string): Promise<object[]>
  /** The KMS keys of an account in a Region, those of the emulator where they are not named; no event is left. */
  keys(place: { accountId?: string; region?: string }): Promise<object[]>
  /**
   * Empties everything; waits for all requests in flight but this one.
   * @param options.fixtures whether the fixture files are applied again
   * @returns what they did, one line each
   */
  reset(options: { fixtures: boolean }, incoming: IncomingMessage): Promise<string[]>
  /** Opens the paths to whoever bears it. */
  token?: string
}

/** Whether the target is one of ours. No bucket name begins with `_`, and our paths are never signed. */
export function isControlPath(incoming: IncomingMessage): boolean {
  return (incoming.url ?? '').startsWith('/_s3kms/') && !incoming.headers.authorization?.startsWith('AWS')
}

/** Answers a request to `/_s3kms/…`. */
export async function control(incoming: IncomingMessage, controls: Controls): Promise<HttpAnswer> {
  const [path, query] = (incoming.url ?? '').split('?')
  if (path === '/_s3kms/health') {
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD') return answer(405, { message: 'GET it' }, 'GET')
    if (isFromPage(incoming) && !bears(incoming, controls.token)) return denyControl(noBrowsers)
    return answer(200, await controls.health())
  }
  const explained = /^\/_s3kms\/explain\/([^/]+)$/.exec(path ?? '')?.[1]
  if (explained !== undefined) return explain(incoming, controls, decoded(explained))
  if (path === '/_s3kms/keys') return keys(incoming, controls, new URLSearchParams(query))
  if (path === '/_s3kms/reset') return reset(incoming, controls, new URLSearchParams(query))
  return answer(404, { message: `There is no ${path}` })
}

async function reset(incoming: IncomingMessage, controls: Controls, query: URLSearchParams): Promise<HttpAnswer> {
  if (incoming.method !== 'POST') return answer(405, { message: 'POST it' }, 'POST')
  const refusal = refusalOf(incoming, controls.token)
  if (refusal) return denyControl(refusal)
  const fixtures = query.get('fixtures') === 'true'
  return answer(200, { status: 'reset', fixtureReport: await controls.reset({ fixtures }, incoming) })
}

async function explain(incoming: IncomingMessage, controls: Controls, id: string): Promise<HttpAnswer> {
  if (incoming.method !== 'GET') return answer(405, { message: 'GET it' }, 'GET')
  const refusal = refusalOf(incoming, controls.token)
  if (refusal) return denyControl(refusal)
  const explanations = await controls.explain(id)
  if (explanations.length > 0) return answer(200, { explanations })
  return answer(404, { message: `Nothing is known of ${id}: it asked nothing of KMS, or too long ago` })
}

async function keys(incoming: IncomingMessage, controls: Controls, query: URLSearchParams): Promise<HttpAnswer> {
  if (incoming.method !== 'GET') return answer(405, { message: 'GET it' }, 'GET')
  const refusal = refusalOf(incoming, controls.token)
  if (refusal) return denyControl(refusal)
  const place = { accountId: query.get('account') ?? undefined, region: query.get('region') ?? undefined }
  return answer(200, { keys: await controls.keys(place) })
}

/** Refuses a request to `/_s3kms/…` that need not be looked at. */
export function denyControl(message: string): HttpAnswer {
  return answer(403, { message })
}

/** Text that is no percent-encoding stands for itself: then it is no request id either. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * A published container port is not loopback, and no web page may reset or read a laptop's emulator: beside the connection, Host
 * (a rebound name shows there) must be this machine's. Objects share our origin, so a page of this origin may be anybody's: no
 * browser is let in.
 */
function refusalOf(incoming: IncomingMessage, token: string | undefined): string | undefined {
  if (bears(incoming, token)) return undefined
  if (!isLoopbackAddress(incoming.socket.remoteAddress ?? ''))
    return 'Only this machine, or the bearer of --control-token'
  if (!isThisMachine(incoming.headers.host ?? '')) return 'The Host must be this machine'
  return isFromBrowser(incoming) ? noBrowsers : undefined
}

const noBrowsers = 'No browser, or the bearer of --control-token'

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

function answer(status: number, content: Record<string, unknown>, allow?: string): HttpAnswer {
  const headers: HttpAnswer['headers'] = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  if (allow !== undefined) headers.allow = allow
  return { status, headers, body: `${JSON.stringify(content)}\n` }
}
