import { flattened, integer, required, string, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

/*
 * Which web pages may read a bucket's answers, and what they may ask for. Who is asking is nothing it decides: permissions are. What it
 * does is in `http/cors.ts`. Source: PutBucketCors and "Elements of a CORS configuration" in the Amazon S3 documentation
 * (evidence: s3-cors-configuration).
 */

/** In the order of AWS's model; a rule without a method or an origin is MalformedXML. */
const CORSRule = structure({
  ID: string({ max: 255 }),
  AllowedHeaders: flattened('AllowedHeader', string()),
  AllowedMethods: required(flattened('AllowedMethod', string())),
  AllowedOrigins: required(flattened('AllowedOrigin', string())),
  ExposeHeaders: flattened('ExposeHeader', string()),
  MaxAgeSeconds: integer(),
})
export type CorsRule = ValueOf<typeof CORSRule>

const mostRules = 100
const largestDocument = 64 << 10

export const BucketCors = bucketConfiguration({
  name: 'cors',
  subresource: 'cors',
  root: 'CORSConfiguration',
  shape: structure({ CORSRules: required(flattened('CORSRule', CORSRule)) }),
  get: { name: 'GetBucketCors', action: 's3:GetBucketCORS' },
  put: { name: 'PutBucketCors', action: 's3:PutBucketCORS', digest: 'required', largest: largestDocument },
  delete: { name: 'DeleteBucketCors', action: 's3:PutBucketCORS' },
  absent({ name }) {
    throw s3Errors.NoSuchCORSConfiguration(name)
  },
  check({ CORSRules }) {
    if (CORSRules.length > mostRules) {
      throw s3Errors.InvalidRequest(`The number of CORS rules should not exceed allowed limit of ${mostRules} rules.`)
    }
    for (const rule of CORSRules) checkRule(rule)
    return { CORSRules }
  },
})

const methods = new Set(['GET', 'PUT', 'HEAD', 'POST', 'DELETE'])
/** Characters of a header's name: a token of RFC 9110. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/

/** @throws AwsError InvalidRequest for the first fault, in S3's words */
function checkRule({ AllowedMethods, AllowedOrigins, AllowedHeaders = [], ExposeHeaders = [] }: CorsRule): void {
  for (const method of AllowedMethods) {
    if (!methods.has(method)) refuse(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`)
  }
  for (const origin of AllowedOrigins) checkWildcards('AllowedOrigin', origin)
  for (const header of AllowedHeaders) {
    checkWildcards('AllowedHeader', header)
    checkToken('AllowedHeader', header)
  }
  for (const header of ExposeHeaders) {
    if (header.includes('*')) {
      refuse(`ExposeHeader "${header}" contains wildcard. We currently do not support wildcard for ExposeHeader.`)
    }
    checkToken('ExposeHeader', header)
  }
}

function checkWildcards(element: string, value: string): void {
  if (value.indexOf('*') !== value.lastIndexOf('*'))
    refuse(`${element} "${value}" can not have more than one wildcard.`)
}

function checkToken(element: string, value: string): void {
  if (!token.test(value)) refuse(`${element} "${value}" contains invalid character.`)
}

function refuse(message: string): never {
  throw s3Errors.InvalidRequest(message)
}
