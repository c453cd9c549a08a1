import { expect, test } from '@jest/globals'
import { systemAmbient } from '../ambient.ts'
import { userCaller } from '../aws/caller.ts'
import { AwsError } from '../aws/errors.ts'
import { createJsonEndpoint, type JsonCall } from './aws-json.ts'
import { fetchFrom } from './http.fixture.ts'
import type { ForwardedSession } from './http.ts'

const session: ForwardedSession = { caller: userCaller('111122223333', 'a'), region: 'eu-west-1', service: 's3' }

function endpointOf(invoke: (operation: string, input: unknown, call: JsonCall) => Promise<object | undefined>) {
  const logged: unknown[] = []
  const endpoint = createJsonEndpoint({
    targetPrefix: 'TrentService',
    service: 'kms',
    credentials: { find: () => undefined },
    ambient: systemAmbient(),
    region: 'us-east-1',
    log: { debug() {}, info() {}, warn() {}, error: (_message, cause) => logged.push(cause) },
    internalFailure: new AwsError('KMSInternalException', 'failed', 500),
    hasOperation: (name) => name === 'Known',
    invoke,
  })
  const send = (
    body: string | Uint8Array<ArrayBuffer>,
    target = 'TrentService.Known',
    environment: object = { session },
  ) => {
    const request = new Request('http://kms/', { method: 'POST', headers: { 'x-amz-target': target }, body })
    return fetchFrom(endpoint, request, environment)
  }
  return { endpoint, send, logged }
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
