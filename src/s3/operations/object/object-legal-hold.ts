import { LegalHold } from '../../documents/object-lock.ts'
import { readXmlBody } from '../../documents/xml-body.ts'
import { childrenOf } from '../../documents/xml-shapes.ts'
import { s3Errors } from '../../errors.ts'
import { onObject } from '../../needs.ts'
import { amendObject } from '../../objects/amend.ts'
import { withLock } from '../../objects/attributes.ts'
import { requireLockedBucket } from '../../objects/object-lock.ts'
import { findTouched } from '../../objects/read.ts'
import { shownVersion } from '../../objects/version-ids.ts'
import type { ObjectOperation } from '../../operation.ts'
import type { ObjectRecord } from '../../records/object-record.ts'

const root = 'LegalHold'

export const GetObjectLegalHold: ObjectOperation = {
  name: 'GetObjectLegalHold',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}?legal-hold',
  addressing: ['versionId'],
  needs: onObject('s3:GetObjectLegalHold'),
  async handle(services, request) {
    requireLockedBucket(request.bucket)
    const { legalHold } = findTouched(services, request).record.attributes ?? {}
    if (!legalHold) throw s3Errors.NoSuchObjectLockConfiguration()
    return { xml: { root, content: childrenOf(LegalHold.write({ Status: legalHold })) } }
  },
}

/** Holds one version, or lets it go. */
export const PutObjectLegalHold: ObjectOperation = {
  name: 'PutObjectLegalHold',
  level: 'object',
  route: 'PUT /{Bucket}/{Key+}?legal-hold',
  addressing: ['versionId'],
  needs: onObject('s3:PutObjectLegalHold'),
  weighs: { root, read: (document) => ({ values: { 's3:object-lock-legal-hold': LegalHold.read(document).Status } }) },
  async handle(services, request) {
    const document = await readXmlBody(request, root, 'optional')
    if (!document) throw s3Errors.MissingRequestBodyError()
    const { Status: legalHold } = LegalHold.read(document)
    if (legalHold === undefined) throw s3Errors.MalformedXML()
    const { bucket } = request
    requireLockedBucket(bucket)
    const change = (record: ObjectRecord) => ({ ...record, attributes: withLock(record.attributes, { legalHold }) })
    const { versionId } = findTouched(services, request).record
    const record = await amendObject(services, request, versionId, change)
    return { headers: { 'x-amz-version-id': shownVersion(bucket, record) } }
  },
}
