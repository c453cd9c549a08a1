import { createServer } from 'node:http'
import { expect, test } from '@jest/globals'
import { control } from './control.ts'

/** A server with the control paths alone; what is known is the call `one`. */
async function withControls(body: (call: typeof ask) => Promise<void>): Promise<void> {
  const controls = {
    health: async () => ({ status: 'ok' }),
    explain: async (id: string) => (id === 'one' ? [{ requestId: id }] : []),
    reset: async () => undefined,
    token: 'secret',
  }
  const server = createServer(async (incoming, outgoing) => {
    const { status, body } = await control(incoming, controls)
    outgoing.writeHead(status).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  try {
    await body((path, options) => ask(path, options, port))
  } finally {
    server.close()
  }
}

async function ask(path: string, options: RequestInit = {}, port = 0): Promise<[number, unknown]> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, options)
  return [response.status, await response.json().catch(() => undefined)]
}

test('explain answers what is known of a call, and 404 where nothing is', async () => {
  await withControls(async (call) => {
    expect(await call('/_s3kms/explain/one')).toEqual([200, { explanations: [{ requestId: 'one' }] }])
    expect((await call('/_s3kms/explain/two'))[0]).toBe(404)
    expect((await call('/_s3kms/explain/%zz'))[0]).toBe(404)
    expect((await call('/_s3kms/explain'))[0]).toBe(404)
    expect((await call('/_s3kms/explain/one', { method: 'POST' }))[0]).toBe(405)
  })
})

test('no web page reads or resets an emulator; a bearer of the token may', async () => {
  await withControls(async (call) => {
    const foreign = { origin: 'https://example.com' }
    const bearer = { ...foreign, authorization: 'Bearer secret' }
    for (const [path, method] of [
      ['/_s3kms/explain/one', 'GET'],
      ['/_s3kms/reset', 'POST'],
    ] as const) {
      expect((await call(path, { method, headers: foreign }))[0]).toBe(403)
      expect((await call(path, { method, headers: { ...foreign, authorization: 'Bearer secre' } }))[0]).toBe(403)
      expect((await call(path, { method, headers: bearer }))[0]).toBe(200)
    }
  })
})
