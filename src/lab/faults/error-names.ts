import { LabRefusal } from '../refusal.ts'

/*
 * The errors that a fault may be: AWS's names, with status and words. Of KMS, client errors are 400 on the wire (evidence: kms-status).
 * Sources: "Common error types" and the Errors sections of the AWS KMS API Reference, "Error responses" of the Amazon S3 one.
 */

type Row = readonly [status: number, message: string]
export type ErrorTable = Readonly<Record<string, Row>>

const kms: ErrorTable = {
  ThrottlingException: [
    400,
    'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  ],
  KMSInternalException: [
    500,
    'The request was rejected because an internal exception occurred. The request can be retried.',
  ],
  DependencyTimeoutException: [
    503,
    'The system timed out while trying to fulfill the request. You can retry the request.',
  ],
  KeyUnavailableException: [500, 'The request was rejected because the specified KMS key was not available.'],
  ServiceUnavailableException: [503, 'The request has failed due to a temporary failure of the server.'],
  InternalFailure: [500, 'The request processing has failed because of an unknown error, exception or failure.'],
  AccessDeniedException: [400, 'You do not have sufficient access to perform this action.'],
  ConflictException: [400, 'The request was rejected because an automatic rotation of this key is in progress.'],
  DisabledException: [400, 'The request was rejected because the specified KMS key is not enabled.'],
  ExpiredTokenException: [400, 'The security token included in the request is expired'],
  IncorrectKeyException: [400, 'The key ID in the request does not identify a CMK that can perform this operation.'],
  InvalidCiphertextException: [400, ''],
  InvalidGrantTokenException: [400, 'The request was rejected because the specified grant token is not valid.'],
  InvalidKeyUsageException: [400, 'The request was rejected because the key cannot be used in this operation.'],
  KMSInvalidStateException: [
    400,
    'The request was rejected because the state of the key is not valid for this request.',
  ],
  LimitExceededException: [400, 'The request was rejected because a quota was exceeded.'],
  NotFoundException: [400, 'The request was rejected because the specified entity or resource could not be found.'],
  UnrecognizedClientException: [400, 'The security token included in the request is invalid.'],
}

const s3: ErrorTable = {
  SlowDown: [503, 'Please reduce your request rate.'],
  ServiceUnavailable: [503, 'Please reduce your request rate.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  AccessDenied: [403, 'Access Denied'],
  BadDigest: [400, 'The Content-MD5 you specified did not match what we received.'],
  ConditionalRequestConflict: [
    409,
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
  ],
  ExpiredToken: [400, 'The provided token has expired.'],
  IncompleteBody: [400, 'The request body terminated unexpectedly'],
  InvalidAccessKeyId: [403, 'The AWS Access Key Id you provided does not exist in our records.'],
  InvalidObjectState: [403, "The operation is not valid for the object's storage class"],
  InvalidToken: [400, 'The provided token is malformed or otherwise invalid.'],
  'KMS.DisabledException': [400, 'The request was rejected because the specified KMS key is not enabled.'],
  'KMS.NotFoundException': [400, 'The request was rejected because the specified key could not be found.'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchUpload: [
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  ],
  OperationAborted: [
    409,
    'A conflicting conditional operation is currently in progress against this resource. Please try again.',
  ],
  PreconditionFailed: [412, 'At least one of the pre-conditions you specified did not hold'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and the current time is too large.'],
  RequestTimeout: [
    400,
    'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
  ],
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
}

export const faultErrors = { kms, s3 } as const

/** @throws LabRefusal where no service has an error of that name */
export function checkErrorName(code: string, services: readonly ('kms' | 's3')[]): void {
  if (services.some((service) => Object.hasOwn(faultErrors[service], code))) return
  const names = services.flatMap((service) => Object.keys(faultErrors[service]))
  throw unknownError(code, names, services.map((service) => service.toUpperCase()).join(' and '))
}

function unknownError(code: string, names: readonly string[], services: string): LabRefusal {
  const known = [...new Set(names)].sort().join(', ')
  return new LabRefusal('wrong', `There is no error ${code} of ${services}; there are: ${known}`)
}
