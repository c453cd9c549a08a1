import { onObject } from '../../needs.ts'
import { checksumHeaders, type SentChecksum } from '../../objects/checksums.ts'
import { type BodyExpectation, readBodyExpectation, type WrittenBody } from '../../objects/content.ts'
import { requireDigest } from '../../objects/object-lock.ts'
import { beginPart, checksumTypeMismatch, openUpload, storePart } from '../../objects/parts.ts'
import type { ObjectOperation } from '../../operation.ts'
import type { Upload } from '../../records/uploads.ts'

/** Stores a part; an earlier one of the same number is replaced (evidence: s3-stopped-upload). */
export const UploadPart: ObjectOperation = {
  name: 'UploadPart',
  level: 'object',
  route: 'PUT /{Bucket}/{Key+}?partNumber&uploadId',
  differs: 'Of an upload that was stopped everybody hears NoSuchUpload, not its initiator alone.',
  needs: onObject('s3:PutObject'),
  async handle(services, request) {
    const target = beginPart(services, request)
    const expectation = readBodyExpectation(request)
    checkPartChecksum(target.upload, expectation.sent)
    requireDigest(target.upload.record.attributes, expectation, 'Put Part')
    const envelope = await openUpload(services, target, request)
    const { part, written } = await storePart(services, target, envelope, request.body.bytes, expectation)
    return {
      headers: {
        ETag: `"${part.etag}"`,
        ...partChecksumHeaders(target.upload, expectation, written),
        ...envelope.answerHeaders('UploadPart'),
      },
    }
  },
}

/**
 * A part's checksum must be of the kind the upload was created with. Where the object's is to be one over the parts', each
 * must come with its own; where it is to be one over the whole, S3 computes what is left out (evidence: s3-checksum-parts).
 */
function checkPartChecksum({ record }: Upload, sent: SentChecksum | undefined): void {
  const expected = record.checksumAlgorithm
  if (!expected || sent?.algorithm === expected) return
  if (sent || record.checksumType === 'COMPOSITE') throw checksumTypeMismatch(expected, sent?.algorithm ?? 'null')
}

/** The checksum that the client sent, else the one of the upload's algorithm. */
function partChecksumHeaders(
  { record }: Upload,
  { sent, trailers }: BodyExpectation,
  { checksum }: WrittenBody,
): Record<string, string> {
  if (!sent && !record.checksumAlgorithm) return {}
  const { 'x-amz-checksum-type': _, ...kept } = checksumHeaders(checksum)
  if (!sent || sent.algorithm === checksum.algorithm) return kept
  const name = `x-amz-checksum-${sent.algorithm.toLowerCase()}`
  return { [name]: sent.value ?? trailers[name] ?? '' }
}
