import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { AwsError } from '../aws/errors.ts'
import { createLog } from '../log.ts'
import type { Endpoint, HttpAnswer } from '../protocol/http.ts'
import { readRequestBody } from '../protocol/request-body.ts'
import { moment, someTurns } from '../store/moment.fixture.ts'
import { Server } from './server.ts'

const silent = { level: 'silent', json: false, now: () => 0, write: () => undefined } as const

let server: Server
let lines: string[]
let undo: (() => Promise<void>)[] = []

beforeEach(() => {
  lines = []
  const log = createLog({ level: 'info', json: false, now: () => 0, write: (line) => lines.push(line) })
  server = new Server({ host: '127.0.0.1', log, now: () => 0 })
})

afterEach(async () => {
  for (const step of undo.reverse()) await step()
  undo = []
  await server.stop()
})

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

test('A header beyond ASCII is written as the bytes it names, Content-Disposition too', async () => {
  const text = Buffer.from('é').toString('latin1')
  const headers = { 'Content-Length': '2', 'Content-Disposition': text, 'Cache-Control': text }
  const port = await server.listen(0, () => async () => ({ status: 200, headers, body: Buffer.from('hi') }))
  const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  expect(answer).toMatch(/^Content-Disposition: é\r$/m)
  expect(answer).toMatch(/^Cache-Control: é\r$/m)
})

test('An expectation that is not known is ignored', async () => {
  const port = await server.listen(0, () => echo)
  const head = 'PUT / HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi'
  expect(await exchange(port, head)).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\nhi$/s)
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
    const direct = () => async (_: IncomingMessage, outgoing: ServerResponse) => void outgoing.end()
    const directPort = await server.listen(0, () => echo, direct)
    for (const asked of [port, directPort]) {
      const answer = await exchange(asked, `GET / HTTP/1.1\r\nHost: a\r\n${more}\r\n\r\n`)
      expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request.*<Code>BadRequest<\/Code>/s)
    }
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
  // Whether the head was read before the connection went is the client's affair.
  const cut = { cause: { code: expect.stringMatching(/^(UND_ERR_SOCKET|ECONNRESET)$/) } }
  await expect(fetch(`http://127.0.0.1:${port}/`).then((response) => response.text())).rejects.toMatchObject(cut)
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

test('Stopping does not cut off an answer that is on its way', async () => {
  const answered = moment()
  const port = await server.listen(0, () => async () => {
    setImmediate(answered.come)
    return { status: 200, headers: {}, body: Buffer.alloc(64 << 20, 'x') }
  })
  const client = connect(port, '127.0.0.1').pause()
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await answered.comes
  const stopped = server.stop()
  await someTurns()
  expect((await text(client)).length).toBeGreaterThan(64 << 20)
  await stopped
})

/** Resolves when the server has seen all that was sent before: nothing holds back its answer to what is no HTTP. */
const allIsSeen = (port: number) => exchange(port, 'HELLO\r\n\r\n')

