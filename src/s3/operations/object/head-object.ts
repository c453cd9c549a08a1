import { onVersion } from '../../needs.ts'
import { responseOverrides } from '../../objects/metadata.ts'
import {
  answerHeaders,
  beginRead,
  checksumOf,
  findObject,
  notModified,
  openObject,
  type Reading,
  statusOf,
  wantsChecksum,
} from '../../objects/read.ts'
import type { ObjectOperation, ObjectRequest } from '../../operation.ts'
import { answerHeadersOf } from '../../sse/headers.ts'

/** What GetObject's headers would be; KMS is asked only where a checksum sealed under its key is to be told. */
export const HeadObject: ObjectOperation = {
  name: 'HeadObject',
  level: 'object',
  route: 'HEAD /{Bucket}/{Key+}',
  addressing: ['versionId', 'partNumber'],
  needs: onVersion(['s3:GetObject'], ['s3:GetObjectVersion']),
  async handle(services, request) {
    const { bucket, key, query } = request
    const object = findObject(services, bucket, key, query.get('versionId'))
    const reading = beginRead(services, request, object)
    if (reading.isNotModified) return notModified(reading)
    const overrides = responseOverrides(request.query)
    const envelope = needsKey(reading, request)
      ? await openObject(services, reading.bucket, request, reading)
      : undefined
    const headers = answerHeaders(reading, request, envelope)
    const encryption = answerHeadersOf(reading.object.record.envelope, 'HeadObject', reading)
    return { status: statusOf(reading), headers: Object.assign(headers, encryption, overrides) }
  },
}

/**
 * HEAD always tries a customer's key, and answers 403 to a wrong one (evidence: sse-c-read); it asks KMS only where the answer has a
 * checksum. Under S3's own key or none nobody is asked, but a record that was changed on the disk gives no checksum either.
 */
function needsKey(reading: Reading, request: ObjectRequest): boolean {
  const { scheme } = reading.object.record.envelope
  if (scheme === 'SSE-C') return true
  return wantsChecksum(request) && checksumOf(reading) !== undefined
}
