import { renderXml } from '../../../protocol/rest-xml.ts'
import { holdingOfWrite } from '../../access/acl-of-write.ts'
import { objectUrl } from '../../address.ts'
import { onWrittenObject } from '../../needs.ts'
import { storageClassHeader } from '../../objects/attributes.ts'
import { checksumHeaders, readContentMd5, readSentChecksum } from '../../objects/checksums.ts'
import { putVersion } from '../../objects/version-ids.ts'
import { envelopeForWrite, noCondition, readWriteIntent, storeObject } from '../../objects/write.ts'
import type { ObjectOperation, ObjectRequest, S3Answer } from '../../operation.ts'

/** A browser's upload: PutObject by a form (form-request.ts), answered as the form asks. */
export const PostObject: ObjectOperation = {
  name: 'PostObject',
  level: 'object',
  route: 'POST /{Bucket}',
  needs: onWrittenObject,
  isForm: true,
  async handle(services, request) {
    const { headers, body } = request
    const holding = holdingOfWrite(services, request)
    const intent = readWriteIntent(services, request, { condition: noCondition, holding })
    const expectation = {
      contentMd5: readContentMd5(headers),
      sent: readSentChecksum(headers, body),
      trailers: body.trailers,
    }
    const envelope = await envelopeForWrite(services, request, intent)
    const stored = await storeObject(services, request, intent, envelope, { bytes: body.bytes, expectation })
    const answer = answerOf(request, `"${stored.record.etag}"`)
    const { body: written, record } = stored
    const resultHeaders = {
      ...checksumHeaders(written.checksum),
      ...storageClassHeader(record),
      ...envelope.answerHeaders('PostObject'),
      'x-amz-version-id': putVersion(record),
    }
    return { ...answer, headers: { ...resultHeaders, ...answer.headers } }
  },
}

/** 303 to where the form wants the browser, else the status it names, else 204. */
function answerOf(request: ObjectRequest, ETag: string): S3Answer {
  const {
    bucket: { name: bucket },
    key,
    headers,
  } = request
  const redirect = redirectTarget(headers.success_action_redirect ?? headers.redirect)
  if (redirect) {
    for (const [name, value] of Object.entries({ bucket, key, etag: ETag })) redirect.searchParams.append(name, value)
    return { status: 303, headers: { ETag, Location: redirect.href } }
  }
  const Location = objectUrl(request, bucket, key)
  const status = headers.success_action_status
  if (status === '201') {
    const document = renderXml('PostResponse', { Location, Bucket: bucket, Key: key, ETag })
    const body = Buffer.from(document)
    return { status: 201, headers: { ETag, Location, 'Content-Type': 'application/xml' }, body }
  }
  return { status: status === '200' ? 200 : 204, headers: { ETag, Location } }
}

/** "If Amazon S3 cannot interpret the URL, it acts as if the field is not present." `redirect` is the field's older name. */
function redirectTarget(url: string | undefined): URL | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  const target = new URL(url)
  return target.protocol === 'http:' || target.protocol === 'https:' ? target : undefined
}
