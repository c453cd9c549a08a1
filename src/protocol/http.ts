import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { bareRecord } from '../aws/bare-record.ts'
import type { Caller } from '../aws/caller.ts'
import { IncomingBody } from './incoming-body.ts'

/**
 * A forward access session: S3 calls KMS on behalf of its caller, with the caller's identity. It is a member of a call that is
 * made in process, never a header, so that no network client can forge one.
 */
export interface ForwardedSession {
  caller: Caller
  region: string
  /** The service that forwards; KMS's trail shows `fas.SERVICE.amazonaws.com`, policies see `kms:ViaService`. */
  service: 's3'
  /** The request for which it forwards, for whoever asks why later. */
  requestId?: string
}

/** The head of a request, as gateway and endpoint both read it: nothing decoded, nothing normalised. */
export interface RequestHead {
  /** Raw path, origin-form, still percent-encoded: `/bucket/a//b%2Fc`. */
  path: string
  /** Raw query without its `?`; empty when there is none. */
  query: string
  /** Lower-case names; several lines of one name joined by `,`; values as UTF-8. */
  headers: Record<string, string>
}

/** One HTTP request as an endpoint sees it: nothing decoded, nothing normalised, because signatures cover the raw form. */
export interface HttpCall extends RequestHead {
  method: string
  /** The body as it arrives, not yet unframed or verified. Iterate it once, or not at all. */
  body: AsyncIterable<Uint8Array>
  /** The client's address without port; `127.0.0.1` in process. */
  clientAddress: string
  /** True over TLS, and in process. */
  secure: boolean
  /** `TLSv1.3`; undefined where there is none. */
  tlsVersion?: string
  session?: ForwardedSession
  /** Present when a web page of another site sent this, which is refused unless a known key proves it (`known-key.ts`). */
  foreignPage?: ForeignPage
}

/** A web page of another site. */
export interface ForeignPage {
  /** As browsers write it; undefined where the browser keeps it back. */
  origin: string | undefined
  /** The words in which what it sends is refused. */
  refusal: string
}

/** What an endpoint answers. A body that is iterated is streamed with back-pressure. */
export interface HttpAnswer {
  status: number
  /** Undefined ones are not sent. */
  headers: Record<string, string | undefined>
  body?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** How it breaks on purpose: it is not sent at all, or half of its body is. */
  broken?: 'reset' | 'cut'
}

/**
 * Reads the head of a request: the one reader of targets and headers that services and gateway have.
 * @returns in `repeated`, a header that came twice and of which there can be only one
 */
export function readHead({
  url,
  rawHeaders,
}: Pick<IncomingMessage, 'url' | 'rawHeaders'>): RequestHead & { repeated: string | undefined } {
  const { path, query } = cutTarget(url ?? '/')
  const headers = bareRecord()
  let repeated: string | undefined
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = asUtf8(rawHeaders[index + 1] ?? '')
    const before = headers[name]
    if (before !== undefined && singularHeaders.has(name)) repeated = name
    headers[name] = before === undefined ? value : `${before},${value}`
  }
  return { path, query, headers, repeated }
}

/**
 * Headers that name the request's target, its signer or its form: with two of them, two readers could each go by another.
 * Node's parser refuses a second Content-Length itself. Others are joined, as SigV4 signs them.
 */
const singularHeaders = new Set(['host', 'authorization', 'content-type', 'content-md5'])

/** A service over HTTP: a function of the call. It never rejects; what goes wrong is an answer. */
export type Endpoint = (call: HttpCall) => Promise<HttpAnswer>

/**
 * @param load imports what the endpoint is made of
 * @returns an endpoint that is loaded when it is called for the first time, so that a start costs nothing of it
 */
export function loadedAtFirstCall(load: () => Promise<Endpoint>): Endpoint {
  let loaded: Promise<Endpoint> | undefined
  return async (call) => {
    loaded ??= load()
    return await (await loaded)(call)
  }
}

/**
 * The call of which a request's head is read already.
 * @param beforeBody called before the first byte of the body is asked for: a client that waits for `100 Continue` gets it then
 */
export function readCall(
  incoming: IncomingMessage,
  { path, query, headers }: RequestHead,
  beforeBody?: () => void,
): HttpCall & { body: IncomingBody } {
  return {
    method: incoming.method ?? 'GET',
    path,
    query,
    headers,
    body: new IncomingBody(incoming, Number(headers['content-length'] ?? Number.NaN), beforeBody),
    clientAddress: addressOf(incoming),
    secure: isOverTls(incoming.socket),
    tlsVersion: tlsVersionOf(incoming),
  }
}

/**
 * A call that is made inside this process.
 * @param target path and query, percent-encoded: `/bucket/key?acl`
 */
export function callInProcess({
  method = 'POST',
  target = '/',
  headers = {},
  body = noBytes,
  session,
}: {
  method?: string
  target?: string
  headers?: Record<string, string>
  body?: AsyncIterable<Uint8Array>
  session?: ForwardedSession
}): HttpCall {
  return { method, ...cutTarget(target), headers, body, clientAddress: '127.0.0.1', secure: true, session }
}

function tlsVersionOf({ socket }: IncomingMessage): string | undefined {
  return isOverTls(socket) ? (socket.getProtocol() ?? undefined) : undefined
}

/** Not by its class: Node's TLS would be loaded for it at every start. */
function isOverTls(socket: Socket): socket is TLSSocket {
  return 'encrypted' in socket
}

function addressOf({ socket }: IncomingMessage): string {
  const address = socket.remoteAddress ?? ''
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}

/** The body of a call that has none: every call inside this process has it, and few look. */
export const noBytes: AsyncIterable<Uint8Array> = { async *[Symbol.asyncIterator]() {} }

/** A request target is in origin-form or, through a proxy, in absolute-form; path and query are cut from the raw text. */
function cutTarget(target: string): { path: string; query: string } {
  const origin = target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '') || '/'
  const mark = origin.indexOf('?')
  if (mark < 0) return { path: origin, query: '' }
  return { path: origin.slice(0, mark) || '/', query: origin.slice(mark + 1) }
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

/** The whole body of an answer. */
export async function readAnswer({ body }: HttpAnswer): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0)
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}
