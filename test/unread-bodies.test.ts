import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'

/* After a refusal in the midst of a body the connection goes on with the next request, or is closed: it never hangs. */

let journey: Journey
beforeAll(async () => {
  journey = await startJourney()
  await journey.createBucket('bucket')
})
afterAll(() => journey.stop())

const time = () => new Date(journey.ambient.now()).toISOString().replace(/[-:]|\.\d+/g, '')

/** Headers of a key that is taken at its word: the signature is not looked at, the body is. */
function claimed(service: string, headers: Record<string, string>): Record<string, string> {
  const date = time()
  const all: Record<string, string> = { host: 'localhost', 'x-amz-date': date, ...headers }
  const scope = `anybody/${date.slice(0, 8)}/us-east-1/${service}/aws4_request`
  const names = Object.keys(all).sort().join(';')
  return {
    ...all,
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${names}, Signature=${'0'.repeat(64)}`,
  }
}

function requestOf(line: string, headers: Record<string, string>, body: string): string {
  const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers })
  return `${line} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** Reads from a connection until what has come fits, or it is closed. */
async function readUntil(socket: Socket, fits: (text: string) => boolean): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (fits(text)) socket.emit('enough')
  })
  await Promise.race([once(socket, 'enough'), once(socket, 'close')])
  socket.removeAllListeners('data')
  return text
}

const isWhole = (text: string) => {
  const [, length] = /\r\ncontent-length: (\d+)\r\n/i.exec(text) ?? []
  const begin = text.indexOf('\r\n\r\n')
  return begin >= 0 && text.length - begin - 4 >= Number(length)
}

const frames = {
  'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-decoded-content-length': '9000000',
  'x-amz-trailer': 'x-amz-checksum-crc32',
}
const json = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'TrentService.ListKeys' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const unsigned = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
const large = 'x'.repeat(3 << 20)
const small = 'x'.repeat(200_000)

/** `later`: how much of the body the client sends when it has its answer. */
test.each<[name: string, make: () => string, status: number, later?: number]>([
  ['KMS, 3 MiB', () => requestOf('POST /', claimed('kms', json), large), 413],
  ['KMS, a little too much', () => requestOf('POST /', claimed('kms', json), 'x'.repeat((1 << 20) + 1000)), 413],
  ['STS, 3 MiB', () => requestOf('POST /', claimed('sts', form), large), 413],
  ['STS without a signature', () => requestOf('POST /', { host: 'localhost', ...form }, large), 413],
  ['frames that are broken', () => requestOf('PUT /bucket/key', claimed('s3', frames), `5;\r\n${large}`), 400],
  [
    'frames broken early, little left',
    () => requestOf('PUT /bucket/key', claimed('s3', frames), `5;\r\n${small}`),
    400,
    190_000,
  ],
  [
    'a document that is too long',
    () =>
      requestOf(
        'POST /bucket?delete',
        claimed('s3', { ...unsigned, 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }),
        'x'.repeat(9 << 20),
      ),
    400,
  ],
  ['a bucket that is not there', () => requestOf('PUT /nobody/key', claimed('s3', unsigned), large), 404],
  ['nobody', () => requestOf('PUT /bucket/key', { host: 'localhost' }, small), 403],
  ['a read with a body', () => requestOf('GET /bucket/key', claimed('s3', unsigned), small), 404],
  [
    'a form that is none',
    () => requestOf('POST /bucket', { host: 'localhost', 'content-type': 'multipart/form-data; boundary=x' }, large),
    400,
  ],
])(
  'After a refusal in the midst of a body the next request is answered, or the connection is closed: %s',
  async (_, make, status, later = 0) => {
    const socket = connect(journey.port, '127.0.0.1')
    socket.on('error', () => undefined)
    const request = make()
    const first = request.length - later
    socket.write(request.slice(0, first))
    const answer = await readUntil(socket, isWhole)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    if (/\r\nconnection: close\r\n/i.test(answer)) {
      if (!socket.closed) await once(socket, 'close')
      return
    }
    socket.write(request.slice(first))
    socket.write('GET /_s3kms/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    const next = await readUntil(socket, () => false)
    expect(next).toMatch(/^HTTP\/1.1 200 /)
  },
)
