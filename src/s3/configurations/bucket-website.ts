import { enumeration, list, required, string, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

/*
 * A bucket as a website: either everything is redirected to a host, or there is an index document, and perhaps an error document and
 * rules. What it does is in `website/`. Source: PutBucketWebsite in the Amazon S3 API Reference and "Hosting a static website" in the
 * User Guide (evidence: s3-website-configuration).
 */

const Protocol = enumeration(['http', 'https'], () =>
  s3Errors.InvalidRequest(
    'Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.',
  ),
)

const Redirect = structure({
  HostName: string(),
  HttpRedirectCode: string(),
  Protocol,
  ReplaceKeyPrefixWith: string(),
  ReplaceKeyWith: string(),
})

const RoutingRule = structure({
  Condition: structure({ HttpErrorCodeReturnedEquals: string(), KeyPrefixEquals: string() }),
  Redirect: required(Redirect),
})
export type RoutingRule = ValueOf<typeof RoutingRule>

const WebsiteConfiguration = structure({
  ErrorDocument: structure({ Key: required(string()) }),
  IndexDocument: structure({ Suffix: required(string()) }),
  RedirectAllRequestsTo: structure({ HostName: required(string()), Protocol }),
  RoutingRules: list('RoutingRule', RoutingRule),
})
export type Website = ValueOf<typeof WebsiteConfiguration>

const mostRules = 50

export const BucketWebsite = bucketConfiguration({
  name: 'website',
  subresource: 'website',
  root: 'WebsiteConfiguration',
  shape: WebsiteConfiguration,
  get: { name: 'GetBucketWebsite', action: 's3:GetBucketWebsite' },
  put: { name: 'PutBucketWebsite', action: 's3:PutBucketWebsite' },
  delete: { name: 'DeleteBucketWebsite', action: 's3:DeleteBucketWebsite' },
  absent({ name }) {
    throw s3Errors.NoSuchWebsiteConfiguration(name)
  },
  check(website) {
    if (website.RedirectAllRequestsTo) checkRedirectOfAll(website)
    else checkDocuments(website)
    return website
  },
})

/** @throws AwsError InvalidArgument, InvalidRequest */
function checkRedirectOfAll({ RedirectAllRequestsTo, ...others }: Website): void {
  if (Object.values(others).some((other) => other !== undefined)) {
    throw s3Errors.InvalidArgument(
      'RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.',
      'RedirectAllRequestsTo',
      'not null',
    )
  }
  if (RedirectAllRequestsTo?.HostName === '') {
    throw s3Errors.InvalidRequest('A host name must be provided to redirect all requests (e.g. "example.com").')
  }
}

/** @throws AwsError InvalidArgument, InvalidRequest, MalformedXML */
function checkDocuments({ IndexDocument, ErrorDocument, RoutingRules }: Website): void {
  if (!IndexDocument) {
    throw s3Errors.InvalidArgument(
      'A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty',
      'IndexDocument',
      'null',
    )
  }
  const { Suffix } = IndexDocument
  if (Suffix === '' || Suffix.includes('/')) {
    throw s3Errors.InvalidArgument('The IndexDocument Suffix is not well formed', 'IndexDocument', Suffix)
  }
  if (ErrorDocument?.Key === '') {
    throw s3Errors.InvalidArgument('The ErrorDocument Key is not well formed', 'ErrorDocument', '')
  }
  if (!RoutingRules) return
  if (RoutingRules.length === 0) throw s3Errors.MalformedXML()
  if (RoutingRules.length > mostRules) {
    throw s3Errors.InvalidRequest(`The number of routing rules must not exceed ${mostRules}.`)
  }
  for (const rule of RoutingRules) checkRule(rule)
}

function checkRule({ Condition, Redirect }: RoutingRule): void {
  const { ReplaceKeyPrefixWith, ReplaceKeyWith, HttpRedirectCode } = Redirect
  if (ReplaceKeyPrefixWith !== undefined && ReplaceKeyWith !== undefined) {
    throw s3Errors.InvalidRequest('You can only define ReplaceKeyPrefix or ReplaceKey but not both.')
  }
  if (Condition && Object.values(Condition).every((value) => value === undefined)) {
    throw s3Errors.InvalidRequest(
      "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
    )
  }
  checkCode(Condition?.HttpErrorCodeReturnedEquals, (code) => code >= 400 && code < 600, 'error', '4XX or 5XX')
  checkCode(HttpRedirectCode, (code) => code > 300 && code < 400, 'redirect', '3XX except 300')
}

function checkCode(code: string | undefined, isValid: (code: number) => boolean, kind: string, valid: string): void {
  if (code === undefined) return
  if (!/^\d{1,9}$/.test(code)) throw s3Errors.MalformedXML()
  if (isValid(Number(code))) return
  throw s3Errors.InvalidRequest(`The provided HTTP ${kind} code (${code}) is not valid. Valid codes are ${valid}.`)
}
