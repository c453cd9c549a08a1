import { expect, test } from '@jest/globals'
import { AwsError } from '../aws/errors.ts'
import { authenticate } from './authenticate.ts'
import type { HttpCall } from './http.ts'
import { headersOf } from './presigned.ts'
import { emptySha256 } from './signature-v4.ts'
import { caller, callFrom, callOf, credentials, example, signer } from './signing.fixture.ts'
import { encodeUriPath, type QueryPair } from './uri.ts'

const now = Date.parse('2013-05-24T00:00:00Z')
const options = { credentials, now, region: 'us-east-1' }
const host = 'examplebucket.s3.amazonaws.com'

/** The code, message and details of the error that authenticating a call throws. */
function refusal(call: HttpCall, changed: Partial<typeof options> = {}): Partial<AwsError> {
  try {
    authenticate(call, { ...options, ...changed })
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return { code: error.code, message: error.message, status: error.status, details: error.details }
  }
  return {}
}

const scope = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'
const authorization = (signedHeaders: string, signature: string) =>
  `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=${signedHeaders},Signature=${signature}`

// The four examples of "Signature Calculations for the Authorization Header" in the S3 API reference.
const examples: [name: string, call: HttpCall][] = [
  [
    'GET Object',
    callOf('GET', '/test.txt', {
      host,
      range: 'bytes=0-9',
      'x-amz-content-sha256': emptySha256,
      'x-amz-date': '20130524T000000Z',
      authorization: authorization(
        'host;range;x-amz-content-sha256;x-amz-date',
        'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      ),
    }),
  ],
  [
    'PUT Object',
    callOf('PUT', '/test$file.text', {
      host,
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-date': '20130524T000000Z',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      authorization: authorization(
        'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
        '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      ),
    }),
  ],
  [
    'GET Bucket Lifecycle',
    callOf('GET', '/?lifecycle', {
      host,
      'x-amz-date': '20130524T000000Z',
      'x-amz-content-sha256': emptySha256,
      authorization: authorization(
        'host;x-amz-content-sha256;x-amz-date',
        'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
      ),
    }),
  ],
  [
    'GET Bucket (List Objects)',
    callOf('GET', '/?max-keys=2&prefix=J', {
      host,
      'x-amz-date': '20130524T000000Z',
      'x-amz-content-sha256': emptySha256,
      authorization: authorization(
        'host;x-amz-content-sha256;x-amz-date',
        '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
      ),
    }),
  ],
]

test.each(examples)("AWS's example of SigV4 in the header is accepted: %s", (_name, call) => {
  expect(authenticate(call, options)).toMatchObject({
    caller,
    signature: 'SigV4',
    method: 'AuthHeader',
    region: 'us-east-1',
  })
})

const [, getObject = callOf('GET', '/')] = examples[0] ?? []
const withHeaders = (headers: Record<string, string>) => ({
  ...getObject,
  headers: { ...getObject.headers, ...headers },
})
const without = (name: string) => ({
  ...getObject,
  headers: Object.fromEntries(Object.entries(getObject.headers).filter(([found]) => found !== name)),
})
const authorize = (from: string, to: string) =>
  withHeaders({ authorization: (getObject.headers.authorization ?? '').replace(from, to) })

test('A wrong signature shows what was signed, and its bytes', () => {
  const { code, status, details } = refusal(withHeaders({ range: 'bytes=0-8' }))
  expect([code, status]).toEqual(['SignatureDoesNotMatch', 403])
  expect(details).toMatchObject({
    AWSAccessKeyId: example.accessKeyId,
    SignatureProvided: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  })
  expect(details?.CanonicalRequest).toContain('range:bytes=0-8\n')
  expect(details?.StringToSign).toMatch(
    /^AWS4-HMAC-SHA256\n20130524T000000Z\n20130524\/us-east-1\/s3\/aws4_request\n[0-9a-f]{64}$/,
  )
  expect(details?.StringToSignBytes).toMatch(/^41 57 53 34 /)
  expect(details?.CanonicalRequestBytes).toMatch(/^47 45 54 0a /)
})

const malformed = 'The authorization header is malformed; '
test.each([
  [
    authorize('AKIAIOSFODNN7EXAMPLE', 'NOBODY'),
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records.',
  ],
  [without('x-amz-date'), 'AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header'],
  [
    withHeaders({ 'x-amz-date': '20139924T000000Z' }),
    'AccessDenied',
    'AWS authentication requires a valid Date or x-amz-date header',
  ],
  [without('x-amz-content-sha256'), 'InvalidRequest', 'Missing required header for this request: x-amz-content-sha256'],
  [
    withHeaders({ 'x-amz-meta-a': '1', 'x-amz-acl': 'private' }),
    'AccessDenied',
    'There were headers present in the request which were not signed',
  ],
  [
    authorize('/s3/', '/kms/'),
    'AuthorizationHeaderMalformed',
    `${malformed}incorrect service "kms". This endpoint belongs to "s3".`,
  ],
  [
    authorize('aws4_request', 'aws5'),
    'AuthorizationHeaderMalformed',
    `${malformed}incorrect terminal "aws5". This endpoint uses "aws4_request".`,
  ],
  [
    authorize('20130524/', ''),
    'AuthorizationHeaderMalformed',
    `${malformed}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`,
  ],
  [
    authorize('20130524/', '20130525/'),
    'AuthorizationHeaderMalformed',
    `${malformed}Invalid credential date "20130525". This date is not the same as X-Amz-Date: "20130524".`,
  ],
  [authorize(',Signature=', ',X='), 'AuthorizationHeaderMalformed', `${malformed}missing Signature.`],
  [authorize('Credential=', 'X='), 'AuthorizationHeaderMalformed', `${malformed}missing Credential.`],
  [authorize('SignedHeaders=', 'X='), 'AuthorizationHeaderMalformed', `${malformed}missing SignedHeaders.`],
  [
    withHeaders({ authorization: 'AWS4-HMAC-SHA256' }),
    'AuthorizationHeaderMalformed',
    `${malformed}the authorization header requires three components: Credential, SignedHeaders, and Signature.`,
  ],
  [
    authorize('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1'),
    'InvalidRequest',
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  ],
  [withHeaders({ authorization: 'Bearer x' }), 'InvalidArgument', 'Unsupported Authorization Type'],
  [
    withHeaders({ 'x-amz-security-token': 'x' }),
    'InvalidToken',
    'The provided token is malformed or otherwise invalid.',
  ],
  [{ ...getObject, path: '/%ff' }, 'InvalidURI', "Couldn't parse the specified URI."],
  [
    { ...getObject, query: 'Signature=x' },
    'InvalidArgument',
    'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
  ],
])('A header that is wrong gets S3’s own words (%#)', (call, code, message) => {
  expect(refusal(call)).toMatchObject({ code, message })
})

test('A body hash that is none is refused', () => {
  expect(refusal(withHeaders({ 'x-amz-content-sha256': 'abc' }))).toMatchObject({
    code: 'InvalidArgument',
    details: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: 'abc' },
  })
})

