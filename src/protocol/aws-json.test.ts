import { expect, test } from '@jest/globals'
import { systemAmbient } from '../ambient.ts'
import { userCaller } from '../aws/caller.ts'
import { AwsError } from '../aws/errors.ts'
import { StoreUnavailable } from '../store/disk.ts'
import { createJsonEndpoint, invokeInProcess, type JsonCall, type JsonService } from './aws-json.ts'
import { fetchFrom } from './http.fixture.ts'
import { callInProcess, type ForwardedSession, readAnswer } from './http.ts'

const session: ForwardedSession = { caller: userCaller('111122223333', 'a'), region: 'eu-west-1', service: 's3' }

function endpointOf(
  invoke: (operation: string, input: unknown, call: JsonCall) => Promise<object | undefined>,
  more: Partial<JsonService> = {},
) {
  const logged: unknown[] = []
  const service: JsonService = {
    targetPrefix: 'TrentService',
    service: 'kms',
    credentials: { find: () => undefined },
    ambient: systemAmbient(),
    region: 'us-east-1',
    log: { debug() {}, info() {}, warn() {}, error: (_message, cause) => logged.push(cause) },
    internalFailure: new AwsError('KMSInternalException', 'failed', 500),
    hasOperation: (name) => name === 'Known',
    invoke,
    ...more,
  }
  const endpoint = createJsonEndpoint(service)
  const send = (
    body: string | Uint8Array<ArrayBuffer>,
    target = 'TrentService.Known',
    environment: object = { session },
  ) => {
    const request = new Request('http://kms/', { method: 'POST', headers: { 'x-amz-target': target }, body })
    return fetchFrom(endpoint, request, environment)
  }
  return { service, endpoint, send, logged }
}

test('an answer is AWS JSON 1.1 with a request id, bytes as base64', async () => {
  const { send } = endpointOf(async (_operation, input, { authentication }) => ({
    Got: input,
    Region: authentication.region,
    Bytes: Buffer.of(1, 2),
  }))
  const response = await send('{"a":1}')
  expect(await response.json()).toEqual({ Got: { a: 1 }, Region: 'eu-west-1', Bytes: 'AQI=' })
  expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1')
  expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
})

test('an operation without output answers 200 with an empty body', async () => {
  const response = await endpointOf(async () => undefined).send('{}')
  expect([response.status, await response.text()]).toEqual([200, ''])
})

test('a refusal is rendered with its code, and without a message where AWS sends none', async () => {
  const { send } = endpointOf(async () => {
    throw new AwsError('InvalidCiphertextException', '', 400)
  })
  const response = await send('{}')
  expect([response.status, await response.text()]).toEqual([400, '{"__type":"InvalidCiphertextException"}'])
})

test('a fault of our own is logged with its cause and answered as an internal failure', async () => {
  const cause = new Error('broken')
  const { send, logged } = endpointOf(async () => {
    throw cause
  })
  const response = await send('{}')
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({ __type: 'KMSInternalException', message: 'failed' })
  expect(logged).toEqual([cause])
})

test('a client that leaves in the midst of its body is no fault of our own', async () => {
  const { endpoint, logged } = endpointOf(async () => undefined)
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('{')
    throw new Error('aborted')
  }
  const answer = await endpoint({ ...callInProcess({ method: 'POST', session }), body: broken() })
  expect([answer.status, logged]).toEqual([400, []])
})

test.each(['TrentService.Unknown', 'Other.Known', ''])('the target "%s" is an unknown operation', async (target) => {
  const response = await endpointOf(async () => undefined).send('{}', target)
  expect([response.status, await response.json()]).toEqual([400, { __type: 'UnknownOperationException' }])
})

test('a GET is an unknown operation, not a hang', async () => {
  const { endpoint } = endpointOf(async () => undefined)
  expect((await fetchFrom(endpoint, new Request('http://kms/'), { session })).status).toBe(400)
})

test.each([['{'], [Buffer.of(0x22, 0xff, 0x22)]])('a body that is no JSON in UTF-8 is refused', async (body) => {
  const response = await endpointOf(async () => undefined).send(body)
  expect([response.status, (await response.json()).__type]).toEqual([400, 'SerializationException'])
})

test('a body that is nested deeper than any input is refused before it is parsed', async () => {
  const send = async (body: string) => (await endpointOf(async () => undefined).send(body)).status
  const nested = (depth: number, inner: string) => `{"a":${'['.repeat(depth)}${inner}${']'.repeat(depth)}}`
  const text = (brackets: string) => `"${brackets.repeat(1 << 15)}"`
  expect(await send(nested(63, text('x')))).toBe(200)
  expect(await send(nested(63, text('[')))).toBe(200)
  expect(await send(nested(63, text('\\"[')))).toBe(200)
  expect(await send(nested(64, text('x')))).toBe(400)
})

test('a body beyond the limit is refused', async () => {
  const response = await endpointOf(async () => undefined).send(`"${'a'.repeat(1 << 18)}"`)
  expect(response.status).toBe(413)
})

test('a call without a session must be signed', async () => {
  const response = await endpointOf(async () => ({})).send('{}', undefined, {})
  expect([response.status, (await response.json()).__type]).toEqual([400, 'MissingAuthenticationTokenException'])
})

test('an answer may be kept by nobody', async () => {
  const { headers } = await endpointOf(async () => undefined).send('{}')
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-cache, no-store, must-revalidate, private',
    pragma: 'no-cache',
    expires: '0',
  })
})

