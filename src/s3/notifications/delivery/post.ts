import { Agent, request as requestHttp } from 'node:http'
import { request as requestHttps, Agent as SecureAgent } from 'node:https'

/** What is posted. */
export interface Posting {
  headers: Record<string, string>
  body: string
}

/** What became of it: acknowledged by a 2xx, refused by another status, or nobody answered. */
export type Outcome = { kind: 'acknowledged' } | { kind: 'refused' | 'unanswered'; why: string }

/** ms a receiver has for its answer. */
const patience = 10_000
/** Bytes of an answer that are read, to keep the connection: nobody looks at them. */
const longestAnswer = 64 << 10

/** Posts to receivers, over connections that are kept. */
export class Poster {
  readonly #agents = { 'http:': new Agent({ keepAlive: true }), 'https:': new SecureAgent({ keepAlive: true }) }

  /** Resolves always; redirects are refusals. */
  post(url: string, { headers, body }: Posting, signal: AbortSignal): Promise<Outcome> {
    const isSecure = url.startsWith('https:')
    const agent = this.#agents[isSecure ? 'https:' : 'http:']
    const request = (isSecure ? requestHttps : requestHttp)(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      signal,
    })
    return new Promise((resolve) => {
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${patience / 1000} s`)), patience)
      const end = (outcome: Outcome) => {
        clearTimeout(timer)
        resolve(outcome)
      }
      request.on('error', (error) => end({ kind: 'unanswered', why: error.message || error.name }))
      request.on('response', (answer) => {
        const { statusCode = 0 } = answer
        const isAcknowledged = statusCode >= 200 && statusCode < 300
        const outcome: Outcome = isAcknowledged
          ? { kind: 'acknowledged' }
          : { kind: 'refused', why: `it answered ${statusCode}` }
        answer.on('error', (error) => end({ kind: 'unanswered', why: error.message }))
        answer.on('end', () => end(outcome))
        let left = longestAnswer
        answer.on('data', ({ length }: Buffer) => {
          left -= length
          if (left >= 0) return
          end(outcome)
          answer.destroy()
        })
      })
      request.end(body)
    })
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }
}
