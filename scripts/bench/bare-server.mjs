// The measure of all things: node:http that reads the body and answers 1 KiB.
import { createServer } from 'node:http'

const answer = Buffer.alloc(1024, 'x')
const server = createServer((incoming, outgoing) => {
  incoming.on('data', () => {})
  incoming.on('end', () => {
    outgoing.writeHead(200, { 'content-type': 'binary/octet-stream', 'content-length': answer.length })
    outgoing.end(answer)
  })
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
