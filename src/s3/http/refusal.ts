import { AwsError } from '../../aws/errors.ts'
import { StoreUnavailable } from '../../store/disk.ts'
import { s3Errors } from '../errors.ts'

/** What is no refusal is our own fault, but for a store that is full or was closed meanwhile: the request may be sent again. */
export function refusalOf(error: unknown): AwsError {
  if (error instanceof AwsError) return error
  return error instanceof StoreUnavailable ? s3Errors.ServiceUnavailable() : s3Errors.InternalError()
}
