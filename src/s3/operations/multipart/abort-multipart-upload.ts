import { onObject } from '../../needs.ts'
import type { ObjectOperation } from '../../operation.ts'

/** Ends an upload without an object. */
export const AbortMultipartUpload: ObjectOperation = {
  name: 'AbortMultipartUpload',
  level: 'object',
  route: 'DELETE /{Bucket}/{Key+}?uploadId',
  needs: onObject('s3:AbortMultipartUpload'),
  async handle({ uploads }, { bucket, key, query }) {
    await uploads.abort(uploads.get(bucket.name, key, query.get('uploadId') ?? ''))
    return { status: 204 }
  },
}
