import { AwsError } from '../aws/errors.ts'
import { StoreUnavailable } from '../store/disk.ts'

/**
 * What a service tells of a store that does not write: its disk is full, or it was closed under the service's hands, because a reset or
 * the end came before the request was done. The request may be sent again. Source: "Common errors" in the API References of KMS and STS.
 * @returns undefined for every other fault
 */
export function unavailable(thrown: unknown): AwsError | undefined {
  if (!(thrown instanceof StoreUnavailable)) return undefined
  return new AwsError('ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', 503)
}
