import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type RunningConsole, startConsole } from './console-page.ts'

/* The console without a browser: what programs send that know its token. */

let running: RunningConsole
let headers: Record<string, string>

beforeAll(async () => {
  running = await startConsole()
  const page = await (await fetch(`${running.url}/`)).text()
  headers = { 'x-s3kms-console': /name="s3kms-token" content="([^"]+)"/.exec(page)?.[1] ?? '' }
})

afterAll(async () => {
  await running.emulator.end('SIGTERM')
})

function post(path: string, body: unknown): Promise<Response> {
  return fetch(running.url + path, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** The next text of a stream, or `ended`. */
async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value, done } = await reader.read()
  return done ? 'ended' : Buffer.from(value).toString()
}

test.each(['/api/kms/CreateKey', '/api/decide'])('A body of %s is bounded in length and depth', async (path) => {
  const large = await post(path, { Description: 'x'.repeat(256 << 10) })
  expect([large.status, await large.json()]).toEqual([413, { message: 'The body may have 262144 bytes at the most' }])
  const deep = await post(path, '['.repeat(100_000) + ']'.repeat(100_000))
  expect([deep.status, await deep.json()]).toEqual([400, { message: 'The body is nested too deeply' }])
  const broken = await post(path, '{')
  expect([broken.status, await broken.json()]).toEqual([400, { message: 'The body is not JSON' }])
})

test('A connection that a fault resets is told to the page, which has none of its own to KMS', async () => {
  await post('/control/faults', { service: 'kms', reset: 'before', times: 1 })
  const answer = await post('/api/kms/ListKeys', {})
  expect([answer.status, await answer.json()]).toMatchObject([502, { code: 'ConnectionReset' }])
  expect(running.emulator.output()).not.toMatch(/error/)
})

test('Who listens to the trail goes on listening over a reset, and is let go when the emulator stops', async () => {
  const stream = await fetch(`${running.url}/api/stream`, { headers })
  const reader = stream.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>
  expect(await next(reader)).toBe(': listening\n\n')
  expect((await post('/control/reset', '')).status).toBe(200)
  await post('/api/kms/CreateKey', {})
  expect(await next(reader)).toMatch(/^event: calls\ndata: .*"CreateKey"/)
  const stopped = running.emulator.end('SIGTERM')
  expect(await next(reader)).toBe('ended')
  expect(await stopped).toBe(0)
})
