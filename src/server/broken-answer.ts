import type { ServerResponse } from 'node:http'
import type { HttpAnswer } from '../protocol/http.ts'

/**
 * Breaks an answer off, as somebody asked for: nothing of it is sent and the connection reset, or half of its body is and the connection
 * closed. An answer without a body is not sent.
 * @param headers names and values in turn, with the length of the whole body
 */
export async function breakOff(answer: HttpAnswer, headers: string[], outgoing: ServerResponse): Promise<void> {
  const length = Number(headers[headers.indexOf('content-length') + 1])
  // Where there is no body, nothing of it can be missing.
  if (answer.broken === 'reset' || length === 0 || answer.body === undefined || outgoing.req.method === 'HEAD') {
    reset(outgoing)
    return giveUp(answer.body)
  }
  outgoing.writeHead(answer.status, headers)
  outgoing.flushHeaders()
  let left = Math.floor((Number.isNaN(length) ? 0 : length) / 2)
  for await (const chunk of chunksOf(answer.body)) {
    if (left === 0) break
    const part = chunk.subarray(0, left)
    left -= part.length
    await new Promise<void>((resolve) => outgoing.write(part, () => resolve()))
  }
  outgoing.destroy()
}

async function* chunksOf(body: HttpAnswer['body']): AsyncGenerator<Uint8Array> {
  if (body === undefined) return
  if (typeof body === 'string' || body instanceof Uint8Array) yield Buffer.from(body)
  else yield* body
}

/** What is held for a body that nobody reads is let go. */
async function giveUp(body: HttpAnswer['body']): Promise<void> {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return
  await body[Symbol.asyncIterator]().return?.()
}

/** A connection over TLS cannot be reset, only closed. */
function reset({ socket }: ServerResponse): void {
  try {
    socket?.resetAndDestroy()
  } catch {
    socket?.destroy()
  }
}
