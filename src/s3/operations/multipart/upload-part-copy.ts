import { timestamp } from '../../dates.ts'
import { onCopySource, onObject, together } from '../../needs.ts'
import { checksumElement } from '../../objects/checksums.ts'
import { unverified } from '../../objects/content.ts'
import { type CopySource, openSource, readCopySource, sourceVersion, withSource } from '../../objects/copy.ts'
import { beginPart, openUpload, storePart } from '../../objects/parts.ts'
import { type ByteRange, parseCopyRange } from '../../objects/ranges.ts'
import { whole } from '../../objects/read.ts'
import type { ObjectOperation, ObjectRequest } from '../../operation.ts'

export const UploadPartCopy: ObjectOperation = {
  name: 'UploadPartCopy',
  level: 'object',
  route: 'PUT /{Bucket}/{Key+}?partNumber&uploadId #x-amz-copy-source',
  needs: together(onObject('s3:PutObject'), onCopySource(readCopySource)),
  async handle(services, request) {
    const target = beginPart(services, request)
    const { part, written, envelope, source } = await withSource(services, request, async (source) => {
      const bytes = await openSource(services, request, source, rangeOf(request, source))
      const envelope = await openUpload(services, target, request)
      return { source, envelope, ...(await storePart(services, target, envelope, bytes, unverified)) }
    })
    const checksum = target.upload.record.checksumAlgorithm ? written.checksum : undefined
    return {
      headers: {
        ...envelope.answerHeaders('UploadPartCopy'),
        'x-amz-copy-source-version-id': sourceVersion(source),
      },
      xml: {
        root: 'CopyPartResult',
        content: {
          LastModified: timestamp(part.lastModified),
          ETag: `"${part.etag}"`,
          ...checksumElement(checksum),
        },
      },
    }
  },
}

function rangeOf({ headers }: ObjectRequest, { object }: CopySource): ByteRange {
  const header = headers['x-amz-copy-source-range']
  return header === undefined ? whole(object.record) : parseCopyRange(header, object.record.size)
}
