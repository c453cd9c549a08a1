import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingBody } from '../protocol/incoming-body.ts'

/*
 * What an answer leaves unread of its request's body stands on the connection before the next request:
 *
 *   little      ─▶ taken and thrown away: the connection lives on
 *   much        ─▶ `Connection: close`; read up to a bound first, because TCP resets a connection that is closed over unread bytes,
 *                  and a client that still sends would then lose the answer
 *   held back   ─▶ (100 Continue was never sent) closed at once
 */

/** Less than a client has under way anyway. */
const smallRest = 256 << 10
/** What a client on this machine sends in about a tenth of a second. */
const largestRest = 64 << 20

/** Whether a connection has to be closed after an answer, for what is left of the request's body. */
export function closesAfter(body: IncomingBody): boolean {
  return body.rest > smallRest
}

/**
 * Ends an answer, and deals with what is left of the request's body.
 * @param last of the answer's body
 */
export function end(outgoing: ServerResponse, body: IncomingBody, last?: string | Uint8Array): void {
  if (body.rest === 0 || body.isHeldBack) {
    outgoing.end(last)
    return
  }
  if (outgoing.shouldKeepAlive) {
    outgoing.end(last)
    void body.discard(smallRest)
    return
  }
  if (last === undefined) outgoing.flushHeaders()
  else outgoing.write(last)
  void body.discard(largestRest).then(() => outgoing.end())
}

/**
 * Throws away what an answer that Node has already left unread of its request's body: the connection's next request would wait behind it for ever.
 * Node does so by itself only where nothing of the body was read.
 */
export function discardRest(incoming: IncomingMessage): void {
  if (incoming.readableEnded || incoming.destroyed) return
  let rest = largestRest
  incoming.on('data', ({ length }: Buffer) => {
    rest -= length
    if (rest < 0) incoming.destroy()
  })
  // Of a reader that gave up: nothing would flow while one listens.
  incoming.removeAllListeners('readable')
  incoming.resume()
}
