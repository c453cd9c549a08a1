import { createHmac } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { AwsError } from '../aws/errors.ts'
import { authenticate } from './authenticate.ts'
import type { HttpCall } from './http.ts'
import { headersOf } from './presigned.ts'
import { caller, callOf, credentials, example } from './signing.fixture.ts'

const { accessKeyId, secretAccessKey } = example
const now = Date.parse('Tue, 27 Mar 2007 19:40:00 +0000')
const options = { credentials, now, region: 'us-east-1' }
const host = 'awsexamplebucket1.us-west-1.s3.amazonaws.com'

function refusal(
  call: HttpCall,
  changed: Partial<typeof options> & { virtualBucket?: string } = {},
): Partial<AwsError> {
  try {
    authenticate(call, { ...options, ...changed })
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return { code: error.code, message: error.message, details: error.details }
  }
  return {}
}

const hmac = (text: string) => createHmac('sha1', secretAccessKey).update(text).digest('base64')

// "Signing and authenticating REST requests": the strings to sign are the page's own.
test.each<[name: string, method: string, target: string, headers: Record<string, string>, stringToSign: string]>([
  [
    'Object GET',
    'GET',
    '/photos/puppy.jpg',
    { date: 'Tue, 27 Mar 2007 19:36:42 +0000' },
    'GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/awsexamplebucket1/photos/puppy.jpg',
  ],
  [
    'Object PUT',
    'PUT',
    '/photos/puppy.jpg',
    { 'content-type': 'image/jpeg', date: 'Tue, 27 Mar 2007 19:36:42 +0000' },
    'PUT\n\nimage/jpeg\nTue, 27 Mar 2007 19:36:42 +0000\n/awsexamplebucket1/photos/puppy.jpg',
  ],
  [
    'List',
    'GET',
    '/?prefix=photos&max-keys=50&marker=puppy',
    { date: 'Tue, 27 Mar 2007 19:42:41 +0000' },
    'GET\n\n\nTue, 27 Mar 2007 19:42:41 +0000\n/awsexamplebucket1/',
  ],
  [
    'Fetch of a sub-resource',
    'GET',
    '/?acl',
    { date: 'Tue, 27 Mar 2007 19:44:46 +0000' },
    'GET\n\n\nTue, 27 Mar 2007 19:44:46 +0000\n/awsexamplebucket1/?acl',
  ],
  [
    'Delete with x-amz-date',
    'DELETE',
    '/photos/puppy.jpg',
    { date: 'Tue, 27 Mar 2007 21:20:27 +0000', 'x-amz-date': 'Tue, 27 Mar 2007 19:36:26 +0000' },
    'DELETE\n\n\n\nx-amz-date:Tue, 27 Mar 2007 19:36:26 +0000\n/awsexamplebucket1/photos/puppy.jpg',
  ],
])('The example of SigV2 in the header is accepted: %s', (_name, method, target, headers, stringToSign) => {
  const authorization = `AWS ${accessKeyId}:${hmac(stringToSign)}`
  const call = callOf(method, target, { host, authorization, ...headers })
  const virtual = { ...options, virtualBucket: 'awsexamplebucket1' }
  expect(authenticate(call, virtual)).toMatchObject({
    caller,
    signature: 'SigV2',
    method: 'AuthHeader',
    region: 'us-east-1',
  })
  expect(refusal(call)).toMatchObject({ code: 'SignatureDoesNotMatch' })
})

test('The page’s published signature is the one computed', () => {
  const authorization = `AWS ${accessKeyId}:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=`
  const call = callOf('GET', '/photos/puppy.jpg', { authorization, date: 'Tue, 27 Mar 2007 19:36:42 +0000' })
  expect(refusal(call, { virtualBucket: 'awsexamplebucket1' })).toEqual({})
})

