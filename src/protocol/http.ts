import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from 'hono'
import { bareRecord } from '../aws/bare-record.ts'
import type { Caller } from '../aws/caller.ts'
import { IncomingBody } from './incoming-body.ts'

/**
 * A forward access session: S3 calls KMS on behalf of its caller, with the caller's identity. It travels in the environment
 * of an in-process fetch, never in a header, so that no network client can forge one.
 */
export interface ForwardedSession {
  caller: Caller
  region: string
  /** The service that forwards; KMS's trail shows `fas.SERVICE.amazonaws.com`, policies see `kms:ViaService`. */
  service: 's3'
  /** The request for which it forwards, for whoever asks why later. */
  requestId?: string
}

/** What a fetch carries beside its Request: Node's own streams from a listener, or a session from inside the process. */
export interface Environment {
  incoming?: IncomingMessage
  outgoing?: ServerResponse
  session?: ForwardedSession
  /** Called before the first byte of the body is asked for: a client that waits for `100 Continue` gets it then. */
  beforeBody?: () => void
}

/** One HTTP request as an endpoint sees it: nothing decoded, nothing normalised, because signatures cover the raw form. */
export interface HttpCall {
  method: string
  /** Raw path, origin-form, still percent-encoded: `/bucket/a//b%2Fc`. */
  path: string
  /** Raw query without its `?`; empty when there is none. */
  query: string
  /** Lower-case names; several lines of one name joined by `,`; values as UTF-8. */
  headers: Record<string, string>
  /** The body as it arrives, not yet unframed or verified. Iterate it once, or not at all. */
  body: AsyncIterable<Uint8Array>
  /** The client's address without port; `127.0.0.1` in process. */
  clientAddress: string
  /** True over TLS, and in process. */
  secure: boolean
  session?: ForwardedSession
}

/** What an endpoint answers. A body that is iterated is streamed with back-pressure. */
export interface HttpAnswer {
  status: number
  /** Undefined ones are not sent. */
  headers: Record<string, string | undefined>
  body?: string | Uint8Array | AsyncIterable<Uint8Array>
}

/** Reads the call out of hono's context, from Node's own request where there is one (hono decodes paths and resolves `..`). */
export function readCall(context: Context<{ Bindings: Environment }>): HttpCall {
  const { incoming, session, beforeBody } = context.env ?? {}
  return incoming ? callFromNode(incoming, session, beforeBody) : callFromRequest(context.req.raw, session)
}

function callFromNode(incoming: IncomingMessage, session?: ForwardedSession, beforeBody?: () => void): HttpCall {
  const { path, query } = cutTarget(incoming.url ?? '/')
  const headers = joinHeaders(incoming.rawHeaders)
  return {
    method: incoming.method ?? 'GET',
    path,
    query,
    headers,
    body: new IncomingBody(incoming, Number(headers['content-length'] ?? Number.NaN), beforeBody),
    clientAddress: addressOf(incoming),
    secure: 'encrypted' in incoming.socket,
    session,
  }
}

function callFromRequest(request: Request, session?: ForwardedSession): HttpCall {
  const { path, query } = cutTarget(request.url)
  return {
    method: request.method,
    path,
    query,
    headers: { host: new URL(request.url).host, ...Object.fromEntries(request.headers) },
    body: request.body ?? noBytes(),
    clientAddress: '127.0.0.1',
    secure: true,
    session,
  }
}

function addressOf({ socket }: IncomingMessage): string {
  const address = socket.remoteAddress ?? ''
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}

/** The body of a call that has none. */
export async function* noBytes(): AsyncGenerator<Uint8Array> {}

/** A request target is in origin-form or, through a proxy, in absolute-form; path and query are cut from the raw text. */
function cutTarget(target: string): { path: string; query: string } {
  const origin = target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '') || '/'
  const mark = origin.indexOf('?')
  if (mark < 0) return { path: origin, query: '' }
  return { path: origin.slice(0, mark) || '/', query: origin.slice(mark + 1) }
}

function joinHeaders(raw: readonly string[]): Record<string, string> {
  const headers = bareRecord()
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    const value = asUtf8(raw[index + 1] ?? '')
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before},${value}`
  }
  return headers
}

/**
 * Node reads header bytes as Latin-1. Clients send UTF-8 (user metadata), and sign that; those written for Node may send
 * Latin-1, and sign the UTF-8 of it.
 */
function asUtf8(value: string): string {
  if (/^[\x00-\x7f]*$/.test(value)) return value
  const bytes = Buffer.from(value, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : value
}

/**
 * Turns an answer into the Response that hono hands on. The body becomes a web stream only when somebody in process asks for
 * it: the listener writes the answer itself, which saves 30 µs a request.
 */
export function respond(answer: HttpAnswer): Response {
  return new AnswerResponse(answer)
}

/** The answer inside a Response: the very one given to `respond`, or one made of any other Response. */
export function answerOf(response: Response): HttpAnswer {
  if (response instanceof AnswerResponse) return response.answer
  return { status: response.status, headers: Object.fromEntries(response.headers), body: response.body ?? undefined }
}

/**
 * An answer in the guise of a Response. Not a subclass: building undici's Response takes 5 µs a request, and loading it 20 ms
 * of the start. What is asked of it beyond the answer comes from a real one.
 */
class AnswerResponse implements Response {
  readonly answer: HttpAnswer
  #whole: Response | undefined

  constructor(answer: HttpAnswer) {
    this.answer = answer
  }

  get status() {
    return this.answer.status
  }
  get ok() {
    return this.#complete.ok
  }
  get headers() {
    return this.#complete.headers
  }
  get statusText() {
    return this.#complete.statusText
  }
  get type() {
    return this.#complete.type
  }
  get url() {
    return this.#complete.url
  }
  get redirected() {
    return this.#complete.redirected
  }
  get body() {
    return this.#complete.body
  }
  get bodyUsed() {
    return this.#whole?.bodyUsed ?? false
  }
  text() {
    return this.#complete.text()
  }
  json() {
    return this.#complete.json()
  }
  arrayBuffer() {
    return this.#complete.arrayBuffer()
  }
  bytes() {
    return this.#complete.bytes()
  }
  blob() {
    return this.#complete.blob()
  }
  formData() {
    return this.#complete.formData()
  }
  clone() {
    return this.#complete.clone()
  }

  get #complete(): Response {
    const { status } = this.answer
    this.#whole ??= new Response(bodyOf(this.answer), { status, headers: [...sentHeaders(this.answer)] })
    return this.#whole
  }
}

/** The headers of an answer that have a value. */
function* sentHeaders({ headers }: HttpAnswer): Generator<[name: string, value: string]> {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) yield [name, value]
}

function bodyOf({ body }: HttpAnswer): BodyInit | null {
  if (body === undefined || typeof body === 'string') return body ?? null
  return body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : streamOf(body)
}

function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
