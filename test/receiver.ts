import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a receiver of notifications got. */
export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface Receiver {
  url: string
  /** In the order in which they came. */
  received: Received[]
  /** Decides the status of each answer; default: 200. Undefined: none comes. */
  answer: (received: Received) => number | undefined
  stop(): Promise<void>
}

/** A small HTTP server that keeps what is posted to it. @param port default: a free one */
export async function startReceiver(port = 0): Promise<Receiver> {
  const receiver: Receiver = { url: '', received: [], answer: () => 200, stop: async () => undefined }
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { url: path = '', headers } = incoming
    const received = { path, headers, body: Buffer.concat(chunks).toString() }
    receiver.received.push(received)
    const status = receiver.answer(received)
    if (status !== undefined) outgoing.writeHead(status).end()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  receiver.stop = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return receiver
}