test('SigV2 in the header gets S3’s words', () => {
  const date = 'Tue, 27 Mar 2007 19:36:42 +0000'
  const call = (headers: Record<string, string>) => callOf('GET', '/b/k', headers)
  expect(refusal(call({ authorization: 'AWS x', date })).code).toBe('InvalidArgument')
  expect(refusal(call({ authorization: 'AWS nobody:x', date })).code).toBe('InvalidAccessKeyId')
  expect(refusal(call({ authorization: 'AWS unknown:x', date }))).toEqual({})
  expect(refusal(call({ authorization: `AWS ${accessKeyId}:x` })).message).toBe(
    'AWS authentication requires a valid Date or x-amz-date header',
  )
  expect(refusal(call({ authorization: `AWS ${accessKeyId}:x`, date }), { now: now + 3_600_000 }).code).toBe(
    'RequestTimeTooSkewed',
  )
  expect(refusal(call({ authorization: `AWS ${accessKeyId}:x`, date })).details).toMatchObject({
    AWSAccessKeyId: accessKeyId,
    SignatureProvided: 'x',
    StringToSign: `GET\n\n\n${date}\n/b/k`,
  })
})

/** A URL as botocore's HmacV1QueryAuth makes it: headers that count go to the query. */
function presign(method: string, path: string, parameters: Record<string, string>, stringToSign: string): HttpCall {
  const query = new URLSearchParams({
    ...parameters,
    AWSAccessKeyId: accessKeyId,
    Expires: '1175024500',
    Signature: hmac(stringToSign),
  })
  return callOf(method, `${path}?${query}`)
}

test('A SigV2 URL is accepted until it expires, sub-resources and hoisted headers signed', () => {
  const get = presign(
    'GET',
    '/b/k',
    { versionId: 'a b', 'x-id': 'GetObject' },
    'GET\n\n\n1175024500\n/b/k?versionId=a b',
  )
  expect(authenticate(get, options)).toMatchObject({ caller, signature: 'SigV2', method: 'QueryString' })
  const parameters = { 'content-type': 'text/plain', 'x-amz-acl': 'private' }
  const put = presign('PUT', '/b/k', parameters, 'PUT\n\ntext/plain\n1175024500\nx-amz-acl:private\n/b/k')
  expect(refusal(put)).toEqual({})
  expect(headersOf(put)).toEqual({ 'x-amz-acl': 'private' })
  expect(refusal({ ...put, headers: { 'x-amz-meta-a': '1' } }).code).toBe('SignatureDoesNotMatch')
  expect(refusal(get, { now: 1175024501_000 })).toMatchObject({
    code: 'AccessDenied',
    message: 'Request has expired',
    details: { Expires: '2007-03-27T19:41:40Z', ServerTime: '2007-03-27T19:41:41Z' },
  })
})

test('A bucket alone is signed as it is written, or with a slash behind it as botocore does', () => {
  expect(refusal(presign('GET', '/b', { encryption: '' }, 'GET\n\n\n1175024500\n/b?encryption'))).toEqual({})
  expect(refusal(presign('GET', '/b', { encryption: '' }, 'GET\n\n\n1175024500\n/b/?encryption'))).toEqual({})
  expect(refusal(presign('GET', '/', {}, 'GET\n\n\n1175024500\n/'))).toEqual({})
  const otherwise = presign('GET', '/b/k', {}, 'GET\n\n\n1175024500\n/b/k/')
  expect(refusal(otherwise).code).toBe('SignatureDoesNotMatch')
})

test('What SigV2 signed for a bucket is not signed for a sub-resource of it', () => {
  const date = 'Tue, 27 Mar 2007 19:36:42 +0000'
  const authorization = `AWS ${accessKeyId}:${hmac(`DELETE\n\n\n${date}\n/b/`)}`
  const call = (target: string) => callOf('DELETE', target, { authorization, date })
  expect(refusal(call('/b/'))).toEqual({})
  for (const name of ['encryption', 'ownershipControls', 'publicAccessBlock', 'policy'])
    expect(refusal(call(`/b/?${name}`)).code).toBe('SignatureDoesNotMatch')
})

test('A SigV2 URL needs its three parameters', () => {
  const call = presign('GET', '/b/k', {}, '')
  for (const name of ['AWSAccessKeyId', 'Signature', 'Expires']) {
    const query = call.query.replace(new RegExp(`${name}=[^&]*&?`), '')
    expect(refusal({ ...call, query })).toMatchObject({
      code: 'AccessDenied',
      message: 'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    })
  }
  expect(refusal({ ...call, query: call.query.replace('1175024500', 'soon') }).code).toBe('AccessDenied')
})
