import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from '@jest/globals'
import { Poster } from './post.ts'

test('An answer without end is not read to its end: its status counts, and the connection goes', async () => {
  const receiver = createServer((request, answer) => {
    request.resume()
    const piece = Buffer.alloc(64 << 10)
    const write = () => {
      while (answer.write(piece));
    }
    answer.on('drain', write)
    answer.writeHead(200)
    write()
  })
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  const address = receiver.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const poster = new Poster()
  const outcome = await poster.post(
    `http://127.0.0.1:${port}/`,
    { headers: {}, body: '{}' },
    new AbortController().signal,
  )
  expect(outcome).toEqual({ kind: 'acknowledged' })
  poster.close()
  // Ends only once no connection is left.
  receiver.close()
  await once(receiver, 'close')
})
