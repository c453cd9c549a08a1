import { expect, test } from '@jest/globals'
import { authenticationErrors } from './authentication-errors.ts'

// Source: S3's API reference, "Error responses"; the words of details as S3 sends them.
test.each([
  [authenticationErrors.AccessDenied(), 403, 'Access Denied'],
  [authenticationErrors.AccessDenied('Request has expired', { Expires: 'then' }), 403, 'Request has expired'],
  [authenticationErrors.AuthorizationHeaderMalformed('so'), 400, 'The authorization header is malformed; so'],
  [authenticationErrors.AuthorizationQueryParametersError('so'), 400, 'so'],
  [authenticationErrors.ExpiredToken(), 400, 'The provided token has expired.'],
  [
    authenticationErrors.IncompleteBody(),
    400,
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  ],
  [
    authenticationErrors.InvalidAccessKeyId('A'),
    403,
    'The AWS Access Key Id you provided does not exist in our records.',
  ],
  [authenticationErrors.InvalidArgument('so', 'name', 'value'), 400, 'so'],
  [
    authenticationErrors.InvalidChunkSizeError(2, 7),
    400,
    'Only the last chunk is allowed to have a size less than 8192 bytes',
  ],
  [authenticationErrors.InvalidRequest('so'), 400, 'so'],
  [authenticationErrors.InvalidToken(), 400, 'The provided token is malformed or otherwise invalid.'],
  [authenticationErrors.InvalidURI(), 400, "Couldn't parse the specified URI."],
  [
    authenticationErrors.MalformedTrailerError(),
    400,
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  ],
  [authenticationErrors.MissingContentLength(), 411, 'You must provide the Content-Length HTTP header.'],
  [
    authenticationErrors.RequestTimeout(),
    400,
    'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
  ],
  [
    authenticationErrors.RequestTimeTooSkewed('a', 'b'),
    403,
    'The difference between the request time and the current time is too large.',
  ],
  [
    authenticationErrors.XAmzContentSHA256Mismatch('a', 'b'),
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  ],
])('%s has S3’s status and words', (error, status, message) => {
  expect(error).toMatchObject({ status, message })
})

test('Errors carry the details that S3 sends beside them', () => {
  expect(authenticationErrors.AccessDenied('', { Expires: 'then' }).details).toEqual({ Expires: 'then' })
  expect(authenticationErrors.AccessDenied().details).toEqual({})
  expect(authenticationErrors.InvalidAccessKeyId('A').details).toEqual({ AWSAccessKeyId: 'A' })
  expect(authenticationErrors.InvalidArgument('', 'n', 'v').details).toEqual({ ArgumentName: 'n', ArgumentValue: 'v' })
  expect(authenticationErrors.InvalidChunkSizeError(2, 7).details).toEqual({ Chunk: 2, BadChunkSize: 7 })
  expect(authenticationErrors.RequestTimeTooSkewed('a', 'b').details).toEqual({
    RequestTime: 'a',
    ServerTime: 'b',
    MaxAllowedSkewMilliseconds: 900_000,
  })
  expect(authenticationErrors.XAmzContentSHA256Mismatch('a', 'b').details).toEqual({
    ClientComputedContentSHA256: 'a',
    S3ComputedContentSHA256: 'b',
  })
})

test('A signature of another Region tells the Region expected, in the body and in a header; others tell none', () => {
  for (const make of [
    authenticationErrors.AuthorizationHeaderMalformed,
    authenticationErrors.AuthorizationQueryParametersError,
  ]) {
    expect(make('so', 'eu-west-1')).toMatchObject({
      details: { Region: 'eu-west-1' },
      headers: { 'x-amz-bucket-region': 'eu-west-1' },
    })
    expect(make('so').headers).toEqual({})
    expect(make('so').details.Region).toBeUndefined()
  }
})

test('A signature that does not match shows the bytes of what was signed, two digits and a space', () => {
  const proof = { accessKeyId: 'A', stringToSign: 'a\nb', signature: '0', canonicalRequest: 'é' }
  expect(authenticationErrors.SignatureDoesNotMatch(proof)).toMatchObject({
    status: 403,
    message:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    details: {
      AWSAccessKeyId: 'A',
      StringToSign: 'a\nb',
      SignatureProvided: '0',
      StringToSignBytes: '61 0a 62',
      CanonicalRequest: 'é',
      CanonicalRequestBytes: 'c3 a9',
    },
  })
  const { details } = authenticationErrors.SignatureDoesNotMatch({ stringToSign: '', signature: '' })
  expect(details).toMatchObject({ StringToSignBytes: '' })
  expect([details.CanonicalRequest, details.CanonicalRequestBytes, details.AWSAccessKeyId]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})
