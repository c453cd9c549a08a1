// Requests signed beforehand, as bytes ready for a socket, so that the server is measured and not the client.
import { createHash } from 'node:crypto'
import { loadSource } from '../load-source.mjs'

// The very functions that the emulator verifies with.
const signature = await loadSource('src/protocol/signature-v4.ts')

/**
 * One signed request.
 * @param request.query names and values, as they are sorted
 * @param request.unsignedPayload leave the body's hash out of the signature (large bodies, as over TLS)
 */
export function signedRequest({
  method,
  host,
  path,
  query = [],
  service,
  headers = {},
  body = Buffer.alloc(0),
  ...more
}) {
  const { unsignedPayload } = more
  const time = signature.formatTime(Date.now())
  const scope = { date: time.slice(0, 8), region: 'us-east-1', service }
  const payloadHash = unsignedPayload ? 'UNSIGNED-PAYLOAD' : createHash('sha256').update(body).digest('hex')
  const contentHash = service === 's3' ? { 'x-amz-content-sha256': payloadHash } : {}
  const all = { ...headers, ...contentHash, host, 'x-amz-date': time }
  const signedHeaders = Object.keys(all).sort()
  const canonical = signature.canonicalRequest({ method, path, query, headers: all, signedHeaders, payloadHash })
  const text = signature.stringToSign(time, scope, canonical)
  const proof = signature.hmacHex(signature.signingKey('test', scope), text)
  const credential = `test/${scope.date}/us-east-1/${service}/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${proof}`
  const lines = Object.entries({ ...all, authorization, 'content-length': body.length })
  const search = query.length > 0 ? `?${query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')}` : ''
  const head = `${method} ${path}${search} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  return Buffer.concat([Buffer.from(head), body])
}
