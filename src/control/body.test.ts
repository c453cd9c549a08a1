import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { LabRefusal } from '../lab/refusal.ts'
import { integer, list, required, string, structure } from '../protocol/shapes.ts'
import { someTurns } from '../store/moment.fixture.ts'
import { byteBody, jsonBody } from './body.ts'
import { withRoutes } from './control.fixture.ts'
import { type AnyRoute, controlRoute } from './route.ts'

const common = { summary: '', guard: 'machine', parameters: {} } as const
const thing = structure({ name: required(string()), sizes: list(integer()) }, { closed: true })

/** Routes with bodies, as those of the API may have them. */
const routes: AnyRoute[] = [
  controlRoute({
    ...common,
    name: 'putThing',
    method: 'PUT',
    path: '/thing',
    body: jsonBody('A thing.', thing),
    run: async (_controls, _input, { body }) => ({ named: body.name }),
  }),
  controlRoute({
    ...common,
    name: 'deleteThing',
    method: 'DELETE',
    path: '/thing',
    async run() {
      throw new LabRefusal('conflict', 'It is in use')
    },
  }),
  controlRoute({
    ...common,
    name: 'importFile',
    method: 'POST',
    path: '/file',
    body: byteBody('A file.'),
    run: async (_controls, _input, { body }) => ({ bytes: (await buffer(body)).length }),
  }),
  controlRoute({
    ...common,
    name: 'exportFile',
    method: 'GET',
    path: '/file',
    answers: 'bytes',
    run: async () => file(),
  }),
  controlRoute({
    ...common,
    name: 'broken',
    method: 'GET',
    path: '/broken',
    answers: 'bytes',
    run: async () => broken(),
  }),
]

async function* file() {
  yield Buffer.alloc(100_000, 1)
  yield Buffer.alloc(50_000, 2)
}

async function* broken() {
  yield Buffer.alloc(10)
  throw new Error('no more')
}

const put = (body: string) => ({ method: 'PUT', body })

test('A body of JSON is read by its shape', () =>
  withRoutes(routes, {}, async (call) => {
    expect(await call('/_s3kms/thing', put('{"name":"a","sizes":[1]}'))).toEqual([200, { named: 'a' }])
  }))

test('A body that is not as declared is refused with the place and the words', () =>
  withRoutes(routes, {}, async (call) => {
    const refused = async (body: string) => (await call('/_s3kms/thing', put(body))) as [number, { message: string }]
    expect(await refused('{')).toEqual([400, { message: 'The body is not JSON' }])
    expect(await refused('['.repeat(100_000))).toEqual([400, { message: 'The body is nested too deeply' }])
    expect(await refused('')).toEqual([422, { message: 'name: Member must not be null' }])
    expect(await refused('[]')).toEqual([422, { message: 'The body: START_LIST can not be converted to a Structure' }])
    expect(await refused('{"name":"a","sizes":[1,"2"]}')).toEqual([
      422,
      { message: 'sizes[1]: STRING_VALUE can not be converted to an Integer' },
    ])
    expect(await refused('{"name":"a","size":1}')).toEqual([422, { message: 'size: Member is not known' }])
    expect(await refused(`{"name":"${'a'.repeat(300_000)}"}`)).toEqual([
      413,
      { message: 'The body may have 262144 bytes at the most' },
    ])
  }))

test('A path has several methods, and names them to any other', () =>
  withRoutes(routes, {}, async (call, port) => {
    expect(await call('/_s3kms/thing', { method: 'DELETE' })).toEqual([409, { message: 'It is in use' }])
    const other = await fetch(`http://127.0.0.1:${port}/_s3kms/thing`)
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'PUT, DELETE'])
  }))

test('Files come and go as bytes', () =>
  withRoutes(routes, {}, async (call, port) => {
    expect(await call('/_s3kms/file', { method: 'POST', body: Buffer.alloc(3 << 20) })).toEqual([
      200,
      { bytes: 3 << 20 },
    ])
    const answer = await fetch(`http://127.0.0.1:${port}/_s3kms/file`)
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    expect((await answer.arrayBuffer()).byteLength).toBe(150_000)
  }))

test('A file that breaks off is not taken for a whole one', async () => {
  const logged: string[] = []
  const failed = (error: Error) => void logged.push(error.message)
  await withRoutes(routes, { failed }, async (_call, port) => {
    const answer = await fetch(`http://127.0.0.1:${port}/_s3kms/broken`)
    await expect(answer.arrayBuffer()).rejects.toThrow('terminated')
  })
  expect(logged).toEqual(['no more'])
})

test('A client that leaves in the midst of its body is not logged as a fault', async () => {
  const logged: string[] = []
  const reading: Promise<unknown>[] = []
  const body = jsonBody('A thing.', thing)
  const watched = {
    ...body,
    read(incoming: IncomingMessage) {
      const read = body.read(incoming)
      reading.push(read)
      return read
    },
  }
  const route = controlRoute({
    ...common,
    name: 'putThing',
    method: 'PUT',
    path: '/thing',
    body: watched,
    run: async () => ({}),
  })
  await withRoutes([route], { failed: (error) => void logged.push(error.message) }, async (call, port) => {
    const socket = connect(port, '127.0.0.1')
    socket.write('PUT /_s3kms/thing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{')
    while (reading.length === 0) await someTurns()
    socket.destroy()
    await expect(reading[0]).rejects.toMatchObject({ code: 'IncompleteBody' })
    expect(await call('/_s3kms/thing', put('{"name":"a"}'))).toEqual([200, {}])
  })
  expect(logged).toEqual([])
})

test('A client that leaves in the midst of a file is not logged as a fault', async () => {
  const logged: string[] = []
  let hasEnded = false
  const endless = async function* () {
    try {
      for (;;) yield Buffer.alloc(100_000)
    } finally {
      hasEnded = true
    }
  }
  const route = controlRoute({
    ...common,
    name: 'file',
    method: 'GET',
    path: '/file',
    answers: 'bytes',
    run: async () => endless(),
  })
  await withRoutes([route], { failed: (error) => void logged.push(error.message) }, async (_call, port) => {
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /_s3kms/file HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'data')
    socket.destroy()
    while (!hasEnded) await someTurns()
    await someTurns()
  })
  expect(logged).toEqual([])
})

test('Who waits for 100 Continue is told to go on, and not where the request is refused', () =>
  withRoutes(routes, {}, async (_call, port) => {
    const asked = (host: string) => {
      const headers = { host, expect: '100-continue', 'content-length': '2' }
      const outgoing = request({ port, host: '127.0.0.1', method: 'POST', path: '/_s3kms/file', headers })
      outgoing.flushHeaders()
      return outgoing
    }
    const welcome = asked('localhost')
    await once(welcome, 'continue')
    welcome.end('ab')
    const [answer] = await once(welcome, 'response')
    expect(JSON.parse(await text(answer))).toEqual({ bytes: 2 })
    const stranger = asked('rebound.test')
    const [refusal] = await once(stranger, 'response')
    expect(refusal.statusCode).toBe(403)
    stranger.destroy()
  }))
