import { STATUS_CODES } from 'node:http'
import type { AwsError } from '../../aws/errors.ts'
import type { HttpAnswer } from '../../protocol/http.ts'
import type { RequestIds } from '../http/request-ids.ts'
import { headerText } from './header-text.ts'

/*
 * An error as websites show it (evidence: s3-website-pages):
 *
 *   <h1>404 Not Found</h1>  <ul> Code, Message, what belongs to the code, RequestId, HostId </ul>
 *   [ <h3>…</h3> <ul> the error of the error document </ul> ]  <hr/>
 *
 * Headers say the same, for a HEAD and beside an error document: x-amz-error-code, x-amz-error-message, x-amz-error-detail-….
 */

const markup: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/**
 * S3's own page on an error; of a HEAD its headers.
 * @param ofDocument why the error document cannot be shown, if there is one
 */
export function errorAnswer(error: AwsError, ids: RequestIds, method: string, ofDocument?: AwsError): HttpAnswer {
  const headers = { 'content-type': 'text/html; charset=utf-8', ...errorHeaders(error), ...error.headers }
  if (method === 'HEAD') return { status: error.status, headers }
  return { status: error.status, headers, body: errorPage(error, ids, ofDocument) }
}

function errorPage(error: AwsError, { requestId, hostId }: RequestIds, ofDocument?: AwsError): string {
  const title = `${error.status} ${STATUS_CODES[error.status] ?? ''}`
  const items = [...linesOf(error), ['RequestId', requestId], ['HostId', hostId]]
  const second = ofDocument
    ? `<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n${list(linesOf(ofDocument))}`
    : ''
  return (
    `<html>\n<head><title>${title}</title></head>\n<body>\n<h1>${title}</h1>\n` +
    `${list(items)}${second}<hr/>\n</body>\n</html>\n`
  )
}

/** What of an error stands in headers. */
export function errorHeaders(error: AwsError): Record<string, string> {
  const headers: Record<string, string> = {
    'x-amz-error-code': error.code,
    'x-amz-error-message': headerText(error.message),
  }
  for (const [name, value] of Object.entries(error.details)) {
    if (value !== undefined) headers[`x-amz-error-detail-${name}`] = headerText(String(value))
  }
  return headers
}

function linesOf({ code, message, details }: AwsError): string[][] {
  const own = Object.entries(details).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return [['Code', code], ['Message', message], ...own]
}

function list(items: readonly string[][]): string {
  const lines = items.map(([name, value = '']) => `<li>${name}: ${escapeHtml(value)}</li>\n`)
  return `<ul>\n${lines.join('')}</ul>\n`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => markup[character] ?? '')
}
