import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from '@jest/globals'
import { userCaller } from '../aws/caller.ts'
import { callInProcess, type HttpCall, loadedAtFirstCall, noBytes, readAnswer, readCall, readHead } from './http.ts'

/** What an endpoint sees of a request sent as these bytes. */
async function callOf(bytes: Buffer): Promise<HttpCall> {
  let call: HttpCall | undefined
  const server = createServer((incoming, outgoing) => {
    call = readCall(incoming, readHead(incoming))
    outgoing.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.end(bytes)
  socket.resume()
  await once(socket, 'close')
  server.close()
  if (!call) throw new Error('no call was made')
  return call
}

test('Path and query stay as they were sent, from a target in absolute form too', async () => {
  const lines = ' HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'
  const expected = { path: '/b//../a%2Fb', query: 'x=%41?&y', clientAddress: '127.0.0.1', secure: false }
  expect(await callOf(Buffer.from(`GET /b//../a%2Fb?x=%41?&y${lines}`))).toMatchObject(expected)
  expect(await callOf(Buffer.from(`GET http://h:1/b//../a%2Fb?x=%41?&y${lines}`))).toMatchObject(expected)
})

test('Header lines of one name are joined; values are UTF-8, or Latin-1 where they cannot be', async () => {
  const lines = 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Amz-Meta-A: ü\r\nX-Amz-Meta-A: 2\r\nX-Amz-Meta-B: '
  const { headers } = await callOf(Buffer.concat([Buffer.from(lines), Buffer.from([0xe9]), Buffer.from('\r\n\r\n')]))
  expect(headers).toMatchObject({ 'x-amz-meta-a': 'ü,2', 'x-amz-meta-b': 'é' })
})

test('A call from inside the process is cut like one from outside, and carries its session', () => {
  const session = { caller: userCaller('000000000000', 'test'), region: 'us-east-1', service: 's3' as const }
  const call = callInProcess({ method: 'PUT', target: '/b//k%2F?acl', headers: { host: 'h' }, session })
  expect(call).toMatchObject({
    method: 'PUT',
    path: '/b//k%2F',
    query: 'acl',
    headers: { host: 'h' },
    secure: true,
    session,
  })
})

test('A body given up half-way leaves the connection to the answer', async () => {
  const server = createServer(async (incoming, outgoing) => {
    for await (const _piece of readCall(incoming, readHead(incoming)).body) break
    outgoing.writeHead(400, { connection: 'close' }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sent = request({ port: (server.address() as AddressInfo).port, method: 'PUT', agent: false })
  sent.on('error', () => undefined)
  sent.write(Buffer.alloc(1000))
  const [answer] = await once(sent, 'response')
  expect(answer.statusCode).toBe(400)
  sent.destroy()
  server.close()
})

test.each([
  ['/', '/', ''],
  ['/?', '/', ''],
  ['/a?b?c', '/a', 'b?c'],
  ['http://h', '/', ''],
  ['HTTPS://user@h:1?acl', '/', 'acl'],
  ['http://h/a', '/a', ''],
  ['/http://h/a', '/http://h/a', ''],
  ['/a#b', '/a#b', ''],
  ['?x', '/', 'x'],
  ['', '/', ''],
  ['*', '*', ''],
])('The target %j has the path %j and the query %j', (url, path, query) => {
  expect(readHead({ url, rawHeaders: [] })).toEqual({ path, query, headers: {}, repeated: undefined })
})

test.each(['host', 'authorization', 'content-type', 'content-md5'])('A second %s is told', (name) => {
  const rawHeaders = [name.toUpperCase(), 'a', 'X-Other', 'b', 'x-other', 'c', name, 'd']
  const { repeated, headers } = readHead({ url: '/', rawHeaders })
  expect(repeated).toBe(name)
  expect(headers['x-other']).toBe('b,c')
  expect(readHead({ url: '/', rawHeaders: rawHeaders.slice(0, 6) }).repeated).toBeUndefined()
})

test('A call from inside the process is a POST of nothing to the root, unless more is said', async () => {
  const { body, ...call } = callInProcess({})
  expect(call).toEqual({
    method: 'POST',
    path: '/',
    query: '',
    headers: {},
    clientAddress: '127.0.0.1',
    secure: true,
    session: undefined,
  })
  expect(await readAnswer({ status: 200, headers: {}, body })).toEqual(Buffer.alloc(0))
})

test('The whole body of an answer is read in whatever form it is', async () => {
  const bytesOf = async (body?: Parameters<typeof readAnswer>[0]['body']) =>
    (await readAnswer({ status: 200, headers: {}, body })).toString()
  async function* pieces() {
    yield Buffer.from('a')
    yield Buffer.from('ü')
  }
  expect(await bytesOf()).toBe('')
  expect(await bytesOf('aü')).toBe('aü')
  expect(await bytesOf(Buffer.from('xaüx').subarray(1, 4))).toBe('aü')
  expect(await bytesOf(pieces())).toBe('aü')
  expect(await bytesOf(noBytes)).toBe('')
})

test('An endpoint that is loaded at its first call is loaded once, by whoever calls first', async () => {
  let loads = 0
  const endpoint = loadedAtFirstCall(async () => {
    loads++
    return async () => ({ status: 204, headers: {} })
  })
  expect(loads).toBe(0)
  const call = await callOf(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
  const answers = await Promise.all([endpoint(call), endpoint(call)])
  expect([loads, ...answers.map(({ status }) => status)]).toEqual([1, 204, 204])
})
