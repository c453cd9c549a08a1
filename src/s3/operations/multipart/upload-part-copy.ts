import { timestamp } from '../../dates.ts'
import { checksumElement } from '../../objects/checksums.ts'
import { unverified } from '../../objects/content.ts'
import { beginCopy, checkCopySize, withSource } from '../../objects/copy.ts'
import { beginPart, openUpload, storePart } from '../../objects/parts.ts'
import { parseCopyRange } from '../../objects/ranges.ts'
import { whole } from '../../objects/read.ts'
import type { ObjectOperation } from '../../operation.ts'

export const UploadPartCopy: ObjectOperation = {
  name: 'UploadPartCopy',
  level: 'object',
  route: 'PUT /{Bucket}/{Key+}?partNumber&uploadId #x-amz-copy-source',
  async handle(services, request) {
    const target = beginPart(services, request)
    const source = beginCopy(services, request)
    const header = request.headers['x-amz-copy-source-range']
    const { size } = source.object.record
    const range = header === undefined ? whole({ size }) : parseCopyRange(header, size)
    checkCopySize(range)
    const { part, written, envelope } = await withSource(services, request, source, range, async (bytes) => {
      const envelope = await openUpload(services, target, request)
      return { envelope, ...(await storePart(services, target, envelope, bytes, unverified)) }
    })
    const checksum = target.upload.record.checksumAlgorithm ? written.checksum : undefined
    return {
      headers: envelope.answerHeaders('UploadPartCopy'),
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
