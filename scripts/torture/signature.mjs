// Signature Version 4 once more, written from its definition: what the emulator verifies with is not asked to sign.
import { createHash, createHmac } from 'node:crypto'

const keys = new Map()

/** The time as SigV4 writes it. */
export function signatureTime(now = Date.now()) {
  return new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
}

export function sha256(data) {
  return createHash('sha256').update(data).digest('hex')
}

export function hmac(key, text) {
  return createHmac('sha256', key).update(text).digest()
}

/** As AWS encodes: everything but unreserved characters. */
export function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The key of one day, Region and service. */
export function signingKey(secret, day, service, region = 'us-east-1') {
  const name = `${secret}/${day}/${region}/${service}`
  if (!keys.has(name)) {
    keys.set(name, [day, region, service, 'aws4_request'].reduce(hmac, `AWS4${secret}`))
  }
  return keys.get(name)
}

/** @param {[string, string][]} query decoded */
export function queryText(query) {
  return query
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')
}

/**
 * @param {{ method: string, path: string, query?: [string, string][], headers: Record<string, string>, service: string,
 *   user?: string, secret?: string, payloadHash?: string, time?: string }} request
 *   the path as it is sent; headers in lower case, `host` among them
 * @returns the headers, signed, and the signature for chunks that go on from it
 */
export function signed({
  method,
  path,
  query = [],
  headers,
  service,
  user = 'test',
  secret = 'test',
  payloadHash,
  time,
}) {
  const moment = time ?? signatureTime()
  const day = moment.slice(0, 8)
  const contentHash = payloadHash ?? sha256('')
  const all = { ...headers, 'x-amz-date': moment }
  if (service === 's3') all['x-amz-content-sha256'] = contentHash
  const names = Object.keys(all).sort()
  const lines = names.map((name) => `${name}:${String(all[name]).trim().replace(/\s+/g, ' ')}\n`).join('')
  const canonical = [method, path, queryText(query), lines, names.join(';'), contentHash].join('\n')
  const scope = `${day}/us-east-1/${service}/aws4_request`
  const text = `AWS4-HMAC-SHA256\n${moment}\n${scope}\n${sha256(canonical)}`
  const signature = hmac(signingKey(secret, day, service), text).toString('hex')
  const credential = `Credential=${user}/${scope}`
  all.authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { headers: all, signature, time: moment, scope }
}

/**
 * The query of a presigned request, its signature last.
 * @returns {[string, string][]}
 */
export function presignedQuery({ method, path, query = [], headers, expires = 600, time = signatureTime() }) {
  const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`
  const names = Object.keys(headers).sort()
  const all = [
    ...query,
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `test/${scope}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(expires)],
    ['X-Amz-SignedHeaders', names.join(';')],
  ]
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('')
  const canonical = [method, path, queryText(all), lines, names.join(';'), 'UNSIGNED-PAYLOAD'].join('\n')
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`
  return [...all, ['X-Amz-Signature', hmac(signingKey('test', time.slice(0, 8), 's3'), text).toString('hex')]]
}
