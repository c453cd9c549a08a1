import { s3Errors } from '../../errors.ts'
import type { S3Operation, S3Services } from '../../operation.ts'
import { objectRecords } from '../../records/objects.ts'

/** Deletes an empty bucket; uploads in progress go with it. */
export const DeleteBucket: S3Operation = {
  name: 'DeleteBucket',
  route: 'DELETE /{Bucket}',
  trail: { readOnly: false },
  async handle(services, { bucket: name }, management) {
    if (await hasObjects(services, name)) throw s3Errors.BucketNotEmpty(name)
    await services.uploads.endAll(management, name)
    services.buckets.delete(management, name)
    return { status: 204 }
  },
}

async function hasObjects({ database }: S3Services, bucket: string): Promise<boolean> {
  for await (const _ of database.entries(objectRecords, { within: [bucket], limit: 1 })) return true
  return false
}
