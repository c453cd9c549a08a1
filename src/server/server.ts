import { createServer, type IncomingMessage, type Server as NodeServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Log } from '../log.ts'
import { type Choose, createRequestListener } from './listener.ts'
import { malformedRequest } from './malformed-request.ts'

const idleBodyTimeout = 60_000
const keepAliveTimeout = 75_000
const drainLimit = 10_000

export interface ServerOptions {
  host: string
  log: Log
  now: () => number
  /** Serve HTTPS with this certificate and key, PEM. */
  certificate?: { cert: string; key: string }
}

type Exchange = { incoming: IncomingMessage; outgoing: ServerResponse }
/** What is in flight on a connection; it lasts as long as the connection does. */
type Connection = { exchange?: Exchange }

/** The listeners of one emulator, and what is in flight on them. */
export class Server {
  readonly #options: ServerOptions
  readonly #listeners: NodeServer[] = []
  /**
   * A Map that lost and gained an entry with every request would cost more than that: V8 links each table it outgrows to the
   * next, so what once lay in one, request and all, grows old with it.
   */
  readonly #connections = new Map<Socket, Connection>()
  /** Connections with something in flight. */
  #busy = 0
  readonly #onIdle: (() => void)[] = []
  /** Requests in flight that wait to be alone themselves, and so need not be waited for. */
  #waiting = 0
  /** While set, new requests wait for it. */
  #gate: Promise<void> | undefined

  constructor(options: ServerOptions) {
    this.#options = options
  }

  /**
   * Opens one more port.
   * @param choose who answers a request on it
   * @returns the port (0 was asked: the one that was free)
   * @throws Error with Node's code, EADDRINUSE and the like
   */
  async listen(port: number, choose: Choose): Promise<number> {
    const server = await this.#createServer()
    const { onRequest, onCheckContinue } = createRequestListener({
      choose: (call, incoming) => {
        const endpoint = choose(call, incoming)
        const gate = this.#gate
        return gate ? (call) => gate.then(() => endpoint(call)) : endpoint
      },
      log: this.#options.log,
      now: this.#options.now,
    })
    server.on('request', (incoming, outgoing) => {
      this.#track(incoming, outgoing)
      onRequest(incoming, outgoing)
    })
    server.on('checkContinue', (incoming, outgoing) => {
      this.#track(incoming, outgoing)
      onCheckContinue(incoming, outgoing)
    })
    // Any other expectation: HTTP's 417, Node's own answer. What is no HTTP at all: S3's words for it.
    server.on('clientError', refuseMalformed)
    server.on('timeout', (socket: Socket) => this.#timedOut(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, this.#options.host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#listeners.push(server)
    return (server.address() as AddressInfo).port
  }

  /**
   * Holds new requests back, waits for those in flight, runs `body`, and lets the held ones go on.
   * @param own how many of the requests in flight are the caller's own: 1 inside a handler, else 0
   */
  async alone(own: 0 | 1, body: () => Promise<void>): Promise<void> {
    this.#waiting += own
    while (this.#gate) await this.#gate
    let open = () => {}
    this.#gate = new Promise((resolve) => {
      open = resolve
    })
    try {
      if (!(await this.#idle())) this.#cutOff()
      await body()
    } finally {
      this.#waiting -= own
      this.#gate = undefined
      open()
    }
  }

  /** Stops accepting, closes idle connections, finishes what is in flight (10 s at most), then closes the rest. */
  async stop(): Promise<void> {
    const closed = this.#listeners.map((server) => new Promise((resolve) => server.close(resolve)))
    for (const server of this.#listeners) server.closeIdleConnections()
    for (const { exchange } of this.#connections.values()) if (exchange) exchange.outgoing.shouldKeepAlive = false
    await this.#idle()
    for (const server of this.#listeners) server.closeAllConnections()
    await Promise.all(closed)
  }

  async #createServer(): Promise<NodeServer> {
    const settings = {
      // Node's 300 s for a whole request would cut slow uploads; an idle one is cut by `timeout` below.
      requestTimeout: 0,
      headersTimeout: idleBodyTimeout,
      keepAliveTimeout,
      maxHeaderSize: 64 << 10,
      noDelay: true,
    }
    const { certificate } = this.#options
    const server = certificate
      ? ((await import('node:https')).createServer({ ...settings, ...certificate }) as unknown as NodeServer)
      : createServer(settings)
    server.timeout = idleBodyTimeout
    return server
  }

  #track(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const connection = this.#connectionOf(incoming.socket)
    if (!connection.exchange) this.#busy++
    connection.exchange = { incoming, outgoing }
    outgoing.once('close', () => {
      if (connection.exchange?.outgoing === outgoing) {
        connection.exchange = undefined
        this.#busy--
      }
      for (const check of this.#onIdle) check()
    })
  }

  #connectionOf(socket: Socket): Connection {
    const known = this.#connections.get(socket)
    if (known) return known
    const connection: Connection = { exchange: undefined }
    this.#connections.set(socket, connection)
    socket.once('close', () => this.#connections.delete(socket))
    return connection
  }

  /** A handler at work is left alone; a client that neither sends its body nor takes its answer is not. */
  #timedOut(socket: Socket): void {
    const exchange = this.#connections.get(socket)?.exchange
    if (exchange?.incoming.complete && exchange.outgoing.writableLength === 0) return
    socket.destroy()
  }

  /** Resolves to true when nothing else is in flight, to false when that took too long. */
  #idle(): Promise<boolean> {
    if (this.#busy <= this.#waiting) return Promise.resolve(true)
    return new Promise((resolve) => {
      const settle = (result: boolean) => {
        clearTimeout(limit)
        this.#onIdle.splice(this.#onIdle.indexOf(check), 1)
        resolve(result)
      }
      const limit = setTimeout(() => settle(false), drainLimit)
      const check = () => {
        if (this.#busy <= this.#waiting) settle(true)
      }
      this.#onIdle.push(check)
    })
  }

  #cutOff(): void {
    for (const [socket, { exchange }] of this.#connections) if (exchange?.outgoing.headersSent) socket.destroy()
  }
}

/** S3's answer to what its HTTP parser refuses. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: NodeJS.WritableStream & { destroy(): void }): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
  const { body } = malformedRequest()
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/xml\r\nContent-Length: ${body.length}`
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`)
}
