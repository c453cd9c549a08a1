import { checkAclStays } from '../../access/acl.ts'
import { onBucket } from '../../needs.ts'
import { ownersAcl } from '../../objects/acl.ts'
import type { BucketOperation } from '../../operation.ts'

export const GetBucketAcl: BucketOperation = {
  name: 'GetBucketAcl',
  level: 'bucket',
  route: 'GET /{Bucket}?acl',
  needs: onBucket('s3:GetBucketAcl'),
  trail: { readOnly: true },
  async handle(_services, { bucket }) {
    return { xml: { root: 'AccessControlPolicy', content: ownersAcl(bucket.ownerAccountId) } }
  },
}

export const PutBucketAcl: BucketOperation = {
  name: 'PutBucketAcl',
  level: 'bucket',
  route: 'PUT /{Bucket}?acl',
  needs: onBucket('s3:PutBucketAcl'),
  trail: { readOnly: false },
  changesBucket: true,
  differs: 'another ACL than private answers 501 NotImplemented',
  async handle(_services, request) {
    await checkAclStays(request, request.bucket.ownerAccountId)
    return {}
  },
}
