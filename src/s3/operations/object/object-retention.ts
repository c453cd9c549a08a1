import type { XmlElement } from '../../../protocol/rest-xml.ts'
import { pacificTime } from '../../dates.ts'
import { Retention } from '../../documents/object-lock.ts'
import { readXmlBody } from '../../documents/xml-body.ts'
import { childrenOf } from '../../documents/xml-shapes.ts'
import { s3Errors } from '../../errors.ts'
import { bypassOfRetention, onObject, together } from '../../needs.ts'
import { amendObject } from '../../objects/amend.ts'
import { withLock } from '../../objects/attributes.ts'
import { bypassesGovernance, checkRetentionChange, requireLockedBucket } from '../../objects/object-lock.ts'
import { findTouched } from '../../objects/read.ts'
import { shownVersion } from '../../objects/version-ids.ts'
import type { ObjectOperation } from '../../operation.ts'
import type { Retention as RetentionRecord } from '../../records/object-attributes.ts'
import type { ObjectRecord } from '../../records/object-record.ts'

const root = 'Retention'

export const GetObjectRetention: ObjectOperation = {
  name: 'GetObjectRetention',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}?retention',
  addressing: ['versionId'],
  needs: onObject('s3:GetObjectRetention'),
  async handle(services, request) {
    requireLockedBucket(request.bucket)
    const { retention } = findTouched(services, request).record.attributes ?? {}
    if (!retention) throw s3Errors.NoSuchObjectLockConfiguration()
    const { mode: Mode, retainUntil: RetainUntilDate } = retention
    return { xml: { root, content: childrenOf(Retention.write({ Mode, RetainUntilDate })) } }
  },
}

/** Sets until when one version may not be deleted. */
export const PutObjectRetention: ObjectOperation = {
  name: 'PutObjectRetention',
  level: 'object',
  route: 'PUT /{Bucket}/{Key+}?retention',
  addressing: ['versionId'],
  needs: together(onObject('s3:PutObjectRetention'), bypassOfRetention),
  weighs: { root, read: weighedBy },
  async handle(services, request) {
    const document = await readXmlBody(request, root, 'optional')
    if (!document) throw s3Errors.MissingRequestBodyError()
    const asked = retentionIn(Retention.read(document))
    requireLockedBucket(request.bucket)
    const now = services.ambient.now()
    if (asked && asked.retainUntil <= now) {
      const message = 'The retain until date must be in the future!'
      throw s3Errors.InvalidArgument(message, 'RetainUntilDate', pacificTime(asked.retainUntil))
    }
    const bypasses = bypassesGovernance(request.bucket, request.headers)
    const change = (record: ObjectRecord) => {
      checkRetentionChange(record.attributes?.retention, asked, bypasses, services.ambient.now())
      return { ...record, attributes: withLock(record.attributes, { retention: asked }) }
    }
    const { versionId } = findTouched(services, request).record
    const record = await amendObject(services, request, versionId, change)
    return { headers: { 'x-amz-version-id': shownVersion(request.bucket, record) } }
  },
}

/** @returns undefined where it is to be taken away */
function retentionIn({
  Mode: mode,
  RetainUntilDate: retainUntil,
}: ReturnType<typeof Retention.read>): RetentionRecord | undefined {
  if (mode === undefined && retainUntil === undefined) return undefined
  if (mode === undefined || retainUntil === undefined) throw s3Errors.MalformedXML()
  return { mode, retainUntil }
}

/** What policies ask of it. */
function weighedBy(document: XmlElement) {
  const { Mode, RetainUntilDate } = Retention.read(document)
  const until = RetainUntilDate === undefined ? undefined : new Date(RetainUntilDate).toISOString()
  return { values: { 's3:object-lock-mode': Mode, 's3:object-lock-retain-until-date': until } }
}
