// A client of the emulator over node:http, without an SDK's retries: a broken connection is what a scenario wants to see.
import { once } from 'node:events'
import { Agent, request as send } from 'node:http'
import { encode, queryText, sha256, signed } from './signature.mjs'

const longPatience = 60_000

/** An answer that is not 2xx, where one was expected. */
export class Refused extends Error {
  constructor(what, answer) {
    super(`${what}: ${answer.status} ${answer.body.toString('utf8', 0, 400)}`)
    this.answer = answer
  }
}

export class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: 256 })
  #port
  #user
  #patience

  /**
   * @param {{ port: number }} program
   * @param {{ user?: string, patience?: number }} options an access key (in permissive mode its secret is taken as given), and the
   *   ms of silence after which a request is given up
   */
  constructor({ port }, { user = 'test', patience = longPatience } = {}) {
    this.#port = port
    this.#user = user
    this.#patience = patience
  }

  close() {
    this.#agent.destroy()
  }

  /**
   * One S3 request.
   * @param {{ query?: [string, string][], headers?: Record<string, string>, body?: Buffer | string }} more
   * @returns {Promise<{ status: number, headers: import('node:http').IncomingHttpHeaders, body: Buffer }>}
   * @throws Node's error when the connection breaks before the answer is whole
   */
  s3(method, path, { query = [], headers = {}, body = '' } = {}) {
    return this.#signed({ method, path: encodePath(path), query, headers, body, service: 's3' })
  }

  /** The same, where anything but 2xx is a failure. */
  async ok(method, path, more) {
    return expectOk(`${method} ${path}`, await this.s3(method, path, more))
  }

  /** One KMS call. @returns the status, the parsed answer and its request id */
  kms(operation, input) {
    return this.#json('kms', `TrentService.${operation}`, 'application/x-amz-json-1.1', input)
  }

  lookup(input) {
    const target = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents'
    return this.#json('cloudtrail', target, 'application/x-amz-json-1.1', input)
  }

  /**
   * One call of IAM or STS.
   * @param {Record<string, string>} form the action and its parameters
   * @param {{ user: string, secret: string, token?: string }} [signer] the client's own user unless given
   */
  query(service, form, { token, ...signer } = {}) {
    const Version = service === 'iam' ? '2010-05-08' : '2011-06-15'
    const body = queryText(Object.entries({ ...form, Version }))
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    if (token) headers['x-amz-security-token'] = token
    return this.#signed({ method: 'POST', path: '/', headers, body, service, signer })
  }

  /** A control path, unsigned. */
  control(method, path, body = '') {
    return this.#send({ method, target: `/_s3kms/${path}`, headers: {}, body })
  }

  /** Sends the body of an upload from an iterable of buffers, unsigned as over TLS. */
  async upload(path, length, chunks, headers = {}) {
    const given = { ...headers, host: this.#host, 'content-length': String(length) }
    const parts = { method: 'PUT', path, headers: given, service: 's3', payloadHash: 'UNSIGNED-PAYLOAD' }
    const answer = await this.#send({ method: 'PUT', target: path, headers: signed(parts).headers, chunks })
    return expectOk(`PUT ${path}`, answer)
  }

  /** Hands the answer's body over piece by piece. */
  async download(path, onChunk) {
    const { headers } = signed({ method: 'GET', path, headers: { host: this.#host }, service: 's3' })
    return expectOk(`GET ${path}`, await this.#send({ method: 'GET', target: path, headers, body: '', onChunk }))
  }

  get #host() {
    return `127.0.0.1:${this.#port}`
  }

  async #json(service, target, type, input) {
    const headers = { 'content-type': type, 'x-amz-target': target }
    const body = JSON.stringify(input)
    const answer = await this.#signed({ method: 'POST', path: '/', headers, body, service })
    const output = answer.body.length > 0 ? JSON.parse(answer.body.toString()) : {}
    return { status: answer.status, output, requestId: answer.headers['x-amzn-requestid'], body: answer.body }
  }

  #signed({ method, path, query = [], headers, body, service, signer }) {
    const given = { ...headers, host: this.#host }
    const proof = {
      method,
      path,
      query,
      headers: given,
      service,
      user: this.#user,
      ...signer,
      payloadHash: sha256(body),
    }
    const target = query.length > 0 ? `${path}?${queryText(query)}` : path
    return this.#send({ method, target, headers: signed(proof).headers, body })
  }

  #send({ method, target, headers, body, chunks, onChunk }) {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.#port, agent: this.#agent, method, path: target }
      const given = chunks ? headers : { ...headers, 'content-length': Buffer.byteLength(body) }
      const outgoing = send({ ...options, headers: given })
      const giveUp = () => outgoing.destroy(new Error(`no answer in ${this.#patience} ms: ${method} ${target}`))
      outgoing.setTimeout(this.#patience, giveUp)
      outgoing.on('error', reject)
      outgoing.on('response', (incoming) => {
        const received = []
        incoming.on('data', (chunk) => (onChunk && incoming.statusCode < 300 ? onChunk(chunk) : received.push(chunk)))
        incoming.on('error', reject)
        incoming.on('end', () => {
          if (!incoming.complete) return reject(new Error('the answer was cut'))
          resolve({ status: incoming.statusCode, headers: incoming.headers, body: Buffer.concat(received) })
        })
      })
      if (chunks) sendChunks(outgoing, chunks)
      else outgoing.end(body)
    })
  }
}

async function sendChunks(outgoing, chunks) {
  const closed = once(outgoing, 'close').catch(() => undefined)
  for await (const chunk of chunks) {
    if (outgoing.destroyed) return
    if (!outgoing.write(chunk)) await Promise.race([once(outgoing, 'drain'), closed]).catch(() => undefined)
  }
  outgoing.end()
}

function encodePath(path) {
  return path.split('/').map(encode).join('/')
}

function expectOk(what, answer) {
  if (answer.status >= 200 && answer.status < 300) return answer
  throw new Refused(what, answer)
}

/** The text of an XML element, where there is one. */
export function elementOf(body, name) {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(body.toString())?.[1]
}

/** The texts of all elements of one name. */
export function elementsOf(body, name) {
  return [...body.toString().matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) => text)
}
