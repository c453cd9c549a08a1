import { createHash, createHmac } from 'node:crypto'
import { signer } from '../src/protocol/signing.fixture.ts'
import type { Reply } from './sse-table/table.ts'

/*
 * Requests as user `test` that the SDK does not send: bodies in frames of our own making, headers it would refuse.
 *
 *   HEXSIZE[;chunk-signature=SIG]␍␊ bytes ␍␊ … 0[;chunk-signature=SIG]␍␊ [name:value␍␊ … [x-amz-trailer-signature:SIG␍␊]] ␍␊
 */

export interface SignedRequest {
  method: string
  path: string
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: Buffer
  /** Undefined: the body goes as it is, its hash in the signature. */
  frames?: Frames
}

export interface Frames {
  /** Whether each chunk is signed (STREAMING-AWS4-HMAC-SHA256-PAYLOAD…), or none is. */
  signed: boolean
  trailers?: Record<string, string>
  chunkSize?: number
  /** What happens to the frames on their way. */
  change?(framed: Buffer): Buffer
}

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

/** @param now of the emulator's clock */
export async function sendSigned(endpoint: string, request: SignedRequest, now: number): Promise<Reply> {
  const { method, path, query = {}, headers = {}, body = Buffer.alloc(0), frames } = request
  const { protocol, hostname, port, host } = new URL(endpoint)
  const unsigned = {
    method,
    protocol,
    hostname,
    port: Number(port),
    path,
    query,
    headers: { host, ...headers, ...payloadHeaders(body, frames) },
  }
  const signed = await signer('s3', credentials).sign(unsigned, { signingDate: new Date(now) })
  const framed = frames ? frame(body, frames, chainOf(signed.headers)) : body
  const sent = frames?.change?.(framed) ?? framed
  const { host: _, ...own } = signed.headers
  const search = new URLSearchParams(query).toString()
  const hasBody = method === 'PUT' || method === 'POST'
  const url = `${endpoint}${path}${search && `?${search}`}`
  const answer = await fetch(url, { method, headers: own, ...(hasBody && { body: new Uint8Array(sent) }) })
  return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
}

function payloadHeaders(body: Buffer, frames: Frames | undefined): Record<string, string> {
  if (!frames) return { 'x-amz-content-sha256': sha256(body) }
  const { signed, trailers } = frames
  const form = signed ? 'AWS4-HMAC-SHA256-PAYLOAD' : 'UNSIGNED-PAYLOAD'
  return {
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': `STREAMING-${form}${trailers ? '-TRAILER' : ''}`,
    'x-amz-decoded-content-length': String(body.length),
    ...(trailers && { 'x-amz-trailer': Object.keys(trailers).join(',') }),
  }
}

/** Signs one thing after another, each signature over the one before. */
type Chain = (algorithm: string, ...hashes: string[]) => string

function chainOf(headers: Record<string, string>): Chain {
  const { authorization = '', 'x-amz-date': date = '' } = headers
  const [, scope = '', seed = ''] = /Credential=[^/]+\/([^,]+).*Signature=([0-9a-f]{64})/.exec(authorization) ?? []
  const key = scope.split('/').reduce<string | Buffer>((before, part) => hmac(before, part), 'AWS4test')
  let before = seed
  return (algorithm, ...hashes) => {
    before = hmac(key, [algorithm, date, scope, before, ...hashes].join('\n')).toString('hex')
    return before
  }
}

function frame(body: Buffer, { signed, trailers, chunkSize = 8192 }: Frames, sign: Chain): Buffer {
  const pieces: Buffer[] = []
  for (let offset = 0; offset <= body.length + chunkSize - 1; offset += chunkSize) {
    const chunk = body.subarray(offset, offset + chunkSize)
    const signature = signed
      ? `;chunk-signature=${sign('AWS4-HMAC-SHA256-PAYLOAD', sha256(Buffer.alloc(0)), sha256(chunk))}`
      : ''
    pieces.push(Buffer.from(`${chunk.length.toString(16)}${signature}\r\n`), chunk)
    if (chunk.length === 0) break
    pieces.push(Buffer.from('\r\n'))
  }
  for (const [name, value] of Object.entries(trailers ?? {})) pieces.push(Buffer.from(`${name}:${value}\r\n`))
  if (signed && trailers) {
    const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}\n`)
    const signature = sign('AWS4-HMAC-SHA256-TRAILER', sha256(Buffer.from(lines.join(''))))
    pieces.push(Buffer.from(`x-amz-trailer-signature:${signature}\r\n`))
  }
  return Buffer.concat([...pieces, Buffer.from('\r\n')])
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
