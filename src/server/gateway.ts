import { readAuthorization } from '../protocol/authorization-header.ts'
import type { HttpAnswer, RequestHead } from '../protocol/http.ts'
import { readQuery } from '../protocol/query.ts'
import { cutCredential, terminator } from '../protocol/signature-v4.ts'
import { readWebsiteHost } from '../protocol/website-host.ts'
import { type ErrorProtocol, gatewayError } from './gateway-errors.ts'

/*
 * One port for several services. Who is meant is read from, in this order:
 *
 *   the host            BUCKET.s3-website.localhost: a bucket as a website, whatever else is said
 *   the SigV4 scope     Credential=AKID/20260101/us-east-1/kms/aws4_request   (header or query)
 *   the target          X-Amz-Target: TrentService.Encrypt
 *   the form            Action=GetCallerIdentity&Version=2011-06-15            (STS; IAM's version is 2010-05-08)
 *   else                it is S3
 */

export type ServiceName = 's3' | 'website' | 'kms' | 'cloudtrail' | 'sts' | 'iam'
type Choice = { service: ServiceName } | { missing: string; protocol: 'json' | 'query' | 'rest' }

/**
 * Chooses the service that a request is meant for.
 * @param head as the endpoint will read it: what routes a request is what its signature covers
 */
export function chooseService(method: string | undefined, head: RequestHead): Choice {
  if (readWebsiteHost(head.headers.host)) return { service: 'website' }
  const parameters = readQuery(head.query)?.parameters ?? noParameters
  const scope = scopeOf(head, parameters)
  const target = head.headers['x-amz-target']
  if (isService(scope)) return { service: scope }
  if (scope === undefined) return chooseUnsigned(method, head, parameters, target)
  if (target !== undefined) return { missing: scope, protocol: 'json' }
  return { missing: scope, protocol: isForm(head) || parameters.has('Action') ? 'query' : 'rest' }
}

const noParameters: ReadonlyMap<string, string> = new Map()

function chooseUnsigned(
  method: string | undefined,
  head: RequestHead,
  parameters: ReadonlyMap<string, string>,
  target: string | undefined,
): Choice {
  if (target !== undefined) {
    const service = serviceOfTarget(target)
    return service ? { service } : { missing: target.split('.', 1)[0] ?? target, protocol: 'json' }
  }
  if (parameters.get('Version') === '2011-06-15') return { service: 'sts' }
  if (parameters.get('Version') === '2010-05-08') return { service: 'iam' }
  return { service: head.path === '/' && method === 'POST' && isForm(head) ? 'sts' : 's3' }
}

function serviceOfTarget(target: string): ServiceName | undefined {
  if (target.startsWith('TrentService.')) return 'kms'
  return /^(com\.amazonaws\.cloudtrail\.|CloudTrail_20131101\.)/.test(target) ? 'cloudtrail' : undefined
}

/** The service named in the credential scope of a signature, in the header or in the query. */
function scopeOf({ headers }: RequestHead, parameters: ReadonlyMap<string, string>): string | undefined {
  const { authorization } = headers
  const inHeader = authorization === undefined ? undefined : readAuthorization(authorization).credential
  const credential = inHeader || parameters.get('X-Amz-Credential')
  if (credential === undefined) return undefined
  const { accessKeyId, scope, terminal } = cutCredential(credential)
  if (accessKeyId === '' || scope.service === '' || terminal !== terminator) return undefined
  return /^\d{8}$/.test(scope.date) ? scope.service : undefined
}

function isService(name: string | undefined): name is ServiceName {
  return name === 's3' || name === 'kms' || name === 'cloudtrail' || name === 'sts' || name === 'iam'
}

function isForm({ headers }: RequestHead): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
}

/** Says in the caller's own protocol that a service is not here. */
export function missingService(missing: string, protocol: 'json' | 'query' | 'rest', requestId: string): HttpAnswer {
  const message = `The service '${missing}' is not here: this emulator has S3, KMS, IAM, STS and CloudTrail.`
  const code = protocol === 'query' ? 'InvalidAction' : 'UnknownOperationException'
  return gatewayError(protocol, { code, message, status: missingStatus }, requestId)
}

const missingStatus = { json: 400, query: 400, rest: 404, s3: 404 }

/** Refuses a request before any service sees it, in the protocol of the one it is meant for. */
export function deny(method: string, head: RequestHead, message: string, requestId: string): HttpAnswer {
  const protocol = protocolOf(chooseService(method, head))
  const code = protocol === 'json' ? 'AccessDeniedException' : 'AccessDenied'
  return gatewayError(protocol, { code, message, status: deniedStatus }, requestId)
}

const deniedStatus = { json: 400, query: 403, rest: 403, s3: 403 }

function protocolOf(choice: Choice): ErrorProtocol {
  if ('missing' in choice) return choice.protocol
  if (choice.service === 's3' || choice.service === 'website') return 's3'
  return choice.service === 'sts' || choice.service === 'iam' ? 'query' : 'json'
}
