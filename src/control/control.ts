import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { HttpAnswer } from '../protocol/http.ts'

/** What the control paths can do. */
export interface Controls {
  /** What `GET /_s3kms/health` tells. */
  health(): Promise<Record<string, unknown>>
  /** Why calls ended as they did, by request id or `last`; nothing where nothing is known. */
  explain(id: string): Promise<object[]>
  /** Empties everything. */
  reset(): Promise<void>
  /** Opens the paths to whoever bears it. */
  token?: string
}

/** Whether the target is one of ours. No bucket name begins with `_`, and our paths are never signed. */
export function isControlPath(incoming: IncomingMessage): boolean {
  return (incoming.url ?? '').startsWith('/_s3kms/') && !incoming.headers.authorization?.startsWith('AWS')
}

/** Answers a request to `/_s3kms/…`. */
export async function control(incoming: IncomingMessage, controls: Controls): Promise<HttpAnswer> {
  const path = (incoming.url ?? '').split('?')[0]
  if (path === '/_s3kms/health') {
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD') return answer(405, { message: 'GET it' }, 'GET')
    return answer(200, await controls.health())
  }
  const explained = /^\/_s3kms\/explain\/([^/]+)$/.exec(path ?? '')?.[1]
  if (explained !== undefined) return explain(incoming, controls, decoded(explained))
  if (path !== '/_s3kms/reset') return answer(404, { message: `There is no ${path}` })
  if (incoming.method !== 'POST') return answer(405, { message: 'POST it' }, 'POST')
  const refusal = refusalOf(incoming, controls.token)
  if (refusal) return answer(403, { message: refusal })
  await controls.reset()
  return answer(200, { status: 'reset' })
}

async function explain(incoming: IncomingMessage, controls: Controls, id: string): Promise<HttpAnswer> {
  if (incoming.method !== 'GET') return answer(405, { message: 'GET it' }, 'GET')
  const refusal = refusalOf(incoming, controls.token)
  if (refusal) return answer(403, { message: refusal })
  const explanations = await controls.explain(id)
  if (explanations.length > 0) return answer(200, { explanations })
  return answer(404, { message: `Nothing is known of ${id}: it asked nothing of KMS, or too long ago` })
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
 * (a rebound name shows there) and Origin (a browser always sends it with a foreign POST) must be this machine's.
 */
function refusalOf(incoming: IncomingMessage, token: string | undefined): string | undefined {
  if (token !== undefined && bears(incoming, token)) return undefined
  if (!isLoopbackAddress(incoming.socket.remoteAddress ?? ''))
    return 'Only this machine, or the bearer of --control-token'
  if (!isLoopbackHost(incoming.headers.host ?? '')) return 'The Host must be this machine'
  const { origin } = incoming.headers
  if (origin !== undefined && !isOwnOrigin(origin, incoming.headers.host ?? '')) return 'The Origin is foreign'
  return undefined
}

function bears(incoming: IncomingMessage, token: string): boolean {
  const given = Buffer.from(incoming.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}

function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)
}

function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`
}

function answer(status: number, content: Record<string, unknown>, allow?: string): HttpAnswer {
  const headers: HttpAnswer['headers'] = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  if (allow !== undefined) headers.allow = allow
  return { status, headers, body: `${JSON.stringify(content)}\n` }
}
