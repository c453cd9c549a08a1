import { nextTurn } from '../../event-loop.ts'
import { s3Errors } from '../errors.ts'
import type { ChecksumAlgorithm, StoredChecksum } from '../records/object-record.ts'
import type { PartRecord, Upload } from '../records/uploads.ts'
import type { Envelope } from '../sse/envelope.ts'
import { combinePartChecksums, defaultAlgorithm, isChecksumAlgorithm, isDigestOf, openChecksum } from './checksums.ts'
import { checksumTypeMismatch } from './parts.ts'

/*
 * The checksum of the object that CompleteMultipartUpload makes:
 *
 *   parts' checksums, opened ─▶ each held against the one that the request lists ─▶ combined ─▶ held against the headers
 *
 * The upload's record says what was asked at Create, and so what the request may name. All recorded, where nothing is said.
 */

type Headers = Readonly<Record<string, string>>

/** A part as the request lists it; its checksums by member name: ChecksumCRC32 … */
interface ListedChecksums {
  number: number
  etag: string
  checksums: Record<string, string>
}

const headerPrefix = 'x-amz-checksum-'
const memberPrefix = 'Checksum'

/** Parts that are opened in one turn of the event loop: a few ms of work. */
const partsOfOneTurn = 200

/**
 * @param parts the chosen ones, in order
 * @param listed as the request lists them, in the same order
 * @returns in clear; nothing for an upload under a customer's key that asked for none: S3 has no key to seal one with
 * @throws AwsError InvalidPart, InvalidRequest, InvalidArgument, BadDigest
 */
export async function completedChecksum(
  upload: Upload,
  envelope: Envelope,
  parts: readonly PartRecord[],
  listed: readonly ListedChecksums[],
  headers: Headers,
): Promise<StoredChecksum | undefined> {
  const { checksumAlgorithm, checksumType = 'FULL_OBJECT', envelope: sealed } = upload.record
  const hasHeader = Object.keys(headers).some((name) => algorithmOf(name) !== undefined)
  const opened: { value: string; size: number }[] = []
  for (const [index, part] of parts.entries()) {
    if (index % partsOfOneTurn === partsOfOneTurn - 1) await nextTurn()
    const value = part.checksum ? openChecksum(envelope, part.checksum).value : ''
    const asked = listed[index]
    if (asked) checkListed(upload, asked, value, hasHeader)
    opened.push({ value, size: part.size })
  }
  if (!checksumAlgorithm) {
    checkUnexpectedHeaders(headers)
    if (sealed.scheme === 'SSE-C') return undefined
  }
  const checksum = await combinePartChecksums(checksumAlgorithm ?? defaultAlgorithm, checksumType, opened)
  if (checksumAlgorithm) checkHeaders(headers, checksum, parts.length)
  return checksum
}

/**
 * The type is settled at Create and may be repeated.
 * @throws AwsError InvalidRequest
 */
export function checkChecksumType({ record }: Upload, headers: Headers): void {
  const given = headers['x-amz-checksum-type']
  if (given === undefined || given === record.checksumType) return
  const message = `The upload was created using the ${record.checksumType ?? 'null'} checksum mode. The complete request must use the same checksum mode.`
  throw s3Errors.InvalidRequest(message)
}

function checkListed({ uploadId, record }: Upload, listed: ListedChecksums, stored: string, hasHeader: boolean): void {
  const { number, etag, checksums } = listed
  const members = Object.entries(checksums).filter(([name]) => name.startsWith(memberPrefix))
  const algorithm = record.checksumAlgorithm
  const [member, another] = members
  if (!algorithm) {
    if (member) throw s3Errors.InvalidPart(uploadId, number, etag)
    return
  }
  if (!member) {
    if (record.checksumType !== 'COMPOSITE') return
    const message = `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`
    throw s3Errors.InvalidRequest(message)
  }
  const given = member[0].slice(memberPrefix.length)
  if (another || (isChecksumAlgorithm(given) && !isDigestOf(given, member[1]))) throw invalidListed(members)
  if (given !== algorithm) throw mismatchOfPart(given, number)
  if (member[1] === stored) return
  throw hasHeader ? mismatchOfPart(given, number) : s3Errors.InvalidPart(uploadId, number, etag)
}

function invalidListed(members: readonly [name: string, value: string][]) {
  const text = members.map(([name, value]) => `${name.slice(memberPrefix.length)}:${value};`).join('')
  return s3Errors.InvalidArgument('Invalid Base64 or multiple checksums present in request', 'Checksum', text)
}

function mismatchOfPart(algorithm: string, number: number) {
  return s3Errors.BadDigest(
    `The ${algorithm.toLowerCase()} you specified for part ${number} did not match what we received.`,
  )
}

/** Algorithms whose header is ignored where Create named none; that of a later one is refused (evidence: s3-checksum-unasked). */
const ignoredUnasked: ReadonlySet<string> = new Set(['CRC32', 'CRC32C', 'SHA1', 'SHA256'])

function checkUnexpectedHeaders(headers: Headers): void {
  for (const name in headers) {
    const algorithm = algorithmOf(name)
    if (algorithm && !ignoredUnasked.has(algorithm)) throw checksumTypeMismatch('null', algorithm)
  }
}

function checkHeaders(headers: Headers, checksum: StoredChecksum, count: number): void {
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = algorithmOf(name)
    if (!algorithm) continue
    const isOther = algorithm !== checksum.algorithm
    if (isOther && checksum.type === 'COMPOSITE') throw checksumTypeMismatch(checksum.algorithm, algorithm)
    if (!isOther && (value === checksum.value || `${value}-${count}` === checksum.value)) continue
    throw s3Errors.BadDigest(`The ${algorithm.toLowerCase()} you specified did not match the calculated checksum.`)
  }
}

function algorithmOf(header: string): ChecksumAlgorithm | undefined {
  if (!header.startsWith(headerPrefix)) return undefined
  const algorithm = header.slice(headerPrefix.length).toUpperCase()
  return isChecksumAlgorithm(algorithm) ? algorithm : undefined
}
