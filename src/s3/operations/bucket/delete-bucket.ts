import { s3Errors } from '../../errors.ts'
import type { BucketOperation, S3Services } from '../../operation.ts'
import { objectRecords } from '../../records/objects.ts'

/** Deletes an empty bucket; uploads in progress go with it. */
export const DeleteBucket: BucketOperation = {
  name: 'DeleteBucket',
  level: 'bucket',
  route: 'DELETE /{Bucket}',
  trail: { readOnly: false },
  changesBucket: true,
  async handle(services, { bucket: { name } }, transaction) {
    if (await hasObjects(services, name)) throw s3Errors.BucketNotEmpty(name)
    await services.uploads.endAll(transaction, name)
    services.buckets.delete(transaction, name)
    return { status: 204 }
  },
}

async function hasObjects({ database }: S3Services, bucket: string): Promise<boolean> {
  for await (const _ of database.entries(objectRecords, { within: [bucket], limit: 1 })) return true
  return false
}
