import { needsOfDeletion } from '../../needs.ts'
import { readDeleteCondition } from '../../objects/conditions.ts'
import { deleteOne } from '../../objects/delete.ts'
import { headersOfDeletions } from '../../objects/ineffective-headers.ts'
import { bypassesGovernance } from '../../objects/object-lock.ts'
import type { ObjectOperation } from '../../operation.ts'

/** Deletes an object or one of its versions; one that is not there is no error. No key is needed, however it is encrypted (evidence: s3-delete). */
export const DeleteObject: ObjectOperation = {
  name: 'DeleteObject',
  level: 'object',
  route: 'DELETE /{Bucket}/{Key+}',
  addressing: ['versionId'],
  headers: headersOfDeletions,
  needs: (request) =>
    needsOfDeletion(request, {
      key: request.key,
      versionId: request.query.get('versionId'),
      etag: request.headers['if-match'],
    }),
  async handle(services, request) {
    const { key, headers, query } = request
    const versionId = query.get('versionId')
    bypassesGovernance(request.bucket, headers)
    const deletion = await deleteOne(services, request, key, versionId, readDeleteCondition(headers, versionId))
    return {
      status: 204,
      headers: {
        'x-amz-version-id': deletion.versionId,
        'x-amz-delete-marker': deletion.isMarker ? 'true' : undefined,
      },
    }
  },
}
