import { ownersAcl } from '../../objects/acl.ts'
import { findObject } from '../../objects/read.ts'
import type { S3Operation } from '../../operation.ts'

export const GetObjectAcl: S3Operation = {
  name: 'GetObjectAcl',
  route: 'GET /{Bucket}/{Key+}?acl',
  async handle(services, { bucket, key, query }) {
    const { record } = findObject(services, bucket, key, query.get('versionId'))
    return { xml: { root: 'AccessControlPolicy', content: ownersAcl(record.ownerAccountId) } }
  },
}
