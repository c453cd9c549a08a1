import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createLog } from '../log.ts'
import type { Endpoint, HttpAnswer } from '../protocol/http.ts'
import { Server } from './server.ts'

let server: Server
let lines: string[]

beforeEach(() => {
  lines = []
  const log = createLog({ level: 'info', json: false, now: () => 0, write: (line) => lines.push(line) })
  server = new Server({ host: '127.0.0.1', log, now: () => 0 })
})

afterEach(() => server.stop())

/** What a raw text sent over TCP is answered. */
function exchange(port: number, sent: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(sent)
  return text(socket)
}

const echo: Endpoint = async ({ body }) => ({ status: 200, headers: {}, body: await text(body) })
const refuse: Endpoint = async () => ({ status: 403, headers: { 'x-amz-request-id': 'R1' }, body: 'no' })

test('Expect: 100-continue is answered when the body is first read', async () => {
  const port = await server.listen(0, () => echo)
  const answer = await exchange(
    port,
    'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi',
  )
  expect(answer).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n/)
  expect(answer).toMatch(/\r\n\r\nhi$/)
})

test('A refusal answers without 100-continue and closes', async () => {
  const port = await server.listen(0, () => refuse)
  const answer = await exchange(port, 'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n')
  expect(answer).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/)
  expect(answer).toMatch(/connection: close/i)
})

test('What is no HTTP is answered 400 and closed', async () => {
  const port = await server.listen(0, () => echo)
  expect(await exchange(port, 'HELLO\r\n\r\n')).toMatch(/^HTTP\/1.1 400 Bad Request.*<Code>BadRequest<\/Code>/s)
})

test.each(['Host: b', 'HOST: a', 'Authorization: c\r\nAuthorization: d', 'Content-Type: e\r\nContent-Type: f'])(
  'A request whose head could be read in two ways is answered 400 and closed: %j',
  async (more) => {
    const port = await server.listen(0, () => echo)
    const answer = await exchange(port, `GET / HTTP/1.1\r\nHost: a\r\n${more}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request.*<Code>BadRequest<\/Code>/s)
  },
)

test('A HEAD answer keeps the length of the body it does not send', async () => {
  const port = await server.listen(0, () => async () => ({ status: 200, headers: { 'content-length': '7' } }))
  expect(await exchange(port, 'HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toMatch(/content-length: 7/i)
})

test('Headers without a value are not sent; a whole body has its length, a 204 none', async () => {
  async function* streamed() {
    yield Buffer.from('streamed')
  }
  const headers = { 'x-kept': '1', 'x-dropped': undefined }
  const answers: Record<string, HttpAnswer> = {
    '/whole': { status: 200, headers, body: 'ü' },
    '/streamed': { status: 200, headers, body: streamed() },
    '/none': { status: 204, headers },
  }
  const port = await server.listen(
    0,
    ({ path }) =>
      async () =>
        answers[path] ?? { status: 404, headers },
  )
  const get = (path: string) => exchange(port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  const [whole, chunked, none] = await Promise.all(['/whole', '/streamed', '/none'].map(get))
  expect(whole).toMatch(/x-kept: 1\r\ncontent-length: 2\r\n.*\r\n\r\nü$/s)
  expect(chunked).toMatch(/x-kept: 1\r\n.*transfer-encoding: chunked.*streamed/is)
  expect(none).toMatch(/^HTTP\/1.1 204 .*x-kept: 1/s)
  expect(none).not.toMatch(/content-length/i)
  for (const answer of [whole, chunked, none]) expect(answer).not.toContain('x-dropped')
})

test('A body that fails half way cuts the connection', async () => {
  async function* halves() {
    yield Buffer.from('half')
    throw new Error('damaged')
  }
  const port = await server.listen(0, () => async () => ({
    status: 200,
    headers: { 'content-length': '8' },
    body: halves(),
  }))
  await expect(fetch(`http://127.0.0.1:${port}/`).then((response) => response.text())).rejects.toThrow()
})

test('A request leaves a line with method, path, status and request id, and never its query', async () => {
  const port = await server.listen(0, () => refuse)
  await fetch(`http://127.0.0.1:${port}/bucket/key?X-Amz-Signature=secret`).then((response) => response.text())
  await server.stop()
  await new Promise(setImmediate)
  expect(lines.join('')).toMatch(/GET \/bucket\/key 403 0 ms requestId=R1\n/)
  expect(lines.join('')).not.toContain('secret')
})

test('Stopping finishes what is in flight and closes idle connections', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const arrived = new Promise<void>((resolve) => {
    server
      .listen(0, () => async () => {
        resolve()
        await held
        return { status: 200, headers: {}, body: 'done' }
      })
      .then((port) => {
        const asked = request({ port, host: '127.0.0.1' }).end()
        asked.on('response', async (response) => answered(await text(response)))
      })
  })
  let answered: (body: string) => void = () => {}
  const answer = new Promise<string>((resolve) => {
    answered = resolve
  })
  await arrived
  const stopped = server.stop()
  release()
  expect(await answer).toBe('done')
  await stopped
})

test('A body alone with the server waits for those in flight and holds new requests back', async () => {
  const order: string[] = []
  const port = await server.listen(0, ({ path }) => async () => {
    order.push(path)
    return { status: 200, headers: {} }
  })
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).then((response) => response.text())
  await ask('/before')
  await server.alone(0, async () => {
    const late = ask('/late')
    order.push('alone')
    void late
  })
  await ask('/after')
  expect(order.slice(0, 2)).toEqual(['/before', 'alone'])
})
