import { renderXml } from '../../../protocol/rest-xml.ts'
import { objectUrl } from '../../address.ts'
import { checksumHeaders, readContentMd5, readSentChecksum } from '../../objects/checksums.ts'
import { readMetadata } from '../../objects/metadata.ts'
import { envelopeForWrite, storeObject } from '../../objects/write.ts'
import type { S3Answer, S3Operation, S3Request } from '../../operation.ts'

/** A browser's upload: PutObject by a form (form-request.ts), answered as the form asks. */
export const PostObject: S3Operation = {
  name: 'PostObject',
  route: 'POST /{Bucket}',
  isForm: true,
  async handle(services, request) {
    const { headers, key, body } = request
    const bucket = services.buckets.get(request.bucket)
    const metadata = readMetadata(headers)
    const expectation = {
      contentMd5: readContentMd5(headers),
      sent: readSentChecksum(headers, body),
      trailers: body.trailers,
    }
    // Forms know no conditions.
    const condition = { kind: 'none' } as const
    const envelope = await envelopeForWrite(services, request, bucket, condition)
    const content = { bytes: body.bytes, expectation }
    const stored = await storeObject(services, { bucket, key, metadata, condition }, envelope, content)
    const answer = answerOf(request, `"${stored.record.etag}"`)
    const told = { ...checksumHeaders(stored.body.checksum), ...envelope.answerHeaders('PostObject') }
    return { ...answer, headers: { ...told, ...answer.headers } }
  },
}

/** 303 to where the form wants the browser, else the status it names, else 204. */
function answerOf(request: S3Request, ETag: string): S3Answer {
  const { bucket, key, headers } = request
  const redirect = redirectTarget(headers.success_action_redirect ?? headers.redirect)
  if (redirect) {
    for (const [name, value] of Object.entries({ bucket, key, etag: ETag })) redirect.searchParams.append(name, value)
    return { status: 303, headers: { ETag, Location: redirect.href } }
  }
  const Location = objectUrl(request)
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
