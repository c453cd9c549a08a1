import { createServer, type IncomingMessage, type Server as NodeServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Log } from '../log.ts'
import { type Choose, createRequestListener, type ListenerParts, type Serve } from './listener.ts'
import { malformedRequest } from './malformed-request.ts'

const idleTimeout = 60_000
const keepAliveTimeout = 75_000
const drainLimit = 10_000
const patience = 500

export interface ServerOptions {
  host: string
  log: Log
  now: () => number
  /** Serve HTTPS with this certificate and key, PEM. */
  certificate?: { cert: string; key: string }
  /** How long nothing may pass over a connection that waits for its client, in ms; 60,000. */
  idleTimeout?: number
  /** How long requests in flight may go on when somebody is to be alone, in ms; 500. */
  patience?: number
}

type Exchange = { incoming: IncomingMessage; outgoing: ServerResponse }
/** What is in flight on a connection: the last exchange that is not answered, and how many handlers are at work. */
type Connection = { socket: Socket; exchange?: Exchange; running: number }

/** The listeners of one emulator, and what is in flight on them. */
export class Server {
  readonly #options: ServerOptions
  readonly #listeners: NodeServer[] = []
  /**
   * A Map that loses and gains an entry at every request would cost more: V8 links each table it outgrows to the next, so entries that
   * were deleted, and the requests they refer to, survive young collections.
   */
  readonly #connections = new Map<Socket, Connection>()
  readonly #patience: number
  /** Handlers at work; requests that are held back are none. */
  #running = 0
  /** Requests among them that wait to be alone themselves, and so need not be waited for. */
  readonly #seekers = new Set<IncomingMessage>()
  /** Of those who wait for handlers or connections to end. */
  readonly #looks = new Set<() => void>()
  readonly #stopping = new AbortController()
  /** While set, new requests are held back until it resolves. */
  #gate: Promise<void> | undefined

  constructor(options: ServerOptions) {
    this.#options = options
    this.#patience = options.patience ?? patience
  }

  /** Aborted when it begins to stop: for answers that would never end by themselves. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  /** What the addresses of its listeners begin with. */
  get scheme(): 'http' | 'https' {
    return this.#options.certificate ? 'https' : 'http'
  }