test('The unsigned headers are listed', () => {
  const { details } = refusal(withHeaders({ 'x-amz-meta-a': '1', 'x-amz-acl': 'private' }))
  expect(details).toEqual({ HeadersNotSigned: 'x-amz-acl, x-amz-meta-a' })
})

test('A clock may be off by 15 minutes, not more', () => {
  expect(refusal(getObject, { now: now + 900_000 })).toEqual({})
  expect(refusal(getObject, { now: now - 900_000 })).toEqual({})
  expect(refusal(getObject, { now: now + 901_000 })).toMatchObject({
    code: 'RequestTimeTooSkewed',
    status: 403,
    details: {
      RequestTime: '20130524T000000Z',
      ServerTime: '2013-05-24T00:15:01Z',
      MaxAllowedSkewMilliseconds: 900_000,
    },
  })
})

test('A key taken at its word is not verified, but its form is', () => {
  const call = authorize('AKIAIOSFODNN7EXAMPLE', 'unknown')
  expect(authenticate({ ...call, method: 'PUT' }, options).caller.userName).toBe('unknown')
  expect(refusal(call, { now: now + 901_000 }).code).toBe('RequestTimeTooSkewed')
})

test('Without credentials a caller is anonymous, and a forwarded session is trusted', () => {
  expect(authenticate(callOf('GET', '/b/k'), options)).toMatchObject({
    caller: { type: 'Anonymous' },
    signature: 'none',
  })
  const session = { caller, region: 'eu-west-1', service: 's3' } as const
  expect(authenticate({ ...callOf('GET', '/'), session }, options)).toMatchObject({ caller, region: 'eu-west-1' })
})

test('An anonymous body is framed where its Content-Encoding says so', () => {
  const framed = { 'content-encoding': 'gzip, aws-chunked', 'x-amz-decoded-content-length': '5' }
  const payloadOf = (headers: Record<string, string>) => authenticate(callOf('PUT', '/b/k', headers), options).payload
  expect(payloadOf(framed)).toEqual({ coding: 'aws-chunked', trailer: true })
  expect(payloadOf({ 'content-encoding': 'gzip' })).toEqual({ coding: 'unsigned' })
})

const target = { method: 'PUT', protocol: 'http:', hostname: 'localhost', query: { 'x-id': 'PutObject', b: "a b+'*" } }
const path = encodeUriPath("/bucket/a//b/../c d+é%2F'(*)")
const temporary = { accessKeyId: 'ASIATEMPORARY', secretAccessKey: 'temporary', sessionToken: 'token+/=' }

test('What the AWS SDK signs is accepted, with a session token too', async () => {
  const headers = { host: 'localhost', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'x-amz-meta-a': '  a   b  ü' }
  for (const keys of [example, temporary]) {
    const request = await signer('s3', keys).sign({ ...target, path, headers }, { signingDate: new Date(now) })
    expect(refusal(callFrom(request))).toEqual({})
  }
  const request = await signer('s3', { ...temporary, sessionToken: 'other' }).sign(
    { ...target, path, headers },
    { signingDate: new Date(now) },
  )
  expect(refusal(callFrom(request)).code).toBe('InvalidToken')
})

