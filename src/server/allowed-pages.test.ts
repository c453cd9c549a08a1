import { expect, test } from '@jest/globals'
import { callInProcess, type Endpoint } from '../protocol/http.ts'
import { allowedPages } from './allowed-pages.ts'

const origin = 'https://app.test'
const pages = allowedPages([origin])
const endpoint: Endpoint = async ({ method }) => ({ status: 201, headers: { date: 'today' }, body: method })

const asks = {
  origin,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'Authorization, x-amz-target',
}
const call = (method: string, target: string, headers: Record<string, string>) =>
  callInProcess({ method, target, headers })

test('A page that is allowed is answered that it may call, without a look at the service', async () => {
  const preflight = call('OPTIONS', '/', asks)
  expect(pages.isPreflight(preflight)).toBe(true)
  expect(await pages.readable(endpoint)(preflight)).toEqual({
    status: 200,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Authorization, x-amz-target',
      'access-control-expose-headers': 'x-amzn-RequestId, x-amzn-ErrorType, x-amzn-ErrorMessage, Date',
      'access-control-max-age': '600',
      vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    },
  })
})

test('It reads answers, with the headers they have', async () => {
  const { status, headers, body } = await pages.readable(endpoint)(call('POST', '/', { origin }))
  expect([status, body]).toEqual([201, 'POST'])
  expect(headers).toMatchObject({ date: 'today', 'access-control-allow-origin': origin })
})

test('Other origins, and programs, see nothing of it', async () => {
  for (const headers of [{}, { origin: 'https://other.test' }, { origin: 'http://localhost:3000' }] as Record<
    string,
    string
  >[]) {
    expect((await pages.readable(endpoint)(call('POST', '/', headers))).headers).toEqual({ date: 'today' })
    expect(pages.isPreflight(call('OPTIONS', '/', { ...asks, origin: '', ...headers }))).toBe(false)
  }
  expect(allowedPages([]).readable(endpoint)).toBe(endpoint)
})

test.each([
  ['the request itself', 'POST', '/', asks],
  ['a path', 'OPTIONS', '/bucket', asks],
  ['a query', 'OPTIONS', '/?delete', asks],
  ['another method', 'OPTIONS', '/', { ...asks, 'access-control-request-method': 'GET' }],
  ['a form to a bucket', 'OPTIONS', '/', { ...asks, 'access-control-request-headers': 'x-a' }],
  ['no headers', 'OPTIONS', '/', { origin, 'access-control-request-method': 'POST' }],
])('It is no preflight of these services: %s', (_, method, target, headers) => {
  expect(pages.isPreflight(call(method, target, headers))).toBe(false)
})
