import { createHash } from 'node:crypto'
import type { PayloadCoding } from './authentication.ts'
import { authenticationErrors } from './authentication-errors.ts'
import { ByteReader } from './byte-reader.ts'
import { emptySha256, equalInConstantTime, hmacHex, sha256Hex } from './signature-v4.ts'

/**
 * The aws-chunked content coding (S3 API reference, "Signature calculations … transferring payload in multiple chunks" and
 * "… including trailing headers"):
 *
 *   HEXSIZE[;chunk-signature=SIG]␍␊ bytes ␍␊ … 0[;chunk-signature=SIG]␍␊ [name:value␍␊ … [x-amz-trailer-signature:SIG␍␊]] ␍␊
 *   chunk's string to sign   = AWS4-HMAC-SHA256-PAYLOAD ¶ time ¶ scope ¶ signature before ¶ SHA256("") ¶ SHA256(bytes)
 *   trailer's string to sign = AWS4-HMAC-SHA256-TRAILER ¶ time ¶ scope ¶ signature before ¶ SHA256("name:value␊"…)
 *
 * Bytes are passed on before their chunk's signature is verified: a failure at its end fails the whole request (evidence: s3-chunked).
 */
export interface ChunkedBody {
  coding: Extract<PayloadCoding, { coding: 'aws-chunked' }>
  /** x-amz-decoded-content-length */
  decodedLength: number
  /** Names that may and must come as trailers, lower case. */
  announcedTrailers: readonly string[]
  /** Filled with the trailers, once all is read. */
  trailers: Record<string, string>
}

const smallestChunk = 8192
const longestChunkLine = 256
const longestTrailerLine = 8192
const chunkLine = /^([0-9a-f]{1,13})(?:;chunk-signature=([0-9a-f]{64}))?$/i

/**
 * Takes the payload out of its frames.
 * @throws AwsError IncompleteBody, InvalidChunkSizeError, SignatureDoesNotMatch, MalformedTrailerError
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Uint8Array>,
  body: ChunkedBody,
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(source)
  const proof = new ChunkProof(body.coding)
  try {
    yield* decodeChunks(reader, proof, body.decodedLength)
    await readTrailers(reader, proof, body)
  } finally {
    await reader.close()
  }
}

async function* decodeChunks(reader: ByteReader, proof: ChunkProof, decodedLength: number): AsyncGenerator<Uint8Array> {
  let rest = decodedLength
  for (let number = 1, before = smallestChunk; ; number += 1) {
    const { size, signature } = readChunkLine(await reader.line(longestChunkLine))
    if (size > 0 && before < smallestChunk) throw authenticationErrors.InvalidChunkSizeError(number - 1, before)
    if (size > rest) throw authenticationErrors.IncompleteBody()
    for (let missing = size; missing > 0; ) {
      const bytes = reader.buffered(missing)
      if (!bytes && !(await reader.fill())) throw authenticationErrors.IncompleteBody()
      if (!bytes) continue
      missing -= bytes.length
      proof.update(bytes)
      yield bytes
    }
    proof.verifyChunk(signature)
    if (size === 0) break
    if ((await reader.line(0)) !== '') throw authenticationErrors.IncompleteBody()
    rest -= size
    before = size
  }
  if (rest > 0) throw authenticationErrors.IncompleteBody()
}

function readChunkLine(line = ''): { size: number; signature?: string } {
  const [, size, signature] = chunkLine.exec(line) ?? []
  if (size === undefined) throw authenticationErrors.IncompleteBody()
  return { size: Number.parseInt(size, 16), signature }
}

/** The chain of signatures; does nothing where there is none to check. */
class ChunkProof {
  readonly #signing
  #before = ''
  #hash

  constructor({ signing }: ChunkedBody['coding']) {
    this.#signing = signing
    this.#before = signing?.seed ?? ''
    this.#hash = signing && createHash('sha256')
  }

  /** Whether signatures are checked here. */
  get required(): boolean {
    return this.#signing !== undefined
  }

  update(bytes: Uint8Array): void {
    this.#hash?.update(bytes)
  }

  verifyChunk(signature: string | undefined): void {
    if (!this.#hash) return
    const digest = this.#hash.digest('hex')
    this.#hash = createHash('sha256')
    this.#verify('AWS4-HMAC-SHA256-PAYLOAD', `${emptySha256}\n${digest}`, signature ?? '')
  }

  verifyTrailers(lines: string, signature: string): void {
    this.#verify('AWS4-HMAC-SHA256-TRAILER', sha256Hex(lines), signature)
  }

  #verify(algorithm: string, hashes: string, signature: string): void {
    if (!this.#signing) return
    const { key, date, scope } = this.#signing
    const stringToSign = `${algorithm}\n${date}\n${scope}\n${this.#before}\n${hashes}`
    const computed = hmacHex(key, stringToSign)
    if (!equalInConstantTime(computed, signature.toLowerCase())) {
      throw authenticationErrors.SignatureDoesNotMatch({ signature, stringToSign })
    }
    this.#before = computed
  }
}

/** Reads to the end of the body. Blank lines may stand between trailers: AWS's own example has them. */
async function readTrailers(reader: ByteReader, proof: ChunkProof, body: ChunkedBody): Promise<void> {
  const { coding, announcedTrailers, trailers } = body
  let lines = ''
  let signature: string | undefined
  for (
    let text = await reader.line(longestTrailerLine);
    text !== undefined;
    text = await reader.line(longestTrailerLine)
  ) {
    if (text === '') continue
    const colon = text.indexOf(':')
    const name = text.slice(0, colon).toLowerCase().trim()
    const value = text.slice(colon + 1).trim()
    if (name === 'x-amz-trailer-signature') {
      signature = value
      continue
    }
    if (!coding.trailer || !announcedTrailers.includes(name) || Object.hasOwn(trailers, name)) throw malformedTrailer()
    trailers[name] = value
    lines += `${name}:${value}\n`
  }
  if (reader.cutShort) throw coding.trailer ? malformedTrailer() : authenticationErrors.IncompleteBody()
  if (!coding.trailer) return
  if (announcedTrailers.some((name) => !Object.hasOwn(trailers, name))) throw malformedTrailer()
  if (!proof.required) return
  if (signature === undefined) throw malformedTrailer()
  proof.verifyTrailers(lines, signature)
}

function malformedTrailer(): Error {
  return authenticationErrors.MalformedTrailerError()
}