test('A plus in a path is a space to the signature, too', async () => {
  const headers = { host: 'localhost', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
  const signed = { ...target, path: '/bucket/a%20b%2Bc', headers }
  const call = callFrom(await signer('s3').sign(signed, { signingDate: new Date(now) }))
  expect(refusal({ ...call, path: '/bucket/a+b%2Bc' })).toEqual({})
  expect(refusal({ ...call, path: '/bucket/a%20b+c' }).code).toBe('SignatureDoesNotMatch')
})

async function presign(headers: Record<string, string> = {}, keys = example, expiresIn = 60): Promise<HttpCall> {
  const request = {
    ...target,
    path,
    headers: { host: 'localhost', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers },
  }
  return callFrom(await signer('s3', keys).presign(request, { signingDate: new Date(now), expiresIn }))
}

test('A presigned URL of the AWS SDK is accepted, and its parameters stand for headers', async () => {
  const call = await presign({ 'x-amz-storage-class': 'STANDARD_IA', 'x-amz-checksum-crc32': 'AAAAAA==' }, temporary)
  expect(authenticate(call, options)).toMatchObject({
    signature: 'SigV4',
    method: 'QueryString',
    payload: { coding: 'unsigned' },
  })
  expect(headersOf(call)).toEqual({
    host: 'localhost',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-security-token': 'token+/=',
  })
})

test("AWS's example of a presigned URL is accepted", () => {
  const query =
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
    '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
    '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404'
  expect(refusal(callOf('GET', `/test.txt?${query}`, { host }))).toEqual({})
  expect(refusal(callOf('GET', `/test.txt?${query}&versionId=1`, { host })).code).toBe('SignatureDoesNotMatch')
})

test('A header that a presigned URL did not sign is refused, also where the URL carries it', async () => {
  const call = await presign({ 'x-amz-acl': 'private' })
  const message = 'There were headers present in the request which were not signed'
  const sent = { ...call, headers: { ...call.headers, 'x-amz-acl': 'private' } }
  expect(refusal(sent)).toMatchObject({ code: 'AccessDenied', message, details: { HeadersNotSigned: 'x-amz-acl' } })
})

test('A presigned URL has its time', async () => {
  const call = await presign()
  expect(refusal(call, { now: now + 60_000 })).toEqual({})
  expect(refusal(call, { now: now + 61_000 })).toMatchObject({
    code: 'AccessDenied',
    message: 'Request has expired',
    details: { 'X-Amz-Expires': 60, Expires: '2013-05-24T00:01:00Z', ServerTime: '2013-05-24T00:01:01Z' },
  })
  expect(refusal(call, { now: now - 901_000 })).toMatchObject({
    code: 'AccessDenied',
    message: 'Request is not valid yet',
  })
})

test('Every part of a presigned URL is needed, and has its form', async () => {
  const call = await presign()
  const six = [
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Signature',
    'X-Amz-Date',
    'X-Amz-SignedHeaders',
    'X-Amz-Expires',
  ]
  for (const name of six) {
    const query = call.query.replace(new RegExp(`&${name}=[^&]*`), '')
    expect(refusal({ ...call, query })).toMatchObject({
      code: 'AuthorizationQueryParametersError',
      status: 400,
      message: `Query-string authentication version 4 requires the ${six[0]}, ${six[1]}, ${six[2]}, ${six[3]}, ${six[4]}, and ${six[5]} parameters.`,
    })
  }
  const prefix = 'Error parsing the X-Amz-Credential parameter; '
  const changes: [from: RegExp, to: string, message: string][] = [
    [
      /Expires=60/,
      'Expires=604801',
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    ],
    [/Expires=60/, 'Expires=-1', 'X-Amz-Expires must be non-negative'],
    [/Expires=60/, 'Expires=soon', 'X-Amz-Expires should be a number'],
    [/%2Fs3%2F/, '%2Fec2%2F', `${prefix}incorrect service "ec2". This endpoint belongs to "s3".`],
    [
      /%2F20130524%2F/,
      '%2F2013%2F',
      `${prefix}incorrect date format "2013". This date in the credential must be in the format "yyyyMMdd".`,
    ],
    [
      /%2F20130524%2F/,
      '%2F20130525%2F',
      'Invalid credential date "20130525". This date is not the same as X-Amz-Date: "20130524".',
    ],
    [
      /Credential=[^&]*/,
      'Credential=x',
      `${prefix}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`,
    ],
  ]
  for (const [from, to, message] of changes) {
    expect(refusal({ ...call, query: call.query.replace(from, to) })).toMatchObject({
      code: 'AuthorizationQueryParametersError',
      message,
    })
  }
})

test('Parameters of a query may stand in any order', async () => {
  const call = await presign()
  const pairs: QueryPair[] = call.query.split('&').map((pair) => [pair, ''] as const)
  expect(
    refusal({
      ...call,
      query: pairs
        .reverse()
        .map(([pair]) => pair)
        .join('&'),
    }),
  ).toEqual({})
})
