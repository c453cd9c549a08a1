import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { AwsError } from '../aws/errors.ts'
import { authenticate, authenticateAwsJson } from './authenticate.ts'
import { headersOf } from './presigned.ts'
import { callOf, credentials, example } from './signing.fixture.ts'

const now = Date.parse('2013-05-24T00:00:00Z')

/** Fragments that lead deep into the checks, and noise between them. */
const fragment = fc.oneof(
  fc.constantFrom(
    'AWS4-HMAC-SHA256 ',
    'AWS ',
    `Credential=${example.accessKeyId}/20130524/us-east-1/s3/aws4_request`,
    'Credential=unknown/20130524/us-east-1/kms/aws4_request',
    ',SignedHeaders=host;x-amz-date;x-amz-content-sha256',
    ',Signature=0',
    `${example.accessKeyId}:sig`,
    '&X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `&X-Amz-Credential=${example.accessKeyId}/20130524/us-east-1/s3/aws4_request`,
    '&X-Amz-Date=20130524T000000Z',
    '&X-Amz-SignedHeaders=host',
    '&X-Amz-Expires=60',
    '&X-Amz-Signature=0',
    `&AWSAccessKeyId=${example.accessKeyId}`,
    '&Signature=x',
    '&Expires=2000000000',
    '%',
    '%ff',
    '/',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const text = fc.array(fragment, { maxLength: 9 }).map((fragments) => fragments.join(''))
const date = fc.oneof(fc.constantFrom('20130524T000000Z', 'Fri, 24 May 2013 00:00:00 GMT', '99991231T235959Z'), text)
const hash = fc.oneof(fc.constantFrom('UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'), text)
const headers = fc.record(
  { authorization: text, 'x-amz-date': date, date, 'x-amz-content-sha256': hash, host: text, 'x-amz-meta-a': text },
  { requiredKeys: [] },
)

function errorOf(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return error instanceof AwsError && error.status < 500 ? undefined : error
  }
}

test('Whatever a client sends, it gets in or gets an error of AWS’s', () => {
  const options = { credentials, now, region: 'us-east-1' }
  fc.assert(
    fc.property(text, headers, (target, sent) => {
      const call = callOf('PUT', `/${target}?${target}`, sent)
      expect(errorOf(() => authenticate(call, options))).toBeUndefined()
      expect(errorOf(() => authenticateAwsJson(call, new Uint8Array(), { ...options, service: 'kms' }))).toBeUndefined()
      expect(errorOf(() => headersOf(call))).toBeUndefined()
    }),
    { numRuns: 300 },
  )
})
