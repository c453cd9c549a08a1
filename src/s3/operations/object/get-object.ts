import { onVersion } from '../../needs.ts'
import { checkReadable } from '../../objects/archive.ts'
import { readBodies } from '../../objects/content.ts'
import { responseOverrides } from '../../objects/metadata.ts'
import { answerHeaders, beginRead, findObject, notModified, openObject, statusOf, whole } from '../../objects/read.ts'
import type { ObjectOperation } from '../../operation.ts'

/*
 * A read, in the order of its checks (evidence: s3-read-order):
 *
 *   object is there → encryption headers are fit → conditions (304, 412) → range (416) → key: KMS's or the customer's → body
 *
 * So KMS is asked only for what is answered: once for every body, an empty one too, and never for a 304, 412 or 416.
 */

export const GetObject: ObjectOperation = {
  name: 'GetObject',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}',
  addressing: ['versionId', 'partNumber'],
  needs: onVersion(['s3:GetObject'], ['s3:GetObjectVersion']),
  async handle(services, request) {
    const { bucket, key, query } = request
    const object = services.objects.pin(findObject(services, bucket, key, query.get('versionId')))
    try {
      const reading = beginRead(services, request, object)
      if (reading.isNotModified) {
        object.release()
        return notModified(reading)
      }
      checkReadable(object.record, 'read', services.ambient.now())
      const overrides = responseOverrides(query)
      const envelope = await openObject(services, bucket, request, reading)
      const range = reading.range ?? whole(object.record)
      const body = await readBodies(services.blobs, envelope, object.bodies, range, object)
      const headers = answerHeaders(reading, request, envelope)
      const encryption = envelope.answerHeaders('GetObject')
      return { status: statusOf(reading), headers: Object.assign(headers, encryption, overrides), body }
    } catch (error) {
      object.release()
      throw error
    }
  },
}
