import type { HttpAnswer } from '../protocol/http.ts'
import { renderXml } from '../protocol/rest-xml.ts'

/** How a client reads errors: AWS JSON, the Query protocol of STS and its like, REST with JSON, S3's XML. */
export type ErrorProtocol = 'json' | 'query' | 'rest' | 's3'

/** Why a request reaches no service. */
export interface GatewayError {
  code: string
  message: string
  /** AWS JSON answers 400 to what is 403 or 404 elsewhere. */
  status: { json: number; query: number; rest: number; s3: number }
}

/** An error of the gateway's own, in the client's protocol. */
export function gatewayError(protocol: ErrorProtocol, error: GatewayError, requestId: string): HttpAnswer {
  const { code, message } = error
  const status = error.status[protocol]
  if (protocol === 's3') return s3Error(status, code, message, requestId)
  if (protocol === 'query') return queryError(status, code, message, requestId)
  const headers = {
    'content-type': protocol === 'json' ? 'application/x-amz-json-1.1' : 'application/json',
    'x-amzn-errortype': code,
    'x-amzn-requestid': requestId,
  }
  const body = JSON.stringify(protocol === 'json' ? { __type: code, message } : { message })
  return { status, headers, body }
}

function s3Error(status: number, Code: string, Message: string, RequestId: string): HttpAnswer {
  const headers = { 'content-type': 'application/xml', 'x-amz-request-id': RequestId, server: 'AmazonS3' }
  return { status, headers, body: renderXml('Error', { Code, Message, RequestId }) }
}

function queryError(status: number, Code: string, Message: string, RequestId: string): HttpAnswer {
  const content = { Error: { Type: 'Sender', Code, Message }, RequestId }
  const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': RequestId }
  return { status, headers, body: renderXml('ErrorResponse', content) }
}
