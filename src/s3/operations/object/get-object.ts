import { readBodies } from '../../objects/content.ts'
import { responseOverrides } from '../../objects/metadata.ts'
import { answerHeaders, beginRead, notModified, openObject, statusOf, whole } from '../../objects/read.ts'
import type { ObjectOperation } from '../../operation.ts'

/*
 * A read, in the order of its checks (recorded, but for KMS):
 *
 *   object is there → encryption headers are fit → conditions (304, 412) → range (416) → key: KMS's or the customer's → body
 *
 * So KMS is asked only for what is answered: once for every body, an empty one too, and never for a 304, 412 or 416.
 */

export const GetObject: ObjectOperation = {
  name: 'GetObject',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}',
  async handle(services, request) {
    const reading = beginRead(services, request)
    if (reading.isNotModified) return notModified(reading)
    const overrides = responseOverrides(request.query)
    const pin = services.objects.pin(reading.object)
    try {
      const envelope = await openObject(services, reading.bucket, request, reading)
      const { bodies } = reading.object
      const body = await readBodies(
        services.blobs,
        envelope,
        bodies,
        reading.range ?? whole(reading.object.record),
        pin,
      )
      const headers = answerHeaders(reading, request, envelope)
      const encryption = envelope.answerHeaders('GetObject')
      return { status: statusOf(reading), headers: Object.assign(headers, encryption, overrides), body }
    } catch (error) {
      pin.release()
      throw error
    }
  },
}
