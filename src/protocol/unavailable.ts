import { AwsError } from '../aws/errors.ts'
import { StoreUnavailable } from '../store/disk.ts'

/**
 * What a service answers when the store does not write: the disk is full, or a reset or the end closed the store before the request
 * was done. The client may send the request again (evidence: service-unavailable).
 * @returns undefined for every other fault
 */
export function unavailable(thrown: unknown): AwsError | undefined {
  if (!(thrown instanceof StoreUnavailable)) return undefined
  return new AwsError('ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', 503)
}
