import { s3Errors } from '../errors.ts'
import type { S3Operation } from '../operation.ts'

/*
 * Parameters that say what of an object is meant:
 *
 *   versionId    a version        partNumber   a part of the object, or of an upload
 *
 * An operation that goes on as if one had not been said would do something else than was asked: `PUT key?partNumber=1` would
 * overwrite the object. So it takes those that it declares and those of its route, and refuses the others. Parameters that no
 * operation knows are ignored, as S3 does.
 */

/**
 * Of what selects a sub-resource the value is ignored, but for `website`, which may have none.
 * @throws AwsError InvalidArgument for the first parameter that does not belong to the operation, or an empty version id;
 * InvalidRequest where the versions of a key are asked for (evidence: s3-addressing)
 */
export function checkAddressing(operation: S3Operation, query: ReadonlyMap<string, string>): void {
  for (const [name, value] of query) {
    if (name === 'versions' && operation.level === 'object') throw s3Errors.InvalidRequest(noVersionsOfKey)
    if (name === 'website' && value !== '' && isTaken(operation, name)) {
      throw s3Errors.InvalidArgument('The website parameter must not have a value', name, value)
    }
    const refusal = refusals[name]
    if (!refusal) continue
    if (name === 'versionId' && value === '') {
      throw s3Errors.InvalidArgument('Version id cannot be the empty string', name, value)
    }
    if (!isTaken(operation, name)) throw s3Errors.InvalidArgument(refusal, name, value)
  }
}

const noVersionsOfKey = 'There is no such thing as the ?versions sub-resource for a key'

/** Evidence: s3-addressing. */
const refusals: Record<string, string> = {
  versionId: 'This operation does not accept a version-id.',
  partNumber: 'This operation does not accept partNumber without uploadId',
}

/** Of these two names no other parameter's begins with one. */
function isTaken({ addressing, route }: S3Operation, name: string): boolean {
  return addressing?.includes(name) || route.includes(`?${name}`) || route.includes(`&${name}`)
}
