import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { EventPage, KeyPage, Occurring } from '../../src/console/answers.ts'
import { type RunningConsole, startConsole } from './console-page.ts'

/* The console without a browser: what programs send that know its token. */

let running: RunningConsole
let headers: Record<string, string>

beforeAll(async () => {
  running = await startConsole('--trail-data-events')
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

async function listen(): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const stream = await fetch(`${running.url}/api/stream`, { headers })
  const reader = stream.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>
  expect(await next(reader)).toBe(': listening\n\n')
  return reader
}

async function read<Answer>(path: string): Promise<Answer> {
  const answer = await fetch(`${running.url}/api/${path}`, { headers })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Answer
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

test('KMS is asked in no Region that could be none', async () => {
  for (const region of ['', '%00', 'us-east-1:x', '*']) {
    expect((await post(`/api/kms/CreateKey?region=${region}`, {})).status).toBe(400)
  }
})

test('A client that leaves in the midst of its body is not logged as a fault', async () => {
  const { port, hostname } = new URL(running.url)
  const token = headers['x-s3kms-console']
  // What became of one is in the log when the next ones were answered.
  for (const path of ['/api/kms/CreateKey', '/api/decide', '/control/faults', '/api/key-names']) {
    const socket = connect(Number(port), hostname)
    socket.write(`POST ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nx-s3kms-console: ${token}\r\n`)
    socket.write('Expect: 100-continue\r\nContent-Length: 9\r\n\r\n')
    await once(socket, 'data')
    socket.destroy()
    await read('overview')
  }
  expect(running.emulator.output()).not.toMatch(/error/)
})

test('A connection that a fault resets is told to the page, which has none of its own to KMS', async () => {
  await post('/control/faults', { service: 'kms', reset: 'before', times: 1 })
  const answer = await post('/api/kms/ListKeys', {})
  expect([answer.status, await answer.json()]).toMatchObject([502, { code: 'ConnectionReset' }])
  expect(running.emulator.output()).not.toMatch(/error/)
})

test('Keys come page by page, each once and with its aliases, and are found by the beginning of one', async () => {
  const create = async () => (await (await post('/api/kms/CreateKey', {})).json()).KeyMetadata.KeyId
  const made: string[] = await Promise.all(Array.from({ length: 401 }, create))
  await post('/api/kms/CreateAlias', { AliasName: 'alias/orders/eu', TargetKeyId: made[7] })
  await post('/api/kms/CreateAlias', { AliasName: 'alias/orders/us', TargetKeyId: made[7] })
  const pages: KeyPage[] = []
  for (let after: string | undefined = ''; after !== undefined; after = pages.at(-1)?.next) {
    pages.push(await read<KeyPage>(`keys${after === '' ? '' : `?after=${encodeURIComponent(after)}`}`))
  }
  expect(pages.map(({ keys }) => keys.length)).toEqual([200, 200, 1])
  const keys = pages.flatMap((page) => page.keys)
  expect(keys.map(({ keyId }) => keyId).sort()).toEqual([...made].sort())
  expect(keys.filter(({ aliases }) => aliases.length > 0)).toMatchObject([
    { keyId: made[7], aliases: ['alias/orders/eu', 'alias/orders/us'] },
  ])
  const found = await read<KeyPage>('keys?find=orders/u')
  expect(found).toMatchObject({ keys: [{ keyId: made[7], aliases: ['alias/orders/us'] }] })
  const arns = [
    `arn:aws:kms:us-east-1:000000000000:key/${made[7]}`,
    `arn:aws:kms:us-east-1:000000000000:key/${made[8]}`,
  ]
  expect(await (await post('/api/key-names', { arns })).json()).toEqual({ [`${arns[0]}`]: 'alias/orders/eu' })
})

test('Calls are chosen among more than a page has, those of one request of S3 know it, and what S3 did is among them', async () => {
  await fetch(`${running.url}/s3/sealed`, { method: 'PUT', headers })
  const sealed = { ...headers, 'x-amz-server-side-encryption': 'aws:kms' }
  await fetch(`${running.url}/s3/sealed/a`, { method: 'PUT', headers: sealed, body: 'a' })
  await post('/api/kms/DescribeKey', { KeyId: 'alias/none' })
  await Promise.all(Array.from({ length: 150 }, () => post('/api/kms/ListKeys', {})))

  const { key: _, ...occurring } = await read<Occurring>('occurring')
  expect(occurring).toMatchObject({
    caller: ['console'],
    bucket: ['sealed'],
    context: ['aws:s3:arn=arn:aws:s3:::sealed/a'],
    error: ['NotFoundException'],
  })
  const first = await read<EventPage>('events?caller=console')
  expect(first.events.map(({ name }) => name)).toEqual(Array.from({ length: 100 }, () => 'ListKeys'))
  const next = await read<EventPage>(`events?caller=console&after=${first.next}`)
  expect(next.events[50]?.name).toBe('DescribeKey')

  const refused = await read<EventPage>('events?error=NotFoundException&name=DescribeKey')
  expect(refused.events.map(({ error }) => error)).toEqual(['NotFoundException'])
  const about = await read<EventPage>('events?bucket=sealed')
  const [bucket, put, made, ...more] = about.events.toReversed()
  expect([bucket?.name, put?.name, made?.name, more]).toEqual(['CreateBucket', 'PutObject', 'GenerateDataKey', []])
  expect(made?.causeId).toBe(put?.requestId)
  expect(await read(`event?id=${put?.id}`)).toMatchObject({ row: { isData: true }, record: { eventName: 'PutObject' } })
})

test('Everybody who listens is told of a change that leaves no call too, and all of the same', async () => {
  const readers = await Promise.all(Array.from({ length: 20 }, listen))
  await fetch(`${running.url}/s3/quiet`, { method: 'PUT', headers })
  const told = await Promise.all(readers.map(next))
  expect(new Set(told).size).toBe(1)
  expect(JSON.parse(/^data: (.*)$/m.exec(told[0] ?? '')?.[1] ?? '')).toMatchObject({ isMore: false })
  await Promise.all(readers.map((reader) => reader.cancel()))
})

test('Who listens to the trail goes on listening over a reset, and is let go when the emulator stops', async () => {
  const reader = await listen()
  expect((await post('/control/reset', '')).status).toBe(200)
  await post('/api/kms/CreateKey', {})
  expect(await next(reader)).toMatch(/^event: change\ndata: .*"CreateKey"/)
  const stopped = running.emulator.end('SIGTERM')
  expect(await next(reader)).toBe('ended')
  expect(await stopped).toBe(0)
})
