import { errorCatalogue } from '../aws/errors.ts'

const bad = (message: string) => ({ message, status: 400 })

export const credentialForm =
  'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'

/** SDKs read the bucket's Region from this header and ask again there. */
function expectedRegion(region: string | undefined): Record<string, string> {
  return region === undefined ? {} : { 'x-amz-bucket-region': region }
}

/** S3's errors of authentication and of reading a body, in its own words (evidence: s3-signature-errors). */
export const authenticationErrors = errorCatalogue({
  AccessDenied: (message = 'Access Denied', details: Record<string, string | number> = {}) => ({
    message,
    status: 403,
    details,
  }),
  AuthorizationHeaderMalformed: (fault: string, region?: string) => ({
    message: `The authorization header is malformed; ${fault}`,
    status: 400,
    details: { Region: region },
    headers: expectedRegion(region),
  }),
  AuthorizationQueryParametersError: (message: string, region?: string) => ({
    message,
    status: 400,
    details: { Region: region },
    headers: expectedRegion(region),
  }),
  ExpiredToken: () => bad('The provided token has expired.'),
  IncompleteBody: () => bad('You did not provide the number of bytes specified by the Content-Length HTTP header'),
  InvalidAccessKeyId: (accessKeyId: string) => ({
    message: 'The AWS Access Key Id you provided does not exist in our records.',
    status: 403,
    details: { AWSAccessKeyId: accessKeyId },
  }),
  InvalidArgument: (message: string, name: string, value: string) => ({
    message,
    status: 400,
    details: { ArgumentName: name, ArgumentValue: value },
  }),
  InvalidChunkSizeError: (chunk: number, size: number) => ({
    message: 'Only the last chunk is allowed to have a size less than 8192 bytes',
    status: 400,
    details: { Chunk: chunk, BadChunkSize: size },
  }),
  InvalidRequest: (message: string) => bad(message),
  InvalidToken: () => bad('The provided token is malformed or otherwise invalid.'),
  InvalidURI: () => bad("Couldn't parse the specified URI."),
  MalformedTrailerError: () =>
    bad('The request contained trailing data that was not well-formed or did not conform to our published schema.'),
  MissingContentLength: () => ({ message: 'You must provide the Content-Length HTTP header.', status: 411 }),
  RequestTimeout: () =>
    bad(
      'Your socket connection to the server was not read from or written to within the timeout period. ' +
        'Idle connections will be closed.',
    ),
  RequestTimeTooSkewed: (requestTime: string, serverTime: string) => ({
    message: 'The difference between the request time and the current time is too large.',
    status: 403,
    details: { RequestTime: requestTime, ServerTime: serverTime, MaxAllowedSkewMilliseconds: 900_000 },
  }),
  SignatureDoesNotMatch: (proof: {
    /** Unknown where a chunk is wrong. */
    accessKeyId?: string
    stringToSign: string
    signature: string
    canonicalRequest?: string
  }) => ({
    message:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    status: 403,
    details: {
      AWSAccessKeyId: proof.accessKeyId,
      StringToSign: proof.stringToSign,
      SignatureProvided: proof.signature,
      StringToSignBytes: spacedHex(proof.stringToSign),
      CanonicalRequest: proof.canonicalRequest,
      CanonicalRequestBytes: proof.canonicalRequest === undefined ? undefined : spacedHex(proof.canonicalRequest),
    },
  }),
  XAmzContentSHA256Mismatch: (declared: string, computed: string) => ({
    message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
    status: 400,
    details: { ClientComputedContentSHA256: declared, S3ComputedContentSHA256: computed },
  }),
})

/** `41 57 53`: how S3 prints the bytes of a text. */
function spacedHex(text: string): string {
  return Buffer.from(text)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')
}
