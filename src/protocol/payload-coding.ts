import type { PayloadCoding } from './authentication.ts'
import { authenticationErrors } from './authentication-errors.ts'

type ChunkSigning = Extract<PayloadCoding, { coding: 'aws-chunked' }>['signing']

const allowedValues =
  'UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, ' +
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, ' +
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.'

/**
 * How a body is to be read, from the value of `x-amz-content-sha256`. The ECDSA forms belong to SigV4a, which is refused
 * before, with its algorithm.
 * @param signing what chunk signatures continue from; undefined where they cannot be checked
 * @throws AwsError InvalidArgument
 */
export function payloadCoding(declared: string, signing?: ChunkSigning): PayloadCoding {
  switch (declared) {
    case 'UNSIGNED-PAYLOAD':
      return { coding: 'unsigned' }
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { coding: 'aws-chunked', trailer: true }
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return { coding: 'aws-chunked', trailer: false, signing }
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { coding: 'aws-chunked', trailer: true, signing }
  }
  if (/^[0-9a-f]{64}$/i.test(declared)) return { coding: 'sha256', digest: declared.toLowerCase() }
  const name = 'x-amz-content-sha256'
  throw authenticationErrors.InvalidArgument(`${name} must be ${allowedValues}`, name, declared)
}

/**
 * How a body is to be read that no SigV4 signature speaks of (SigV2, anonymous): as declared, or else as its
 * Content-Encoding says. Over TLS botocore frames such bodies for their trailing checksum, and declares nothing.
 * @throws AwsError InvalidArgument
 */
export function unsignedPayloadCoding(headers: Readonly<Record<string, string>>): PayloadCoding {
  const declared = headers['x-amz-content-sha256']
  if (declared !== undefined) return payloadCoding(declared)
  const codings = (headers['content-encoding'] ?? '').split(',').map((coding) => coding.trim())
  const framed = codings.includes('aws-chunked') && headers['x-amz-decoded-content-length'] !== undefined
  return framed ? { coding: 'aws-chunked', trailer: true } : { coding: 'unsigned' }
}