  /**
   * Opens one more port.
   * @param port on the host of all, or an address with a host of its own
   * @param choose who answers a request on it
   * @param direct who answers a request in the place of a service, if anybody does
   * @param log of its requests; the server's where it is left out
   * @returns the port (0 was asked: the one that was free)
   * @throws Error with Node's code, EADDRINUSE and the like
   */
  async listen(
    port: number | { port: number; host: string },
    choose: Choose,
    direct?: ListenerParts['direct'],
    log: Log = this.#options.log,
  ): Promise<number> {
    const address = typeof port === 'number' ? { port, host: this.#options.host } : port
    const server = await this.#createServer()
    const { onRequest, onCheckContinue } = createRequestListener<Connection>({
      choose,
      direct,
      log,
      now: this.#options.now,
      ended: this.#ended,
    })
    server.on('request', (incoming, outgoing) => this.#receive(onRequest, incoming, outgoing))
    server.on('checkContinue', (incoming, outgoing) => this.#receive(onCheckContinue, incoming, outgoing))
    // Any other expectation is ignored, as S3 does (evidence: s3-expect).
    server.on('checkExpectation', (incoming, outgoing) => this.#receive(onRequest, incoming, outgoing))
    // What is no HTTP at all: S3's words for it.
    server.on('clientError', refuseMalformed)
    server.on('timeout', (socket: Socket) => this.#timedOut(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(address, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#listeners.push(server)
    return (server.address() as AddressInfo).port
  }

  /**
   * Holds new requests back, waits for those in flight (`patience`, then their connections are cut), runs `body`, and lets the
   * held ones go on. A handler that was cut off may still be at work: what it does to the store is the store's to refuse.
   * @param own the caller's own request, when it is one of those in flight
   */
  async alone(own: IncomingMessage | undefined, body: () => Promise<void>): Promise<void> {
    if (own) this.#seekers.add(own)
    this.#lookAgain()
    try {
      while (this.#gate) await this.#gate
      await this.#behindGate(async () => {
        const isAlone = await this.#comesTrue(() => this.#running <= this.#seekers.size, this.#patience)
        if (!isAlone) this.#cutOff()
        await body()
      })
    } finally {
      if (own) this.#seekers.delete(own)
    }
  }

  /**
   * Counts a request among those that need not be waited for, and are not cut off: it waits for others and holds nothing.
   * @returns what ends that
   */
  aside(own: IncomingMessage): () => void {
    this.#seekers.add(own)
    this.#lookAgain()
    return () => void this.#seekers.delete(own)
  }

  /** Stops accepting, closes idle connections, finishes what is in flight (10 s at most), then closes the rest. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    const closed = this.#listeners.map((server) => new Promise((resolve) => server.close(resolve)))
    for (const [socket, { exchange }] of this.#connections) {
      if (exchange) exchange.outgoing.shouldKeepAlive = false
      else socket.destroy()
    }
    await this.#comesTrue(() => this.#running === 0 && this.#allAreAnswered(), drainLimit)
    for (const server of this.#listeners) server.closeAllConnections()
    await Promise.all(closed)
  }

  async #createServer(): Promise<NodeServer> {
    const settings = {
      // Node's 300 s for a whole request would cut slow uploads; an idle one is cut by `timeout` below.
      requestTimeout: 0,
      headersTimeout: idleTimeout,
      keepAliveTimeout,
      maxHeaderSize: 64 << 10,
      noDelay: true,
    }
    const { certificate } = this.#options
    const server = certificate
      ? ((await import('node:https')).createServer({ ...settings, ...certificate }) as unknown as NodeServer)
      : createServer(settings)
    server.timeout = this.#options.idleTimeout ?? idleTimeout
    // Node's own closes, when the server closes, a connection whose answer is written and not yet sent.
    server.closeIdleConnections = () => undefined
    return server
  }

  #receive(serve: Serve<Connection>, incoming: IncomingMessage, outgoing: ServerResponse): void {
    // An incoming message that is destroyed has none any more.
    const { socket } = incoming
    const connection = this.#connectionOf(socket)
    connection.exchange = { incoming, outgoing }
    outgoing.once('close', () => {
      if (connection.exchange?.outgoing === outgoing) connection.exchange = undefined
      // What the answer left of the body has still to come: that is no idle connection, for which Node sets a longer limit now.
      if (!incoming.complete) socket.setTimeout(this.#options.idleTimeout ?? idleTimeout)
      this.#lookAgain()
    })
    if (this.#gate) void this.#hold(serve, connection, incoming, outgoing)
    else this.#begin(serve, connection, incoming, outgoing)
  }

  /** Nothing lies between the last look at the gate and the beginning: nobody can be alone meanwhile. */
  async #hold(
    serve: Serve<Connection>,
    connection: Connection,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    while (this.#gate) await this.#gate
    if (!connection.socket.destroyed) this.#begin(serve, connection, incoming, outgoing)
  }

  #begin(serve: Serve<Connection>, connection: Connection, incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.#running++
    connection.running++
    serve(incoming, outgoing, connection)
  }

  readonly #ended = (connection: Connection | undefined): void => {
    this.#running--
    if (connection) connection.running--
    this.#lookAgain()
  }

  #connectionOf(socket: Socket): Connection {
    const known = this.#connections.get(socket)
    if (known) return known
    const connection: Connection = { socket, exchange: undefined, running: 0 }
    this.#connections.set(socket, connection)
    socket.once('close', () => {
      this.#connections.delete(socket)
      this.#lookAgain()
    })
    return connection
  }

  /** A handler at work is left alone; a client that neither sends its body nor takes its answer is not. */
  #timedOut(socket: Socket): void {
    const exchange = this.#connections.get(socket)?.exchange
    if (exchange?.incoming.complete && exchange.outgoing.writableLength === 0) return
    // The reader of the body gets the error (protocol/incoming-body.ts), and answers 400 RequestTimeout.
    if (exchange && !exchange.incoming.complete && exchange.incoming.listenerCount('timeout') > 0) return
    socket.destroy()
  }

  async #behindGate(body: () => Promise<void>): Promise<void> {
    let open = () => {}
    this.#gate = new Promise((resolve) => {
      open = resolve
    })
    try {
      await body()
    } finally {
      this.#gate = undefined
      open()
    }
  }

  /** Resolves to true when the condition holds, which is looked at when a handler or a connection ends; to false after `limit` ms. */
  #comesTrue(condition: () => boolean, limit: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const settle = (result: boolean) => {
        clearTimeout(timer)
        this.#looks.delete(look)
        resolve(result)
      }
      const timer = setTimeout(() => settle(false), limit)
      const look = () => {
        if (condition()) settle(true)
      }
      this.#looks.add(look)
    })
  }

  #lookAgain(): void {
    for (const look of this.#looks) look()
  }

  #allAreAnswered(): boolean {
    for (const { exchange } of this.#connections.values()) if (exchange) return false
    return true
  }

  #cutOff(): void {
    const spared = new Set([...this.#seekers].map(({ socket }) => socket))
    for (const [socket, { running }] of this.#connections) if (running > 0 && !spared.has(socket)) socket.destroy()
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