test('an operation is told its name, its input and the call', async () => {
  const calls: unknown[] = []
  const { send } = endpointOf(async (operation, input, { http, authentication, requestId }) => {
    calls.push([operation, input, http.headers['x-amz-target'], authentication.caller.userName, requestId])
    return {}
  })
  const { headers } = await send('{"a":[1]}')
  expect(calls).toEqual([['Known', { a: [1] }, 'TrentService.Known', 'a', headers.get('x-amzn-requestid')]])
})

test('an empty body is an empty input', async () => {
  const response = await endpointOf(async (_, input) => ({ Got: input })).send('')
  expect(await response.json()).toEqual({ Got: {} })
})

test('a body may come in pieces, up to the limit', async () => {
  const { endpoint } = endpointOf(async (_, input) => ({ Length: String(input).length }))
  const answerTo = async (...pieces: string[]) => {
    async function* body() {
      for (const piece of pieces) yield Buffer.from(piece)
    }
    const headers = { 'x-amz-target': 'TrentService.Known' }
    const answer = await endpoint(callInProcess({ headers, body: body(), session }))
    return [answer.status, (await readAnswer(answer)).toString()]
  }
  const long = 'a'.repeat((1 << 18) - 2)
  expect(await answerTo('"', long, '"')).toEqual([200, `{"Length":${(1 << 18) - 2}}`])
  const message = 'The request body is too large.'
  expect(await answerTo('"', long, '""')).toEqual([
    413,
    JSON.stringify({ __type: 'RequestEntityTooLargeException', message }),
  ])
})

test('what is no JSON is told in which way', async () => {
  const message = async (body: string | Uint8Array<ArrayBuffer>) =>
    (await (await endpointOf(async () => undefined).send(body)).json()).message
  expect(await message('{')).toBe('The request body is not JSON')
  expect(await message(Buffer.of(0x22, 0xff, 0x22))).toBe('The request body is not UTF-8')
  const deep = '{"a":['.repeat(4000)
  expect(await message(deep)).toBe('The request body is nested too deeply')
  // Below 16 KiB nothing can be deep enough to take long: it is parsed.
  expect(await message('['.repeat(1 << 14))).toBe('The request body is not JSON')
  expect(await message('['.repeat((1 << 14) + 1))).toBe('The request body is nested too deeply')
  expect(await message(`${'[{}],'.repeat(4000)}`)).toBe('The request body is not JSON')
})

test('older clients of CloudTrail put a namespace before the prefix; for others it is another service', async () => {
  const target = 'com.amazonaws.TrentService.Known'
  const plain = endpointOf(async () => undefined)
  const namespaced = endpointOf(async () => undefined, { acceptsNamespace: true })
  expect((await plain.send('{}', target)).status).toBe(400)
  expect((await namespaced.send('{}', target)).status).toBe(200)
  expect((await namespaced.send('{}', 'TrentService.Known')).status).toBe(200)
  expect((await namespaced.send('{}', 'com.amazonawsTrentService.Known')).status).toBe(400)
  expect((await namespaced.send('{}', 'Known')).status).toBe(400)
})

test('an error’s own headers and details go with it', async () => {
  const { send } = endpointOf(async () => {
    throw new AwsError('Odd', 'told', 409, { Detail: 'd' }, { 'x-odd': '1' })
  })
  const response = await send('{}')
  expect([response.status, response.headers.get('x-odd')]).toEqual([409, '1'])
  expect(await response.json()).toEqual({ __type: 'Odd', message: 'told', Detail: 'd' })
})

test('a store that does not write is told as 503, and not as a fault of ours', async () => {
  const { send, logged } = endpointOf(async () => {
    throw new StoreUnavailable()
  })
  const response = await send('{}')
  expect([response.status, (await response.json()).__type]).toEqual([503, 'ServiceUnavailable'])
  expect(logged).toEqual([])
})

test('a page of another site is refused unless a known key proves it', async () => {
  const { endpoint } = endpointOf(async () => undefined)
  const call = callInProcess({ headers: { 'x-amz-target': 'TrentService.Known' }, session })
  const answer = await endpoint({ ...call, foreignPage: { origin: undefined, refusal: 'A page of another site' } })
  expect(answer.status).toBe(400)
  expect(JSON.parse(String(answer.body))).toEqual({
    __type: 'AccessDeniedException',
    message: 'A page of another site',
  })
})

test('in process the session stands for a signature and bytes stay bytes', async () => {
  const { service } = endpointOf(async (operation, input, { authentication, http, requestId }) => {
    return { operation, input, region: authentication.region, isSame: http.session === session, requestId }
  })
  expect(await invokeInProcess(service, 'Known', { Bytes: Buffer.of(1) }, session)).toMatchObject({
    operation: 'Known',
    input: { Bytes: Buffer.of(1) },
    region: 'eu-west-1',
    isSame: true,
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
})

test('in process a refusal is what the wire would carry, a fault is ours, and a store that does not write stays that', async () => {
  const thrown = async (fault: Error) => {
    const { service, logged } = endpointOf(async () => {
      throw fault
    })
    const error = await invokeInProcess(service, 'Known', {}, session).catch((caught: unknown) => caught)
    return { error, logged }
  }
  const refusal = new AwsError('DisabledException', '', 400)
  expect(await thrown(refusal)).toEqual({ error: refusal, logged: [] })
  const closed = new StoreUnavailable('full')
  expect((await thrown(closed)).error).toBe(closed)
  const fault = new Error('broken')
  const { error, logged } = await thrown(fault)
  expect(error).toMatchObject({ code: 'KMSInternalException', status: 500 })
  expect(logged).toEqual([fault])
})
