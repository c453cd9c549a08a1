import { checksumHeaders } from '../../objects/checksums.ts'
import { readWriteCondition } from '../../objects/conditions.ts'
import { readBodyExpectation } from '../../objects/content.ts'
import { ineffectiveHeadersDiffer } from '../../objects/ineffective-headers.ts'
import { readMetadata } from '../../objects/metadata.ts'
import { envelopeForWrite, storeObject } from '../../objects/write.ts'
import type { S3Operation } from '../../operation.ts'

/** Stores a whole object in one request. All that can be refused is refused before the body is read. */
export const PutObject: S3Operation = {
  name: 'PutObject',
  route: 'PUT /{Bucket}/{Key+}',
  differs: ineffectiveHeadersDiffer,
  async handle(services, request) {
    const { body } = request
    const bucket = services.buckets.get(request.bucket)
    const metadata = readMetadata(request.headers)
    const expectation = readBodyExpectation(request)
    const condition = readWriteCondition(request.headers)
    const envelope = await envelopeForWrite(services, request, bucket, condition)
    const content = { bytes: body.bytes, expectation }
    const stored = await storeObject(services, { bucket, key: request.key, metadata, condition }, envelope, content)
    const headers = checksumHeaders(stored.body.checksum)
    headers.ETag = `"${stored.record.etag}"`
    return { headers: Object.assign(headers, envelope.answerHeaders('PutObject')) }
  },
}
