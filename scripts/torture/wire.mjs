import { connect } from 'node:net'

/*
 * Requests as bytes. A whole request goes over a connection that is kept and is owed an answer; what breaks HTTP's own framing
 * gets a connection of its own, and is owed that it ends.
 */

const headEnd = Buffer.from('\r\n\r\n')

/** No answer within the patience. */
export class Silence extends Error {}
/** The connection ended before the answer was whole. */
export class Cut extends Error {}

/**
 * @param {{ method: string, target: string, headers: [string, string][], body?: Buffer }} request
 * @returns the bytes as they are sent, without any check
 */
export function toBytes({ method, target, headers, body = Buffer.alloc(0) }) {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, 'latin1'), body])
}

/** One connection that is kept from request to request. */
export class Line {
  #port
  #socket
  #received = Buffer.alloc(0)
  #wanted

  constructor(port) {
    this.#port = port
  }

  close() {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  /**
   * @param {string} method of the request in the bytes: HEAD has an answer without a body
   * @returns {Promise<{ status: number, body: Buffer, took: number }>} took: ms from the first byte sent to the last received
   * @throws Silence, Cut
   */
  exchange(bytes, method, patience) {
    const begun = performance.now()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(new Silence(`no answer in ${patience} ms`)), patience)
      this.#wanted = {
        isHead: method === 'HEAD',
        resolve: (answer) => {
          clearTimeout(timer)
          resolve({ ...answer, took: performance.now() - begun })
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      this.#open().write(bytes)
    })
  }

  #open() {
    if (this.#socket) return this.#socket
    const socket = connect(this.#port, '127.0.0.1').setNoDelay(true)
    this.#socket = socket
    this.#received = Buffer.alloc(0)
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      if (this.#socket === socket) this.#fail(new Cut('the connection ended without an answer'))
    })
    return socket
  }

  #fail(error) {
    this.close()
    const wanted = this.#wanted
    this.#wanted = undefined
    wanted?.reject(error)
  }

  #take(chunk) {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    for (;;) {
      const answer = this.#wanted && answerIn(this.#received, this.#wanted.isHead)
      if (!answer) return
      this.#received = this.#received.subarray(answer.length)
      if (answer.status < 200) continue
      if (answer.isLast) this.close()
      const wanted = this.#wanted
      this.#wanted = undefined
      wanted.resolve({ status: answer.status, body: answer.body })
      return
    }
  }
}

/** The first answer in the bytes, once it is whole. */
function answerIn(bytes, isHead) {
  const end = bytes.indexOf(headEnd)
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
  const isLast = /\r\nconnection: close/i.test(head)
  const start = end + 4
  const nothing = { status, isLast, body: Buffer.alloc(0), length: start }
  if (isHead || status < 200 || status === 204 || status === 304) return nothing
  if (/\r\ntransfer-encoding: chunked/i.test(head)) {
    const last = bytes.indexOf('0\r\n\r\n', start)
    return last < 0 ? undefined : { status, isLast, body: bytes.subarray(start, last), length: last + 5 }
  }
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  if (bytes.length < start + length) return undefined
  return { status, isLast, body: bytes.subarray(start, start + length), length: start + length }
}

/**
 * Sends bytes over a connection of their own and says that no more will come.
 * @returns what came back before the connection ended
 * @throws Silence when it does not end
 */
export function throwAt(port, bytes, patience) {
  return new Promise((resolve, reject) => {
    const begun = performance.now()
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const received = []
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Silence(`not ended in ${patience} ms`))
    }, patience)
    socket.on('data', (chunk) => {
      received.push(chunk)
      socket.end()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      const body = Buffer.concat(received)
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(body.toString('latin1', 0, 12))?.[1] ?? 0)
      resolve({ status, body, took: performance.now() - begun })
    })
    socket.write(bytes, () => setTimeout(() => socket.end(), 20).unref())
    socket.on('end', () => socket.end())
  })
}
