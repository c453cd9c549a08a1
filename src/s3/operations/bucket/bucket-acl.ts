import { bucketArn } from '../../../aws/arn.ts'
import { readPutAcl } from '../../access/acl.ts'
import { aclDocument } from '../../access/acl-document.ts'
import { bucketAclInForce } from '../../access/acl-in-force.ts'
import { BucketAcl } from '../../configurations/bucket-acl.ts'
import { onBucket } from '../../needs.ts'
import type { BucketOperation } from '../../operation.ts'

export const GetBucketAcl: BucketOperation = {
  name: 'GetBucketAcl',
  level: 'bucket',
  route: 'GET /{Bucket}?acl',
  needs: onBucket('s3:GetBucketAcl'),
  trail: { readOnly: true },
  async handle(services, { bucket }) {
    const { owner, grants } = bucketAclInForce(services, bucket)
    return { xml: { root: 'AccessControlPolicy', content: aclDocument(owner, grants, services.settings) } }
  },
}

export const PutBucketAcl: BucketOperation = {
  name: 'PutBucketAcl',
  level: 'bucket',
  route: 'PUT /{Bucket}?acl',
  needs: onBucket('s3:PutBucketAcl'),
  trail: { readOnly: false },
  changesBucket: true,
  differs: 'any 64 hexadecimal digits are the canonical user id of an account',
  async handle(services, request, transaction) {
    const { bucket } = request
    const { name, ownerAccountId } = bucket
    const need = { action: 's3:PutBucketAcl', resource: bucketArn(name) }
    const acl = await readPutAcl(services, request, { of: 'bucket', ownerAccountId, need })
    BucketAcl.keep(services, transaction, bucket, acl)
    return {}
  },
}
