import { Tagging } from '../../documents/tagging.ts'
import { readXmlBody } from '../../documents/xml-body.ts'
import { childrenOf } from '../../documents/xml-shapes.ts'
import { s3Errors } from '../../errors.ts'
import { onVersion } from '../../needs.ts'
import type { EventName } from '../../notifications/event-names.ts'
import { amendObject } from '../../objects/amend.ts'
import { withTags } from '../../objects/attributes.ts'
import { findTouched } from '../../objects/read.ts'
import { checkTags, objectTagRules } from '../../objects/tags.ts'
import { shownVersion } from '../../objects/version-ids.ts'
import type { ObjectOperation, ObjectRequest, S3Answer, S3Services } from '../../operation.ts'
import type { BucketRecord } from '../../records/buckets.ts'
import type { Tag } from '../../records/object-attributes.ts'
import type { ObjectRecord } from '../../records/object-record.ts'

/*
 * The tags of one version. They are set whole, never merged; the version's date and ETag stay. How they come with a write:
 * `objects/attributes.ts`.
 */

const root = 'Tagging'

export const GetObjectTagging: ObjectOperation = {
  name: 'GetObjectTagging',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}?tagging',
  addressing: ['versionId'],
  needs: onVersion(['s3:GetObjectTagging'], ['s3:GetObjectVersionTagging']),
  async handle(services, request) {
    const { bucket, key, query } = request
    // It names the bucket before the key, unlike the other two (evidence: s3-object-tagging).
    if (!query.has('versionId') && !services.objects.current(bucket.name, key)) {
      throw s3Errors.NoSuchKey(`${bucket.name}/${key}`)
    }
    const { record } = findTouched(services, request)
    const TagSet = [...(record.attributes?.tags ?? [])]
    const content = childrenOf(Tagging.write({ TagSet }))
    return { ...answerOf(bucket, record), xml: { root, content } }
  },
}

export const PutObjectTagging: ObjectOperation = {
  name: 'PutObjectTagging',
  level: 'object',
  route: 'PUT /{Bucket}/{Key+}?tagging',
  addressing: ['versionId'],
  needs: onVersion(['s3:PutObjectTagging'], ['s3:PutObjectVersionTagging']),
  weighs: { root, read: (document) => ({ tags: Tagging.read(document).TagSet }) },
  async handle(services, request) {
    const document = await readXmlBody(request, root, 'optional')
    if (!document) throw s3Errors.MissingRequestBodyError()
    const { TagSet = [] } = Tagging.read(document)
    checkTags(TagSet, objectTagRules)
    return setTags(services, request, TagSet, 'ObjectTagging:Put')
  },
}

export const DeleteObjectTagging: ObjectOperation = {
  name: 'DeleteObjectTagging',
  level: 'object',
  route: 'DELETE /{Bucket}/{Key+}?tagging',
  addressing: ['versionId'],
  needs: onVersion(['s3:DeleteObjectTagging'], ['s3:DeleteObjectVersionTagging']),
  async handle(services, request) {
    return { ...(await setTags(services, request, [], 'ObjectTagging:Delete')), status: 204 }
  },
}

async function setTags(
  services: S3Services,
  request: ObjectRequest,
  tags: readonly Tag[],
  event: EventName,
): Promise<S3Answer> {
  const found = findTouched(services, request).record
  const change = (record: ObjectRecord) => ({ ...record, attributes: withTags(record.attributes, tags) })
  const changed = await amendObject(services, request, found.versionId, change, event)
  return answerOf(request.bucket, changed)
}

function answerOf(bucket: BucketRecord, record: ObjectRecord): S3Answer {
  return { headers: { 'x-amz-version-id': shownVersion(bucket, record) } }
}
