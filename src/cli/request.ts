import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

export interface RequestSettings {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
  /** Over TLS: PEM certificates to trust; `unverified` trusts whatever comes. Default: Node's own and NODE_EXTRA_CA_CERTS. */
  trust?: string[] | 'unverified'
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** Long enough for a machine under load, short enough for a probe that asks again. */
const patience = 5_000

/**
 * One request on a connection of its own, without the variables that send others through a proxy.
 * @throws Node's error of the connection; an AbortError after 5 s without an answer
 */
export function request(url: URL, { method = 'GET', headers, body, trust }: RequestSettings = {}): Promise<Answer> {
  const settings = { method, headers, agent: false, signal: AbortSignal.timeout(patience) }
  const security = trust === 'unverified' ? { rejectUnauthorized: false } : { ca: trust }
  return new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        text += piece
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    }
    const sent =
      url.protocol === 'https:'
        ? requestHttps(url, { ...settings, ...security }, answered)
        : requestHttp(url, settings, answered)
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Whether an address is this machine's own, by its name. */
export function isThisMachine({ hostname }: URL): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname)
}

/** A JSON document; undefined where it is none. */
export function readJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
