import { ownersAcl } from '../../objects/acl.ts'
import { findObject } from '../../objects/read.ts'
import type { ObjectOperation } from '../../operation.ts'

export const GetObjectAcl: ObjectOperation = {
  name: 'GetObjectAcl',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}?acl',
  async handle(services, { bucket, key, query }) {
    const { record } = findObject(services, bucket.name, key, query.get('versionId'))
    return { xml: { root: 'AccessControlPolicy', content: ownersAcl(record.ownerAccountId) } }
  },
}
