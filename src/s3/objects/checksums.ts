import { createChecksum, loadChecksum } from '../../crypto/checksums.ts'
import { combineChecksums, isCombinable } from '../../crypto/crc-combination.ts'
import { nextTurn } from '../../event-loop.ts'
import type { RequestBody } from '../../protocol/authentication.ts'
import { s3Errors } from '../errors.ts'
import type { ChecksumAlgorithm, StoredChecksum } from '../records/object-record.ts'
import type { Envelope } from '../sse/envelope.ts'

type Headers = Readonly<Record<string, string>>
export type ChecksumType = StoredChecksum['type']

/** Digest lengths in bytes, in the order in which S3 lists the algorithms. */
const digestLengths: Record<ChecksumAlgorithm, number> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
  XXHASH64: 8,
  XXHASH3: 8,
  XXHASH128: 16,
}

/** What S3 computes where nothing was asked for (evidence: s3-checksum-default). */
export const defaultAlgorithm: ChecksumAlgorithm = 'CRC64NVME'

/** Headers that begin as the checksums do and are none. */
const otherHeaders = ['x-amz-checksum-mode', 'x-amz-checksum-type', 'x-amz-checksum-algorithm']

const prefix = 'x-amz-checksum-'

/** A checksum that the client computed: in a header (known now) or in a trailer (known when the body has ended). */
export interface SentChecksum {
  algorithm: ChecksumAlgorithm
  /** base64; undefined: it comes in the trailer */
  value?: string
}

export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(digestLengths, name)
}

/** A checksum as S3 keeps it: encrypted with the object under SSE-KMS and DSSE-KMS (evidence: s3-checksum-kms). */
export function sealChecksum(envelope: Envelope, checksum: StoredChecksum): StoredChecksum {
  if (envelope.scheme !== 'SSE-KMS' && envelope.scheme !== 'DSSE-KMS') return checksum
  const { algorithm, type, value } = checksum
  return { algorithm, type, value: envelope.sealText('checksum', value), sealed: true }
}

/** The value in clear. */
export function openChecksum(envelope: Envelope, checksum: StoredChecksum): StoredChecksum {
  if (!checksum.sealed) return checksum
  return { algorithm: checksum.algorithm, type: checksum.type, value: envelope.openText('checksum', checksum.value) }
}

/**
 * Reads which checksum a request sends with its body. `x-amz-sdk-checksum-algorithm` names its algorithm once more
 * (evidence: s3-checksum-sent).
 * @throws AwsError InvalidRequest
 */
export function readSentChecksum(headers: Headers, body: RequestBody): SentChecksum | undefined {
  const names = body.announcedTrailers.filter((name) => name.startsWith(prefix))
  for (const name in headers) if (name.startsWith(prefix) && !otherHeaders.includes(name)) names.unshift(name)
  const [name, another] = names
  const announced = headers['x-amz-sdk-checksum-algorithm']
  if (name === undefined) {
    if (announced === undefined) return undefined
    throw s3Errors.InvalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  }
  if (another !== undefined) {
    throw s3Errors.InvalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
  }
  const algorithm = name.slice(prefix.length).toUpperCase()
  if (!isChecksumAlgorithm(algorithm)) {
    throw s3Errors.InvalidRequest('The algorithm type you specified in x-amz-checksum- header is invalid.')
  }
  if (announced !== undefined && announced.toUpperCase() !== algorithm) {
    throw s3Errors.InvalidRequest('Value for x-amz-sdk-checksum-algorithm header is invalid.')
  }
  const value = headers[name]
  if (value === undefined) return { algorithm }
  requireDigest(algorithm, value, `${name} header`)
  return { algorithm, value }
}

/**
 * Holds the checksum that was sent against the one computed, once the body has ended.
 * @throws AwsError BadDigest, InvalidRequest
 */
export function verifySentChecksum(sent: SentChecksum, computed: Buffer, trailers: Headers): void {
  const name = prefix + sent.algorithm.toLowerCase()
  const value = sent.value ?? trailers[name] ?? ''
  if (sent.value === undefined) requireDigest(sent.algorithm, value, `${name} trailing header`)
  if (Buffer.from(value, 'base64').equals(computed)) return
  throw s3Errors.BadDigest(`The ${sent.algorithm} you specified did not match the calculated checksum.`)
}

function requireDigest(algorithm: ChecksumAlgorithm, value: string, where: string): void {
  if (isDigestOf(algorithm, value)) return
  throw s3Errors.InvalidRequest(`Value for ${where} is invalid.`)
}

/** Whether a text is base64 of a digest of the algorithm. */
export function isDigestOf(algorithm: ChecksumAlgorithm, text: string): boolean {
  return isBase64Of(digestLengths[algorithm], text)
}

