import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../log.ts'
import { type Endpoint, type HttpAnswer, type HttpCall, readCall, readHead } from '../protocol/http.ts'
import type { IncomingBody } from '../protocol/incoming-body.ts'
import { breakOff } from './broken-answer.ts'
import { malformedRequest } from './malformed-request.ts'
import { closesAfter, discardRest, end } from './unread-body.ts'

/** Chooses who answers this request. */
export type Choose = (call: HttpCall, incoming: IncomingMessage) => Endpoint

/** Answers Node's own request, instead of a call: what is no service of AWS's. */
export type DirectListener = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

/** @param connection what `ended` is called with: an incoming message that was destroyed may have no socket any more */
export type Serve<Connection> = (incoming: IncomingMessage, outgoing: ServerResponse, connection?: Connection) => void

export interface ListenerParts<Connection = unknown> {
  choose: Choose
  /** Who answers a request directly, if anybody does. */
  direct?: (incoming: IncomingMessage) => DirectListener | undefined
  log: Log
  now: () => number
  /** Called when the handler of a request has ended and its answer was passed to Node. */
  ended?: (connection: Connection | undefined) => void
}

/*
 * Node's request → call → endpoint → answer → Node's response.
 *
 *   A call keeps method, target and headers as they were sent (protocol/http.ts), because signatures cover the raw bytes;
 *   an answer is written without passing through web streams, which would cost 60 µs a request.
 */

/** With two Host headers, one could be signed and the other used. */
const refuseAmbiguous: Endpoint = async () => malformedRequest()

/** The listener for one server; give it to both `request` and `checkContinue`. */
export function createRequestListener<Connection>({
  choose,
  direct = () => undefined,
  log,
  now,
  ended = () => undefined,
}: ListenerParts<Connection>): {
  onRequest: Serve<Connection>
  onCheckContinue: Serve<Connection>
} {
  const serve = async (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    connection: Connection | undefined,
    beforeBody?: () => void,
  ): Promise<void> => {
    const begun = now()
    try {
      const head = readHead(incoming)
      const answering = head.repeated === undefined ? direct(incoming) : undefined
      if (answering) {
        await answering(incoming, outgoing)
        discardRest(incoming)
        logStatus(log, incoming, outgoing.statusCode, now() - begun)
        return
      }
      const call = readCall(incoming, head, beforeBody)
      const endpoint = head.repeated === undefined ? choose(call, incoming) : refuseAmbiguous
      const answer = await endpoint(call)
      const sending = send(answer, outgoing, call.body)
      if (sending) await sending
      logAnswer(log, incoming, answer, now() - begun)
    } catch (error) {
      failed(log, incoming, outgoing, error)
    } finally {
      ended(connection)
    }
  }
  return {
    onRequest: (incoming, outgoing, connection) => {
      void serve(incoming, outgoing, connection)
    },
    onCheckContinue: (incoming, outgoing, connection) => {
      void serve(incoming, outgoing, connection, continueWhenRead(outgoing))
    },
  }
}

/**
 * `Expect: 100-continue` (boto3 sends it) is answered when the body is first read. A refusal that needs no body answers
 * without it and closes: the client may send the body all the same, and nobody is there to read it.
 */
function continueWhenRead(outgoing: ServerResponse): () => void {
  const keepsAlive = outgoing.shouldKeepAlive
  outgoing.shouldKeepAlive = false
  return () => {
    if (outgoing.headersSent) return
    outgoing.shouldKeepAlive = keepsAlive
    outgoing.writeContinue()
  }
}

/** @returns undefined: all is handed to Node already */
function send(answer: HttpAnswer, outgoing: ServerResponse, asked: IncomingBody): Promise<void> | undefined {
  const { status, headers, body } = answer
  if (closesAfter(asked)) outgoing.shouldKeepAlive = false
  if (answer.broken) {
    const length = typeof body === 'string' || body instanceof Uint8Array ? bytesIn(body) : undefined
    return breakOff(answer, linesOf(headers, length), outgoing)
  }
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    outgoing.writeHead(status, linesOf(headers, hasBody(status) ? bytesIn(body) : undefined))
    end(outgoing, asked, body)
    return undefined
  }
  outgoing.writeHead(status, linesOf(headers))
  return stream(body, outgoing, asked)
}

async function stream(body: AsyncIterable<Uint8Array>, outgoing: ServerResponse, asked: IncomingBody): Promise<void> {
  if (outgoing.req.method === 'HEAD') {
    end(outgoing, asked)
    await body[Symbol.asyncIterator]().return?.()
    return
  }
  for await (const chunk of body) {
    if (outgoing.destroyed) return
    if (!outgoing.write(chunk)) await drained(outgoing)
  }
  end(outgoing, asked)
}

/** 1xx, 204 and 304 have no body and so no length. */
function hasBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304
}

function bytesIn(body: string | Uint8Array | undefined): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : (body?.length ?? 0)
}

/**
 * Names and values in turn, the form that Node writes soonest. The length is the last, because Node writes a Content-Disposition that
 * comes behind it in other bytes.
 * @param length of the body, for answers without Content-Length: that of a HEAD is the length of the body that is not sent
 */
function linesOf(headers: HttpAnswer['headers'], length?: number): string[] {
  const lines: string[] = []
  let given: string | undefined
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined) continue
    if (name.length === 14 && name.toLowerCase() === 'content-length') given = value
    else lines.push(name, value)
  }
  if (given !== undefined) lines.push('content-length', given)
  else if (length !== undefined) lines.push('content-length', String(length))
  return lines
}

/** Resolves when more can be written, or when nobody listens any more. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      outgoing.off('drain', settle)
      outgoing.off('close', settle)
      resolve()
    }
    outgoing.on('drain', settle)
    outgoing.on('close', settle)
  })
}

function failed(log: Log, incoming: IncomingMessage, outgoing: ServerResponse, error: unknown): void {
  if (!incoming.destroyed || incoming.complete) {
    log.error(`${incoming.method} ${pathOf(incoming)} broke off`, error)
  }
  if (outgoing.headersSent) {
    // The status is out already: only a cut connection can tell the client that the body is not whole.
    outgoing.destroy()
    return
  }
  outgoing.writeHead(500, { 'content-length': 0, connection: 'close' }).end()
}

function logAnswer(log: Log, incoming: IncomingMessage, { status, headers }: HttpAnswer, ms: number): void {
  const requestId = headers['x-amz-request-id'] ?? headers['x-amzn-RequestId'] ?? headers['x-amzn-requestid']
  log.info(`${incoming.method} ${pathOf(incoming)} ${status} ${ms} ms`, requestId === undefined ? {} : { requestId })
}

function logStatus(log: Log, incoming: IncomingMessage, status: number, ms: number): void {
  log.info(`${incoming.method} ${pathOf(incoming)} ${status} ${ms} ms`)
}

/** The target without its query: presigned URLs carry signatures there. */
function pathOf(incoming: IncomingMessage): string {
  const target = incoming.url ?? '/'
  const mark = target.indexOf('?')
  return mark < 0 ? target : target.slice(0, mark)
}
