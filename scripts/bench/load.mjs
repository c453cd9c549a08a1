// A client that costs little: raw sockets, each sending its next request when the answer to the last is whole.
import { connect } from 'node:net'

const headEnd = Buffer.from('\r\n\r\n')

/**
 * Sends requests over `connections` sockets for `seconds`, or each once when `once` is set.
 * @returns answers per second, and the seconds it took
 * @throws Error at the first answer that is not 2xx
 */
export async function load(port, requests, { connections, seconds = 0, once = false }) {
  const end = performance.now() + seconds * 1000
  let next = 0
  let answered = 0
  const take = () => {
    if (once ? next >= requests.length : performance.now() >= end) return undefined
    return requests[next++ % requests.length]
  }
  const begun = performance.now()
  await Promise.all(Array.from({ length: connections }, () => converse(port, take, () => answered++)))
  const took = (performance.now() - begun) / 1000
  return { perSecond: answered / took, took }
}

/** One connection: request, answer, request, answer, until there is none left to send. */
function converse(port, take, onAnswer) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true)
    let missing = -1
    let head = Buffer.alloc(0)
    const send = () => {
      const request = take()
      if (request === undefined) return socket.end(resolve)
      missing = -1
      socket.write(request)
    }
    socket.on('connect', send)
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      let rest = chunk
      if (missing < 0) {
        head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
        const at = head.indexOf(headEnd)
        if (at < 0) return
        const text = head.toString('latin1', 0, at)
        if (!/^HTTP\/1\.1 2/.test(text)) return reject(new Error(head.toString()))
        missing = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
        rest = head.subarray(at + 4)
        head = Buffer.alloc(0)
      }
      missing -= rest.length
      if (missing > 0) return
      onAnswer()
      send()
    })
  })
}
