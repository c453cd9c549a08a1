import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { createLog } from '../log.ts'
import { Server } from './server.ts'

test('Who is answered directly before all of its body was read, or while it still sends, can ask again on the connection', async () => {
  const direct = () => async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    await incoming.iterator({ destroyOnReturn: false }).next()
    outgoing.writeHead(413, { 'content-length': 0 }).end()
  }
  const log = createLog({ level: 'silent', json: false, now: () => 0, write: () => undefined })
  const server = new Server({ host: '127.0.0.1', log, now: () => 0 })
  const port = await server.listen(0, () => async () => ({ status: 200, headers: {} }), direct)
  const socket = connect(port, '127.0.0.1')
  const answers = text(socket)
  const length = 1 << 20
  socket.write(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`)
  socket.write('x'.repeat(length - 1))
  await once(socket, 'data')
  socket.write('x')
  socket.write('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx')
  expect((await answers).match(/413 Payload/g)).toHaveLength(2)
  await server.stop()
})