function isBase64Of(length: number, text: string): boolean {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === length && bytes.toString('base64') === text
}

/**
 * Reads Content-MD5.
 * @throws AwsError InvalidDigest
 */
export function readContentMd5(headers: Headers): Buffer | undefined {
  const value = headers['content-md5']
  if (value === undefined) return undefined
  if (!isBase64Of(digestLengths.MD5, value)) throw s3Errors.InvalidDigest(value)
  return Buffer.from(value, 'base64')
}

/** @throws AwsError BadDigest */
export function verifyContentMd5(expected: Buffer, computed: Buffer): void {
  if (expected.equals(computed)) return
  throw s3Errors.BadDigest('The Content-MD5 you specified did not match what we received.', {
    ExpectedDigest: expected.toString('hex'),
    CalculatedDigest: computed.toString('base64'),
  })
}

/**
 * The checksum as GetObjectAttributes tells it: of a composite one without the number of parts, which every other answer has
 * behind it (evidence: s3-checksum-attributes).
 */
export function withoutPartCount({ algorithm, type, value }: StoredChecksum): StoredChecksum {
  return { algorithm, type, value: type === 'COMPOSITE' ? value.replace(/-\d+$/, '') : value }
}

/** The checksum as an answer's headers. */
export function checksumHeaders(checksum: StoredChecksum | undefined): Record<string, string> {
  const headers: Record<string, string> = {}
  if (!checksum) return headers
  headers[prefix + checksum.algorithm.toLowerCase()] = checksum.value
  headers['x-amz-checksum-type'] = checksum.type
  return headers
}

/** The checksum as XML members: `ChecksumCRC32`, and `ChecksumType`. */
export function checksumElements(checksum: StoredChecksum | undefined): Record<string, string> {
  if (!checksum) return {}
  return { ...checksumElement(checksum), ChecksumType: checksum.type }
}

/** The checksum as one XML member, as parts have it. */
export function checksumElement(checksum: StoredChecksum | undefined): Record<string, string> {
  return checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value } : {}
}

/**
 * Which checksum a multipart upload will have, from CreateMultipartUpload's headers.
 * @throws AwsError InvalidRequest
 */
export function readUploadChecksum(headers: Headers): { algorithm?: ChecksumAlgorithm; type?: ChecksumType } {
  const name = headers['x-amz-checksum-algorithm']?.toUpperCase()
  const type = headers['x-amz-checksum-type']?.toUpperCase()
  if (name === undefined) {
    if (type === undefined) return {}
    throw s3Errors.InvalidRequest(
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    )
  }
  const algorithm = requireAlgorithm(name)
  if (type === undefined) return { algorithm, type: algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE' }
  if (type !== 'COMPOSITE' && type !== 'FULL_OBJECT') {
    throw s3Errors.InvalidRequest('Value for x-amz-checksum-type header is invalid.')
  }
  const impossible = type === 'COMPOSITE' ? algorithm === 'CRC64NVME' : !isCombinable(algorithm)
  if (impossible) {
    const message = `The ${type} checksum type cannot be used with the ${name.toLowerCase()} checksum algorithm.`
    throw s3Errors.InvalidRequest(message)
  }
  return { algorithm, type }
}

/** @throws AwsError InvalidRequest with the list of what S3 takes */
export function requireAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = name.toUpperCase()
  if (isChecksumAlgorithm(algorithm)) return algorithm
  throw s3Errors.InvalidRequest(
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types: ' +
      `[${Object.keys(digestLengths).join(', ')}]`,
  )
}

/** Parts whose checksums are combined in one turn of the event loop: about 5 ms of work where each has a size of its own. */
const partsOfOneTurn = 100

/** The checksum of a multipart object from those of its parts (in clear). Many parts take several turns of the event loop. */
export async function combinePartChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { value: string; size: number }[],
): Promise<StoredChecksum> {
  const pieces = parts.map(({ value, size }) => ({ digest: Buffer.from(value, 'base64'), size }))
  if (type === 'FULL_OBJECT' && isCombinable(algorithm)) {
    let digest = combineChecksums(algorithm, pieces.slice(0, partsOfOneTurn))
    for (let done = partsOfOneTurn; done < pieces.length; done += partsOfOneTurn) {
      await nextTurn()
      // What is combined already is shifted by what comes behind it; its own size does not matter.
      digest = combineChecksums(algorithm, [{ digest, size: 0 }, ...pieces.slice(done, done + partsOfOneTurn)])
    }
    return { algorithm, type, value: digest.toString('base64') }
  }
  const loading = loadChecksum(algorithm)
  if (loading) await loading
  const checksum = createChecksum(algorithm)
  for (const { digest } of pieces) checksum.update(digest)
  return { algorithm, type: 'COMPOSITE', value: `${checksum.digest().toString('base64')}-${parts.length}` }
}
