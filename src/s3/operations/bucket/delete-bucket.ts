import { s3Errors } from '../../errors.ts'
import { onBucket } from '../../needs.ts'
import type { BucketOperation } from '../../operation.ts'

/** Deletes a bucket in which no version and no delete marker is left; uploads in progress and its configurations go with it. */
export const DeleteBucket: BucketOperation = {
  name: 'DeleteBucket',
  level: 'bucket',
  route: 'DELETE /{Bucket}',
  needs: onBucket('s3:DeleteBucket'),
  trail: { readOnly: false },
  changesBucket: true,
  async handle(services, { bucket: { name, versioning } }, transaction) {
    const hasVersions = versioning !== undefined
    if (!(await services.objects.isEmpty(name))) throw s3Errors.BucketNotEmpty(name, hasVersions)
    await services.uploads.endAll(transaction, name)
    await services.configurations.deleteAll(transaction, name)
    services.buckets.delete(transaction, name)
    return { status: 204 }
  },
}
