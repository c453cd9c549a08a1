import { signV2, stringToSignV2 } from '../../src/protocol/signature-v2.ts'
import type { Headers, Reply } from './table.ts'

/* Requests the SDK does not send: anonymous ones, and ones signed as S3's first clients did (Signature Version 2). */

export type Way = 'anonymous' | 'SigV2 header' | 'SigV2 query'
export const ways: readonly Way[] = ['anonymous', 'SigV2 header', 'SigV2 query']

export interface PlainRequest {
  method: string
  path: string
  /** With its question mark. */
  query?: string
  headers?: Headers
  body?: string
}

/** Sends a request by hand, as user `test` or as nobody. */
export async function sendPlainly(endpoint: string, way: Way, request: PlainRequest, now: number): Promise<Reply> {
  const { method, path, query = '', headers = {}, body } = request
  const signed = way === 'anonymous' ? { headers, query } : signedBy(way, request, now)
  const contentType: Headers = body === undefined ? {} : { 'content-type': 'text/plain' }
  const url = `${endpoint}${path}${signed.query || query}`
  const answer = await fetch(url, { method, body, headers: { ...contentType, ...signed.headers } })
  return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
}

function signedBy(way: Way, { method, path, query = '', headers = {}, body }: PlainRequest, now: number) {
  const contentType: Headers = body === undefined ? {} : { 'content-type': 'text/plain' }
  const pairs = [...new URLSearchParams(query)]
  const common = { method, path, query: pairs }
  if (way === 'SigV2 header') {
    const dated = { ...headers, 'x-amz-date': new Date(now).toUTCString() }
    const signature = signV2('test', stringToSignV2({ ...common, headers: { ...contentType, ...dated } }))
    return { headers: { ...dated, authorization: `AWS test:${signature}` }, query }
  }
  const expires = String(Math.floor(now / 1000) + 600)
  const signature = signV2('test', stringToSignV2({ ...common, headers: { ...contentType, ...headers }, expires }))
  const parameters = new URLSearchParams({ AWSAccessKeyId: 'test', Expires: expires, Signature: signature })
  return { headers, query: query === '' ? `?${parameters}` : `${query}&${parameters}` }
}
