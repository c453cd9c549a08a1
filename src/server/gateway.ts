import type { IncomingMessage } from 'node:http'
import { type HttpAnswer, respond } from '../protocol/http.ts'
import { renderXml } from '../protocol/rest-xml.ts'

/*
 * One port for several services. Who is meant is read from, in this order:
 *
 *   the SigV4 scope     Credential=AKID/20260101/us-east-1/kms/aws4_request   (header or query)
 *   the target          X-Amz-Target: TrentService.Encrypt
 *   the form            Action=GetCallerIdentity&Version=2011-06-15            (STS; AssumeRole comes unsigned too)
 *   else                it is S3
 */

export type ServiceName = 's3' | 'kms' | 'cloudtrail' | 'sts'
type Choice = { service: ServiceName } | { missing: string; protocol: 'json' | 'query' | 'rest' }

/** Chooses the service that a request is meant for. */
export function chooseService(incoming: IncomingMessage): Choice {
  const { headers, url = '/' } = incoming
  const scope = scopeOf(headers.authorization) ?? scopeOf(url)
  const target = headerOf(incoming, 'x-amz-target')
  if (isService(scope)) return { service: scope }
  if (scope === undefined) return chooseUnsigned(incoming, target)
  if (target !== undefined) return { missing: scope, protocol: 'json' }
  return { missing: scope, protocol: isForm(incoming) || /[?&]Action=/.test(url) ? 'query' : 'rest' }
}

function chooseUnsigned(incoming: IncomingMessage, target: string | undefined): Choice {
  const { url = '/' } = incoming
  if (target !== undefined) {
    const service = serviceOfTarget(target)
    return service ? { service } : { missing: target.split('.')[0] ?? target, protocol: 'json' }
  }
  if (/[?&]Version=2011-06-15(&|$)/.test(url)) return { service: 'sts' }
  const isRoot = url === '/' || url.startsWith('/?')
  return { service: isRoot && incoming.method === 'POST' && isForm(incoming) ? 'sts' : 's3' }
}

function serviceOfTarget(target: string): ServiceName | undefined {
  if (target.startsWith('TrentService.')) return 'kms'
  return /^(com\.amazonaws\.cloudtrail\.|CloudTrail_20131101\.)/.test(target) ? 'cloudtrail' : undefined
}

/** The service named in a credential scope; in a URL its slashes are escaped. */
function scopeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const match = /Credential=[^,&]*?(?:\/|%2F)\d{8}(?:\/|%2F)[^/,&%]*(?:\/|%2F)([^/,&%]+)(?:\/|%2F)aws4_request/i.exec(
    text,
  )
  return match?.[1]
}

function isService(name: string | undefined): name is ServiceName {
  return name === 's3' || name === 'kms' || name === 'cloudtrail' || name === 'sts'
}

function isForm(incoming: IncomingMessage): boolean {
  return headerOf(incoming, 'content-type')?.startsWith('application/x-www-form-urlencoded') ?? false
}

function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Says in the caller's own protocol that a service is not here. */
export function missingService(missing: string, protocol: 'json' | 'query' | 'rest', requestId: string): Response {
  const message = `The service '${missing}' is not here: this emulator has S3, KMS, CloudTrail (LookupEvents) and STS.`
  return respond(protocol === 'query' ? queryError(message, requestId) : jsonError(message, requestId, protocol))
}

function jsonError(message: string, requestId: string, protocol: 'json' | 'rest'): HttpAnswer {
  const code = 'UnknownOperationException'
  const body = JSON.stringify(protocol === 'json' ? { __type: code, message } : { message })
  return {
    status: protocol === 'json' ? 400 : 404,
    headers: {
      'content-type': protocol === 'json' ? 'application/x-amz-json-1.1' : 'application/json',
      'x-amzn-errortype': code,
      'x-amzn-requestid': requestId,
    },
    body,
  }
}

function queryError(message: string, requestId: string): HttpAnswer {
  const content = { Error: { Type: 'Sender', Code: 'InvalidAction', Message: message }, RequestId: requestId }
  return {
    status: 400,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: renderXml('ErrorResponse', content),
  }
}
