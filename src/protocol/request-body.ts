import { createHash } from 'node:crypto'
import { checksumAlgorithms } from '../crypto/checksums.ts'
import type { Authentication, RequestBody } from './authentication.ts'
import { authenticationErrors } from './authentication-errors.ts'
import { decodeAwsChunked } from './aws-chunked.ts'
import type { HttpCall } from './http.ts'

/** Trailers that S3 accepts: the checksums. */
const trailerNames = new Set(checksumAlgorithms.map((algorithm) => `x-amz-checksum-${algorithm.toLowerCase()}`))

/**
 * A request's body as its signature says it is to be read: plain, hashed as a whole, or in aws-chunked frames.
 * Nothing is read before `bytes` is iterated.
 * @throws AwsError MissingContentLength where frames come without x-amz-decoded-content-length; InvalidRequest for a
 * trailer that S3 does not know
 */
export function readRequestBody(call: HttpCall, { payload }: Pick<Authentication, 'payload'>): RequestBody {
  const trailers: Record<string, string> = Object.create(null)
  const source = untilCutOff(call.body)
  if (payload.coding !== 'aws-chunked') {
    const length = readLength(call.headers['content-length'])
    const counted = length === undefined ? source : exactly(source, length)
    const bytes = payload.coding === 'sha256' ? verified(counted, payload.digest) : counted
    return { length, bytes, trailers, announcedTrailers: [] }
  }
  const length = readLength(call.headers['x-amz-decoded-content-length'])
  if (length === undefined) throw authenticationErrors.MissingContentLength()
  const announcedTrailers = payload.trailer ? readAnnounced(call.headers['x-amz-trailer']) : []
  const chunked = { coding: payload, decodedLength: length, announcedTrailers, trailers }
  return { length, bytes: decodeAwsChunked(source, chunked), trailers, announcedTrailers }
}

function readLength(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function readAnnounced(header = ''): string[] {
  const names = header.toLowerCase().split(',')
  const announced = names.map((name) => name.trim()).filter((name) => name !== '')
  if (announced.every((name) => trailerNames.has(name))) return announced
  throw authenticationErrors.InvalidRequest('The value specified in the x-amz-trailer header is not supported')
}

/** A client that goes away in the middle shows as an error of Node's; to S3 it is a body that is not whole. */
async function* untilCutOff(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await pieces.next().catch(cutOff)
      if (done) return
      yield value
    }
  } finally {
    await pieces.return?.()
  }
}

function cutOff(): never {
  throw authenticationErrors.IncompleteBody()
}

async function* exactly(source: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let rest = length
  for await (const piece of source) {
    rest -= piece.length
    if (rest < 0) break
    yield piece
  }
  if (rest !== 0) throw authenticationErrors.IncompleteBody()
}

async function* verified(source: AsyncIterable<Uint8Array>, declared: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const piece of source) {
    hash.update(piece)
    yield piece
  }
  const computed = hash.digest('hex')
  if (computed !== declared) throw authenticationErrors.XAmzContentSHA256Mismatch(declared, computed)
}
