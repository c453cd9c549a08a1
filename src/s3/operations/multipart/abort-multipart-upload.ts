import type { S3Operation } from '../../operation.ts'

/** Ends an upload without an object. */
export const AbortMultipartUpload: S3Operation = {
  name: 'AbortMultipartUpload',
  route: 'DELETE /{Bucket}/{Key+}?uploadId',
  async handle({ uploads }, { bucket, key, query }) {
    await uploads.abort(uploads.get(bucket, key, query.get('uploadId') ?? ''))
    return { status: 204 }
  },
}
