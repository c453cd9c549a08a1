import { createHash, type Hash, hash } from 'node:crypto'
import { bareRecord } from '../aws/bare-record.ts'
import { AwsError } from '../aws/errors.ts'
import { checksumAlgorithms } from '../crypto/checksums.ts'
import type { Authentication, RequestBody } from './authentication.ts'
import { authenticationErrors } from './authentication-errors.ts'
import { decodeAwsChunked } from './aws-chunked.ts'
import type { HttpCall } from './http.ts'
import { observed } from './observed-bytes.ts'

/** Trailers that S3 accepts: the checksums. */
const trailerNames = new Set(checksumAlgorithms.map((algorithm) => `x-amz-checksum-${algorithm.toLowerCase()}`))

/**
 * A request's body as its signature says it is to be read: plain, hashed as a whole, or in aws-chunked frames.
 * Nothing is read before `bytes` is iterated.
 * @throws AwsError MissingContentLength where frames come without x-amz-decoded-content-length; InvalidRequest for a
 * trailer that S3 does not know
 */
export function readRequestBody(call: HttpCall, { payload }: Pick<Authentication, 'payload'>): RequestBody {
  const trailers = bareRecord()
  if (payload.coding !== 'aws-chunked') {
    const length = readLength(call.headers['content-length'])
    const digest = payload.coding === 'sha256' ? payload.digest : undefined
    return { length, bytes: checked(call.body, { length, digest }), trailers, announcedTrailers: [] }
  }
  const length = readLength(call.headers['x-amz-decoded-content-length'])
  if (length === undefined) throw authenticationErrors.MissingContentLength()
  const announcedTrailers = payload.trailer ? readAnnounced(call.headers['x-amz-trailer']) : []
  const chunked = { coding: payload, decodedLength: length, announcedTrailers, trailers }
  return { length, bytes: decodeAwsChunked(checked(call.body, {}), chunked), trailers, announcedTrailers }
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

/**
 * Passes a body on, and at its end holds it against what it was to be. A client that goes away in the middle shows as an error
 * of Node's; to S3 it is a body that is not whole.
 * @throws AwsError IncompleteBody, XAmzContentSHA256Mismatch
 */
function checked(
  source: AsyncIterable<Uint8Array>,
  { length, digest }: { length?: number; digest?: string },
): AsyncIterable<Uint8Array> {
  const sha256 = digest === undefined ? undefined : new Sha256()
  let seen = 0
  return observed(source, {
    piece(bytes) {
      seen += bytes.length
      if (length !== undefined && seen > length) throw authenticationErrors.IncompleteBody()
      sha256?.update(bytes)
    },
    end() {
      if (length !== undefined && seen < length) throw authenticationErrors.IncompleteBody()
      const computed = sha256?.digest()
      if (digest === undefined || computed === digest) return
      throw authenticationErrors.XAmzContentSHA256Mismatch(digest, computed ?? '')
    },
    failed: (error) => (error instanceof AwsError ? error : authenticationErrors.IncompleteBody()),
  })
}

/** SHA-256 of a stream. A small body is one piece, for which Node's one-shot hash takes half the time of one with a state. */
class Sha256 {
  #state: Hash | undefined
  #last: Uint8Array | undefined

  /** @param piece unchanged until the next one comes, or the digest is asked for */
  update(piece: Uint8Array): void {
    if (this.#last) {
      this.#state ??= createHash('sha256')
      this.#state.update(this.#last)
    }
    this.#last = piece
  }

  /** Hex digits. */
  digest(): string {
    const last = this.#last ?? ''
    return this.#state ? this.#state.update(last).digest('hex') : hash('sha256', last, 'hex')
  }
}
