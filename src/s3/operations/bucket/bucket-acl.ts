import { checkAclStays } from '../../access/acl.ts'
import { ownersAcl } from '../../objects/acl.ts'
import type { BucketOperation } from '../../operation.ts'

export const GetBucketAcl: BucketOperation = {
  name: 'GetBucketAcl',
  level: 'bucket',
  route: 'GET /{Bucket}?acl',
  trail: { readOnly: true },
  actions: ['s3:GetBucketAcl'],
  async handle(_services, { bucket }) {
    return { xml: { root: 'AccessControlPolicy', content: ownersAcl(bucket.ownerAccountId) } }
  },
}

export const PutBucketAcl: BucketOperation = {
  name: 'PutBucketAcl',
  level: 'bucket',
  route: 'PUT /{Bucket}?acl',
  trail: { readOnly: false },
  actions: ['s3:PutBucketAcl'],
  changesBucket: true,
  differs: 'another ACL than private answers 501 NotImplemented',
  async handle(_services, request) {
    await checkAclStays(request, request.bucket.ownerAccountId)
    return {}
  },
}
