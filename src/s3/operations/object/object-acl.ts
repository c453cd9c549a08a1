import { objectArn } from '../../../aws/arn.ts'
import { readPutAcl } from '../../access/acl.ts'
import { aclDocument } from '../../access/acl-document.ts'
import { objectAclInForce } from '../../access/acl-in-force.ts'
import { s3Errors } from '../../errors.ts'
import { onVersion } from '../../needs.ts'
import { findObject, findTouched } from '../../objects/read.ts'
import { shownVersion } from '../../objects/version-ids.ts'
import type { ObjectOperation } from '../../operation.ts'

export const GetObjectAcl: ObjectOperation = {
  name: 'GetObjectAcl',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}?acl',
  addressing: ['versionId'],
  needs: onVersion(['s3:GetObjectAcl'], ['s3:GetObjectVersionAcl']),
  async handle(services, { bucket, key, query }) {
    const { record } = findObject(services, bucket, key, query.get('versionId'))
    const { owner, grants } = objectAclInForce(services, bucket, record)
    return {
      headers: { 'x-amz-version-id': shownVersion(bucket, record) },
      xml: { root: 'AccessControlPolicy', content: aclDocument(owner, grants, services.settings) },
    }
  },
}

/** Of one version; it makes no new one, and the object's date stays. */
export const PutObjectAcl: ObjectOperation = {
  name: 'PutObjectAcl',
  level: 'object',
  route: 'PUT /{Bucket}/{Key+}?acl',
  addressing: ['versionId'],
  needs: onVersion(['s3:PutObjectAcl'], ['s3:PutObjectVersionAcl']),
  differs: 'any 64 hexadecimal digits are the canonical user id of an account',
  async handle(services, request) {
    const { bucket, key } = request
    const { objects, notifications, replications } = services
    const touched = findTouched(services, request).record
    const { ownerAccountId, versionId } = touched
    const need = { action: 's3:PutObjectAcl', resource: objectArn(bucket.name, key) }
    const acl = await readPutAcl(services, request, { of: 'object', ownerAccountId, need })
    await objects.change(bucket.name, key, (transaction, _, inBucket) => {
      const version = objects.version(bucket.name, key, versionId, transaction)
      if (!version || 'isDeleteMarker' in version) throw s3Errors.NoSuchKey(key)
      const { record, bodies } = version
      // The grants were made for the owner that it had: what another wrote meanwhile is not theirs.
      if (record.ownerAccountId !== ownerAccountId) throw s3Errors.OperationAborted()
      const changed = { ...record, acl }
      const amended = inBucket.replicates ? replications.stageAmendment(transaction, inBucket, key, changed) : changed
      objects.amend(transaction, bucket.name, key, { record: amended, bodies })
      // Only of an ACL that changes (evidence: s3-event-names).
      const isChanged = JSON.stringify(acl) !== JSON.stringify(record.acl)
      if (isChanged)
        notifications.stage(transaction, inBucket, { name: 'ObjectAcl:Put', key, version: record }, request)
    })
    return { headers: { 'x-amz-version-id': shownVersion(bucket, touched) } }
  },
}
