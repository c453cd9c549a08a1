import { once } from 'node:events'
import { IncomingMessage, request } from 'node:http'
import { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { StoreClosed } from '../store/database.ts'
import { withControls } from './control.fixture.ts'
import { refusalOf } from './guard.ts'
import { openApiDocument } from './open-api.ts'
import { targetOf } from './route.ts'
import { explain } from './routes/explain.ts'
import { keys } from './routes/keys.ts'
import { reset } from './routes/reset.ts'
import { controlRoutes } from './routes.ts'

const controls = {
  health: async () => ({ status: 'ok', version: '1.2.3', uptime: 1 }) as const,
  explain: async (id: string) => (id === 'one' ? [{ requestId: id }] : []),
  keys: async (place: object) => [place],
  notifications: async (query: object) => query,
  dataEvents: async (query: object) => ({ records: [query] }),
  reset: async ({ fixtures }: { fixtures: boolean }) => (fixtures ? ['key alias/app: made'] : []),
  settle: async () => undefined,
  failed: () => undefined,
  token: 'secret',
}

test('explain answers what is known of a call, and 404 where nothing is', async () => {
  await withControls(controls, async (call) => {
    expect(await call('/_s3kms/explain/one')).toEqual([200, { explanations: [{ requestId: 'one' }] }])
    expect((await call('/_s3kms/explain/two'))[0]).toBe(404)
    expect((await call('/_s3kms/explain/%zz'))[0]).toBe(404)
    const message = 'There is no /_s3kms/explain: GET /_s3kms/openapi.json says what there is'
    expect(await call('/_s3kms/explain')).toEqual([404, { message }])
    expect((await call('/_s3kms/explain/one', { method: 'POST' }))[0]).toBe(405)
  })
})

test('reset applies the fixtures again where that is asked for, and tells of them', async () => {
  await withControls(controls, async (call) => {
    const method = 'POST'
    expect(await call('/_s3kms/reset', { method })).toEqual([200, { status: 'reset', fixtureReport: [] }])
    const fixtureReport = ['key alias/app: made']
    expect(await call('/_s3kms/reset?fixtures=true', { method })).toEqual([200, { status: 'reset', fixtureReport }])
  })
})

test('keys answers the keys of the account and Region that are named', async () => {
  await withControls(controls, async (call) => {
    expect(await call('/_s3kms/keys')).toEqual([200, { keys: [{}] }])
    const named = { accountId: '111122223333', region: 'eu-west-1' }
    expect(await call('/_s3kms/keys?account=111122223333&region=eu-west-1')).toEqual([200, { keys: [named] }])
    expect((await call('/_s3kms/keys', { method: 'POST' }))[0]).toBe(405)
  })
})

test.each([
  ['GET', '/trail/records?limit=abc', "/_s3kms/trail/records has no parameter 'limit': it takes none"],
  ['GET', '/health?verbose', "/_s3kms/health has no parameter 'verbose': it takes none"],
  ['GET', '/openapi.json?v=3', "/_s3kms/openapi.json has no parameter 'v': it takes none"],
  ['GET', '/audit?format=__proto__', "/_s3kms/audit has no parameter 'format': it takes by, since, until"],
  ['GET', '/keys?__proto__=x', "/_s3kms/keys has no parameter '__proto__': it takes account, region"],
  ['GET', '/keys?region=xx', "region must be the name of a Region such as us-east-1, not 'xx'"],
  ['GET', '/keys?account=', "account must be 12 digits, not ''"],
  ['GET', '/trail?region=xx', "region must be the name of a Region such as us-east-1, not 'xx'"],
  ['GET', '/inspect?limit=1', 'uri is missing'],
  ['GET', '/policy/suggest?since=0', 'principal is missing'],
  ['POST', '/reset?fixtures=yes', "fixtures must be true or false, not 'yes'"],
])('%s %s is refused in words, and not passed over', async (method, path, message) => {
  await withControls(controls, async (call) => {
    expect(await call(`/_s3kms${path}`, { method })).toEqual([422, { message }])
  })
})

test.each([
  ['GET', '/keys?region=us-east-1&region=eu-west-1', 'region'],
  ['POST', '/reset?fixtures=true&fixtures=true', 'fixtures'],
  ['POST', '/verify?repair=true&repair=false', 'repair'],
])('%s %s is refused, as nobody knows which value was meant', async (method, path, name) => {
  await withControls(controls, async (call) => {
    expect(await call(`/_s3kms${path}`, { method })).toEqual([400, { message: `${name} was given more than once` }])
  })
})

test.each([
  ['0', 0],
  ['1796028646004', 1796028646004],
  ['2027-01-01T00:00:00Z', Date.UTC(2027, 0)],
  ['2027-01-01T02:00:00.500%2B02:00', Date.UTC(2027, 0) + 500],
])('A moment may be written as %s', async (since, startTime) => {
  await withControls(controls, async (call) => {
    expect(await call(`/_s3kms/trail?since=${since}`)).toEqual([200, { records: [{ startTime }] }])
  })
})

test.each(['', '-1', '15m', '2027-02-30', '2027-01-01T00:00:00', '9999999999999999'])(
  'No moment is meant by %j',
  async (since) => {
    const words = 'since must be a moment with its zone, such as 2027-01-01T00:00:00Z, or milliseconds since the epoch'
    await withControls(controls, async (call) => {
      expect(await call(`/_s3kms/trail?since=${since}`)).toEqual([422, { message: `${words}, not '${since}'` }])
    })
  },
)

test('A body that a route does not have is refused, one that says nothing is not', async () => {
  const method = 'POST'
  await withControls(controls, async (call) => {
    const reset = (body: BodyInit, how = {}) => call('/_s3kms/reset', { method, body, ...how })
    const message = '/_s3kms/reset takes no body: fixtures goes into the query'
    expect(await reset('{"fixtures":true}')).toEqual([422, { message }])
    const stream = new Blob(['{"fixtures":true}']).stream()
    expect(await reset(stream, { duplex: 'half' })).toEqual([422, { message }])
    expect(await call('/_s3kms/settle', { method, body: 'now' })).toEqual([
      422,
      { message: '/_s3kms/settle takes no body' },
    ])
    expect((await reset('{}'))[0]).toBe(200)
    expect((await reset(''))[0]).toBe(200)
  })
})

test('Two values of a header are not taken for one', async () => {
  await withControls(controls, async (_call, port) => {
    const headers = { 's3kms-passphrase': ['one', 'two'] }
    const asked = request({ port, host: '127.0.0.1', path: '/_s3kms/export', headers }).end()
    const [answer] = await once(asked, 'response')
    const message = 's3kms-passphrase was given more than once'
    expect([answer.statusCode, JSON.parse(await text(answer))]).toEqual([400, { message }])
  })
})

test('no web page reads or resets an emulator; a bearer of the token may', async () => {
  await withControls(controls, async (call) => {
    for (const browser of browsers) {
      const bearer = { ...browser, authorization: 'Bearer secret' }
      for (const [path, method] of controlled) {
        expect((await call(path, { method, headers: browser }))[0]).toBe(403)
        expect((await call(path, { method, headers: { ...browser, authorization: 'Bearer secre' } }))[0]).toBe(403)
        expect((await call(path, { method, headers: bearer }))[0]).toBe(200)
      }
    }
  })
})

const controlled = [
  ['/_s3kms/openapi.json', 'GET'],
  ['/_s3kms/explain/one', 'GET'],
  ['/_s3kms/keys', 'GET'],
  ['/_s3kms/reset', 'POST'],
] as const

/** Objects share the origin of the control paths: our own pages are nobody's in particular. */
const browsers: Record<string, string>[] = [
  { origin: 'https://example.com' },
  { origin: 'http://127.0.0.1:4566' },
  { origin: 'null' },
  { 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-site': 'none' },
]

test('a web page learns nothing of paths that are not there, or not by its method', async () => {
  await withControls(controls, async (call) => {
    const headers = { origin: 'https://example.com' }
    expect((await call('/_s3kms/nothing', { headers }))[0]).toBe(403)
    expect((await call('/_s3kms/keys', { method: 'POST', headers }))[0]).toBe(403)
    expect((await call('/_s3kms/health', { method: 'POST', headers }))[0]).toBe(403)
  })
})

test('health is seen by whoever types its address, and by no page', async () => {
  await withControls(controls, async (call) => {
    expect((await call('/_s3kms/health'))[0]).toBe(200)
    expect((await call('/_s3kms/health', { headers: { 'sec-fetch-site': 'none' } }))[0]).toBe(200)
    for (const site of ['same-origin', 'same-site', 'cross-site']) {
      expect((await call('/_s3kms/health', { headers: { 'sec-fetch-site': site } }))[0]).toBe(403)
    }
    expect((await call('/_s3kms/health', { headers: { origin: 'http://127.0.0.1' } }))[0]).toBe(403)
  })
})

/** A request as it looks from an address, under a name. */
function requestFrom(remoteAddress: string, host: string): IncomingMessage {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
  return Object.assign(new IncomingMessage(socket), { headers: { host } })
}

function isServed(remoteAddress: string, host: string): boolean {
  return refusalOf(requestFrom(remoteAddress, host), 'machine', 'secret') === undefined
}

test.each(['localhost', 'localhost:4566', 'LOCALHOST', '127.0.0.1:4566', '127.1.2.3', '[::1]:4566'])(
  'this machine is served as %s',
  (host) => {
    expect(isServed('127.0.0.1', host)).toBe(true)
    expect(isServed('::1', host)).toBe(true)
    expect(isServed('::ffff:127.0.0.1', host)).toBe(true)
  },
)

test.each([
  'localhost.evil.test',
  'localhost.evil.test:4566',
  'evil.test',
  '127.0.0.1.evil.test',
  'bucket.localhost',
  'xlocalhost',
  '192.168.1.7',
  '0.0.0.0',
  '',
])('the Host %j is refused', (host) => {
  expect(isServed('127.0.0.1', host)).toBe(false)
})

test.each(['192.168.1.7', '172.17.0.1', '::ffff:10.0.0.1', 'fe80::1', '::2', '128.0.0.1'])(
  'a client at %s is refused, whatever Host it names',
  (remoteAddress) => {
    expect(isServed(remoteAddress, 'localhost:4566')).toBe(false)
  },
)

test('A Host that is no name of this machine is served nothing, not even health', async () => {
  await withControls(controls, async (_call, port) => {
    const asked = request({ port, host: '127.0.0.1', path: '/_s3kms/health', headers: { host: 'rebound.test' } }).end()
    const [answer] = await once(asked, 'response')
    expect([answer.statusCode, JSON.parse(await text(answer))]).toEqual([403, { message: 'Rebound' }])
  })
})

test('A Host that makes no address is refused in words', async () => {
  await withControls(controls, async (_, port) => {
    const socket = new Socket().connect(port, '127.0.0.1')
    socket.write('GET /_s3kms/keys HTTP/1.1\r\nHost: localhost:99999\r\nConnection: close\r\n\r\n')
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(answer).toContain('{"message":"The Host and the path of the request make no address"}')
  })
})

test('All but health are for this machine alone', () => {
  expect(controlRoutes.filter(({ guard }) => guard === 'anyone').map(({ name }) => name)).toEqual(['health'])
})

test('What the command line asks is the path that is served', () => {
  expect(targetOf(explain, { id: 'a/b' })).toBe('/_s3kms/explain/a%2Fb')
  expect(targetOf(keys, { account: '111122223333' })).toBe('/_s3kms/keys?account=111122223333')
  expect(targetOf(reset, {})).toBe('/_s3kms/reset')
  expect(targetOf(reset, { fixtures: true })).toBe('/_s3kms/reset?fixtures=true')
})

test('The OpenAPI document has every route, with its parameters', async () => {
  expect(openApiDocument()).toMatchObject({
    openapi: '3.1.0',
    paths: {
      '/_s3kms/explain/{id}': {
        get: { operationId: 'explain', parameters: [{ name: 'id', in: 'path', required: true }] },
      },
      '/_s3kms/reset': {
        post: { parameters: [{ name: 'fixtures', in: 'query', required: false, schema: { type: 'boolean' } }] },
      },
    },
  })
  await withControls(controls, async (call) => {
    expect((await call('/_s3kms/openapi.json'))[0]).toBe(200)
  })
})

test('What fails is told to the log, and answered in JSON', async () => {
  const logged: unknown[] = []
  const failed = (error: Error) => logged.push(error.message)
  const broken = { ...controls, health: () => Promise.reject(new Error('no store')), failed }
  await withControls(broken, async (call) => {
    expect(await call('/_s3kms/health')).toEqual([500, { message: 'The emulator failed; its log says why.' }])
  })
  expect(logged).toEqual(['no store'])
})

test('What a reset came between is refused in words, and no fault of ours', async () => {
  const logged: unknown[] = []
  const failed = (error: Error) => logged.push(error.message)
  const closed = { ...controls, settle: () => Promise.reject(new StoreClosed()), failed }
  await withControls(closed, async (call) => {
    expect(await call('/_s3kms/settle', { method: 'POST' })).toEqual([
      409,
      { message: 'The store was emptied or closed meanwhile' },
    ])
  })
  expect(logged).toEqual([])
})
