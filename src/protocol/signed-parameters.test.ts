import { expect, test } from '@jest/globals'
import { authenticate } from './authenticate.ts'
import { headersOf } from './presigned.ts'
import { caller, callFrom, credentials, signer } from './signing.fixture.ts'

/* Parameters of a signed URL that stand for headers. */

const now = Date.parse('2013-05-24T00:00:00Z')
const options = { credentials, now, region: 'us-east-1' }
const target = { method: 'PUT', protocol: 'http:', hostname: 'localhost', query: { 'x-id': 'PutObject' }, path: '/b/k' }

test('What is signed as a header may come in the query: version 2 of the JavaScript SDK presigns so', async () => {
  const features = { 'x-amz-acl': 'public-read', 'x-amz-storage-class': 'GLACIER' }
  const unhoistableHeaders = new Set(Object.keys(features))
  const signed = await signer('s3').presign(
    { ...target, query: { ...target.query, ...features }, headers: { ...unsigned, ...features } },
    { signingDate: new Date(now), expiresIn: 60, unhoistableHeaders },
  )
  const { 'x-amz-acl': acl, 'x-amz-storage-class': __, ...headers } = callFrom(signed).headers
  expect(acl).toBe('public-read')
  const call = { ...callFrom(signed), headers }
  expect(call.query).toContain('X-Amz-SignedHeaders=host%3Bx-amz-acl%3Bx-amz-storage-class')
  expect(authenticate(call, options).caller).toEqual(caller)
  expect(headersOf(call)).toMatchObject(features)
  const otherwise = { ...call, headers: { ...headers, 'x-amz-acl': 'private' } }
  expect(() => authenticate(otherwise, options)).toThrow('The request signature we calculated does not match')
})

const unsigned = { host: 'localhost', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }

test('A condition in the query of a signed URL counts, whatever is sent beside it', async () => {
  const signed = await signer('s3').presign(
    { ...target, headers: { ...unsigned, 'if-none-match': '*' } },
    { signingDate: new Date(now), expiresIn: 60, hoistableHeaders: new Set(['if-none-match']) },
  )
  const call = callFrom(signed)
  expect(call.query).toContain('if-none-match=%2A')
  expect(authenticate(call, options).caller).toEqual(caller)
  expect(headersOf(call)['if-none-match']).toBe('*')
  const beside = { ...call, headers: { ...call.headers, 'if-none-match': '"x"' } }
  expect(authenticate(beside, options).caller).toEqual(caller)
  expect(headersOf(beside)['if-none-match']).toBe('*')
})
