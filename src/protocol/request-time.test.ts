import { expect, test } from '@jest/globals'
import { authenticate } from './authenticate.ts'
import { canonicalRequest, emptySha256, hmacHex, signingKey, stringToSign } from './signature-v4.ts'
import { caller, callOf, credentials, example } from './signing.fixture.ts'

const now = Date.UTC(2013, 4, 24)
const scope = { date: '20130524', region: 'us-east-1', service: 's3' }

/** A GET that is signed for this time, and names it in these headers. */
function signedCall(dates: Record<string, string>) {
  const headers: Record<string, string> = { host: 'localhost', 'x-amz-content-sha256': emptySha256, ...dates }
  const signedHeaders = Object.keys(headers).sort()
  const parts = { method: 'GET', path: '/b/k', query: [], headers, signedHeaders, payloadHash: emptySha256 }
  const text = stringToSign('20130524T000000Z', scope, canonicalRequest(parts))
  const signature = hmacHex(signingKey(example.secretAccessKey, scope), text)
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${example.accessKeyId}/20130524/us-east-1/s3/aws4_request, ` +
    `SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
  return callOf('GET', '/b/k', { ...headers, authorization })
}
const authenticated = (dates: Record<string, string>) =>
  authenticate(signedCall(dates), { credentials, now, region: 'us-east-1' })

const basic = '20130524T000000Z'
const ofHttp = 'Fri, 24 May 2013 00:00:00 GMT'

test.each<Record<string, string>>([
  { 'x-amz-date': basic },
  { 'x-amz-date': basic, date: 'Thu, 23 May 2013 00:00:00 GMT' },
  { date: basic },
  { date: ofHttp },
])('The time of a request is told by %j', (dates) => {
  expect(authenticated(dates)).toMatchObject({ caller, signature: 'SigV4', method: 'AuthHeader' })
})

test.each<Record<string, string>>([
  { 'x-amz-date': ofHttp },
  { 'x-amz-date': ofHttp, date: basic },
  { 'x-amz-date': '' },
  { date: 'soon' },
  {},
])('The time of a request is not told by %j', (dates) => {
  expect(() => authenticated(dates)).toThrow('AWS authentication requires a valid Date or x-amz-date header')
})
