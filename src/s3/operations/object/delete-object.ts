import { readDeleteCondition } from '../../objects/conditions.ts'
import { deleteOne } from '../../objects/delete.ts'
import type { S3Operation } from '../../operation.ts'

/** Deletes an object; one that is not there is no error. No key is needed, whatever it is encrypted with (recorded). */
export const DeleteObject: S3Operation = {
  name: 'DeleteObject',
  route: 'DELETE /{Bucket}/{Key+}',
  async handle(services, { bucket, key, headers, query }) {
    await deleteOne(services, bucket, key, query.get('versionId'), readDeleteCondition(headers))
    return { status: 204 }
  },
}
