import { holdingOfWrite } from '../../access/acl-of-write.ts'
import { onWrittenObject } from '../../needs.ts'
import { storageClassHeader } from '../../objects/attributes.ts'
import { checksumHeaders } from '../../objects/checksums.ts'
import { readBodyExpectation } from '../../objects/content.ts'
import { headersOfAppending } from '../../objects/ineffective-headers.ts'
import { expirationHeader } from '../../objects/lifecycle-headers.ts'
import { requireDigest } from '../../objects/object-lock.ts'
import { putVersion } from '../../objects/version-ids.ts'
import { envelopeForWrite, readWriteIntent, storeObject } from '../../objects/write.ts'
import type { ObjectOperation } from '../../operation.ts'

/** Stores a whole object in one request. All that can be refused is refused before the body is read. */
export const PutObject: ObjectOperation = {
  name: 'PutObject',
  level: 'object',
  route: 'PUT /{Bucket}/{Key+}',
  headers: headersOfAppending,
  needs: onWrittenObject,
  async handle(services, request) {
    const intent = readWriteIntent(services, request, { holding: holdingOfWrite(services, request) })
    const content = { bytes: request.body.bytes, expectation: readBodyExpectation(request) }
    if (intent.attributes) requireDigest(intent.attributes, content.expectation, 'Put Object')
    const envelope = await envelopeForWrite(services, request, intent)
    const stored = await storeObject(services, request, intent, envelope, content)
    const headers = checksumHeaders(stored.body.checksum)
    const versionId = putVersion(stored.record)
    if (versionId !== undefined) headers['x-amz-version-id'] = versionId
    headers.ETag = `"${stored.record.etag}"`
    if (request.bucket.hasLifecycle) {
      Object.assign(headers, expirationHeader(services, request.bucket, request.key, stored.record))
    }
    if (intent.attributes) Object.assign(headers, storageClassHeader(intent))
    return { headers: Object.assign(headers, envelope.answerHeaders('PutObject')) }
  },
}
