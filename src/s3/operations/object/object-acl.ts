import { checkAclStays } from '../../access/acl.ts'
import { onVersion } from '../../needs.ts'
import { ownersAcl } from '../../objects/acl.ts'
import { findObject } from '../../objects/read.ts'
import type { ObjectOperation } from '../../operation.ts'

export const GetObjectAcl: ObjectOperation = {
  name: 'GetObjectAcl',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}?acl',
  needs: onVersion(['s3:GetObjectAcl'], ['s3:GetObjectVersionAcl']),
  async handle(services, { bucket, key, query }) {
    const { record } = findObject(services, bucket.name, key, query.get('versionId'))
    return { xml: { root: 'AccessControlPolicy', content: ownersAcl(record.ownerAccountId) } }
  },
}

export const PutObjectAcl: ObjectOperation = {
  name: 'PutObjectAcl',
  level: 'object',
  route: 'PUT /{Bucket}/{Key+}?acl',
  needs: onVersion(['s3:PutObjectAcl'], ['s3:PutObjectVersionAcl']),
  differs: 'another ACL than private answers 501 NotImplemented',
  async handle(services, request) {
    const { bucket, key, query } = request
    const { record } = findObject(services, bucket.name, key, query.get('versionId'))
    await checkAclStays(request, record.ownerAccountId)
    return {}
  },
}
