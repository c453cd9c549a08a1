import { errorCatalogue } from '../../aws/errors.ts'

/** What a website answers and S3 itself does not. Source: "Error responses" in the Amazon S3 API Reference. */
export const websiteErrors = errorCatalogue({
  IncorrectEndpoint: (Endpoint: string) => ({
    message: 'The specified bucket exists in another region. Please direct requests to the specified endpoint.',
    status: 400,
    details: { Endpoint },
  }),
  /** No error: a key without its slash is answered with this page. */
  Found: (location: string) => ({ message: 'Resource Found', status: 302, headers: { location } }),
  MethodNotAllowed: (Method: string) => ({
    message: 'The specified method is not allowed against this resource.',
    status: 405,
    details: { Method, ResourceType: 'OBJECT' },
    headers: { allow: 'GET, HEAD, OPTIONS' },
  }),
})

/** Regions whose website endpoints have a dash before the Region (AWS: "Amazon S3 endpoints and quotas"). */
const dashedRegions = new Set([
  'ap-northeast-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'eu-west-1',
  'sa-east-1',
  'us-east-1',
  'us-gov-west-1',
  'us-west-1',
  'us-west-2',
])

/** The host at which AWS has the website of a bucket. */
export function websiteEndpoint(bucket: string, region: string): string {
  return `${bucket}.s3-website${dashedRegions.has(region) ? '-' : '.'}${region}.amazonaws.com`
}
