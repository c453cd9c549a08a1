import { AwsError } from '../aws/errors.ts'
import { StoreClosed } from '../store/database.ts'

/**
 * What a service tells of a store that was closed under its hands: a reset, or the end, came before the request was done. Nothing
 * of it was written, so it may be sent again. Source: "Common errors" in the API References of KMS and STS.
 * @returns undefined for every other fault
 */
export function unavailable(thrown: unknown): AwsError | undefined {
  if (!(thrown instanceof StoreClosed)) return undefined
  return new AwsError('ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', 503)
}
