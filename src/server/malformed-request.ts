import type { HttpAnswer } from '../protocol/http.ts'

/** S3's answer to what is no HTTP request, whoever was meant; the connection is of no more use. */
export function malformedRequest(): HttpAnswer & { body: string } {
  const words = 'An error occurred when parsing the HTTP request.'
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>BadRequest</Code><Message>${words}</Message></Error>`
  return { status: 400, headers: { 'content-type': 'application/xml', connection: 'close' }, body }
}