const getOf = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`

/** A server that logs what begins and ends, and whose requests to `/slow` end when they may. */
async function logging(options: { patience?: number } = {}) {
  const logged = new Server({ host: '127.0.0.1', log: createLog(silent), now: () => 0, ...options })
  undo.push(() => logged.stop())
  const order: string[] = []
  const slowBegins = moment()
  const slowMayEnd = moment()
  undo.push(async () => slowMayEnd.come())
  const port = await logged.listen(0, (_, incoming) => async () => {
    const { url = '' } = incoming
    if (url.startsWith('/slow')) {
      slowBegins.come()
      await slowMayEnd.comes
    }
    if (url.endsWith('/alone')) await logged.alone(incoming, async () => void order.push('alone'))
    order.push(url)
    return { status: 200, headers: {}, body: url }
  })
  return { logged, order, port, slowBegins: slowBegins.comes, endSlow: slowMayEnd.come }
}

const patient = { patience: 3_600_000 }

test('A request that comes while somebody is alone waits for the end', async () => {
  const { logged, order, port } = await logging()
  let late: Promise<string> | undefined
  await logged.alone(undefined, async () => {
    late = exchange(port, getOf('/late'))
    await allIsSeen(port)
    order.push('alone')
  })
  expect(await late).toMatch(/^HTTP\/1.1 200 OK/)
  expect(order).toEqual(['alone', '/late'])
})

test('Two are never alone at once, and what was held back waits for both', async () => {
  const { logged, order, port } = await logging()
  const body = (name: string) => async () => {
    order.push(`${name} begins`)
    await allIsSeen(port)
    order.push(`${name} ends`)
  }
  let late: Promise<string> | undefined
  const first = logged.alone(undefined, async () => {
    late = exchange(port, getOf('/late'))
    await allIsSeen(port)
    await body('first')()
  })
  const second = logged.alone(undefined, body('second'))
  await Promise.all([first, second])
  await late
  expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends', '/late'])
})

test('Who wants to be alone waits for the requests in flight, and not for those that are held back meanwhile', async () => {
  const { logged, order, port, slowBegins, endSlow } = await logging(patient)
  const slow = exchange(port, getOf('/slow'))
  await slowBegins
  const alone = logged.alone(undefined, async () => void order.push('alone'))
  const held = Array.from({ length: 16 }, () => exchange(port, getOf('/held')))
  await allIsSeen(port)
  expect(order).toEqual([])
  endSlow()
  await alone
  await Promise.all([slow, ...held])
  expect(order).toEqual(['/slow', 'alone', ...Array.from({ length: 16 }, () => '/held')])
})

test('A handler whose client has left is waited for all the same', async () => {
  const { logged, order, port, slowBegins, endSlow } = await logging(patient)
  const client = connect(port, '127.0.0.1')
  client.write(getOf('/slow'))
  await slowBegins
  client.destroy()
  await allIsSeen(port)
  const alone = logged.alone(undefined, async () => void order.push('alone'))
  await allIsSeen(port)
  endSlow()
  await alone
  expect(order).toEqual(['/slow', 'alone'])
})

test('Requests that want to be alone do not wait for each other', async () => {
  const { order, port, slowBegins, endSlow } = await logging(patient)
  const second = exchange(port, getOf('/slow/alone'))
  await slowBegins
  const first = exchange(port, getOf('/alone'))
  await allIsSeen(port)
  expect(order).toEqual([])
  endSlow()
  for (const answer of [await first, await second]) expect(answer).toMatch(/^HTTP\/1.1 200 OK/)
  expect(order.filter((entry) => entry === 'alone')).toHaveLength(2)
})

test('Who does not end is cut off, but for the request that wants to be alone', async () => {
  const { order, port, slowBegins } = await logging({ patience: 1 })
  const slow = exchange(port, getOf('/slow'))
  await slowBegins
  expect(await exchange(port, getOf('/alone'))).toMatch(/^HTTP\/1.1 200 OK/)
  expect(await slow).toBe('')
  expect(order).toEqual(['alone', '/alone'])
})

test('A request whose client left while it was held back is not served', async () => {
  const { logged, order, port } = await logging()
  await logged.alone(undefined, async () => {
    const client = connect(port, '127.0.0.1')
    client.write(getOf('/left'))
    await allIsSeen(port)
    client.destroy()
    await allIsSeen(port)
  })
  await exchange(port, getOf('/after'))
  expect(order).toEqual(['/after'])
})

test('A handler that takes longer than a connection may be idle lives', async () => {
  const port = await server.listen(0, (_, incoming) => async () => {
    await new Promise(setImmediate)
    expect(incoming.socket.timeout).toBe(60_000)
    incoming.socket.emit('timeout')
    return { status: 200, headers: {}, body: 'late' }
  })
  expect(await exchange(port, getOf('/'))).toMatch(/late$/)
})

test('A client that stops in the midst of its body is cut off', async () => {
  const port = await server.listen(0, (_, incoming) => async () => {
    setImmediate(() => incoming.socket.emit('timeout'))
    return { status: 200, headers: {}, body: await text(incoming) }
  })
  expect(await exchange(port, 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf')).toBe('')
})

test('A client that does not take its answer is cut off', async () => {
  async function* large() {
    yield Buffer.alloc(64 << 20)
  }
  const cutOff = moment()
  const port = await server.listen(0, (_, { socket }) => async () => {
    socket.once('close', cutOff.come)
    setImmediate(() => socket.emit('timeout'))
    return { status: 200, headers: {}, body: large() }
  })
  const client = connect(port, '127.0.0.1').pause()
  client.write(getOf('/'))
  await cutOff.comes
  client.destroy()
})

/** Answers with the code of what its body fails with, as an endpoint does. */
const reading: Endpoint = async (call) => {
  try {
    for await (const _ of readRequestBody(call, { payload: { coding: 'unsigned' } }).bytes);
    return { status: 200, headers: {}, body: 'whole' }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return { status: error.status, headers: {}, body: `${error.code} ${error.message}` }
  }
}

test('A client that stops in the midst of its body is told RequestTimeout, and the connection is closed', async () => {
  const impatient = new Server({ host: '127.0.0.1', log: createLog(silent), now: () => 0, idleTimeout: 50 })
  const port = await impatient.listen(0, () => reading)
  const answer = await exchange(port, 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf')
  await impatient.stop()
  expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
  expect(answer).toMatch(/\r\nconnection: close\r\n/i)
  expect(answer).toContain(
    'RequestTimeout Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
  )
})

test('A client that stops in a rest so small that its connection lives on is cut off as one in the midst of its body', async () => {
  const impatient = new Server({ host: '127.0.0.1', log: createLog(silent), now: () => 0, idleTimeout: 50 })
  const port = await impatient.listen(0, () => refuse)
  const begun = performance.now()
  const answer = await exchange(port, 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf')
  // An idle connection has 75 s.
  expect(performance.now() - begun).toBeLessThan(70_000)
  await impatient.stop()
  expect(answer).toMatch(/^HTTP\/1.1 403 .*\r\nconnection: keep-alive\r\n/is)
})

test('A client that stops in what a refusal left unread has its answer, and the connection is closed', async () => {
  const impatient = new Server({ host: '127.0.0.1', log: createLog(silent), now: () => 0, idleTimeout: 50 })
  const port = await impatient.listen(0, () => refuse)
  const answer = await exchange(port, 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nhalf')
  await impatient.stop()
  expect(answer).toMatch(/^HTTP\/1.1 403 .*\r\nconnection: close\r\n/is)
})
