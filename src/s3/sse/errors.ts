import { errorCatalogue } from '../../aws/errors.ts'

const header = 'x-amz-server-side-encryption'

/** S3's errors about encryption, in AWS's words where they are known (evidence: sse-c-write-order, sse-c-read, sse-kms-refusals). */
export const sseErrors = errorCatalogue({
  InvalidArgument: (message: string, argumentValue = 'null', argumentName: string = header) => ({
    message,
    status: 400,
    details: { ArgumentName: argumentName, ArgumentValue: argumentValue },
  }),
  InvalidEncryptionAlgorithmError: (argumentValue: string) => ({
    message: 'The Encryption request you specified is not valid. Supported value: AES256.',
    status: 400,
    details: { ArgumentName: header, ArgumentValue: argumentValue },
  }),
  InvalidRequest: (message: string) => ({ message, status: 400 }),
  AccessDenied: (message: string) => ({ message, status: 403 }),
  SlowDown: () => ({ message: 'Please reduce your request rate.', status: 503 }),
  InternalError: () => ({ message: 'We encountered an internal error. Please try again.', status: 500 }),
})

const customer = 'Requests specifying Server Side Encryption with Customer provided keys must'

export const words = {
  incompatible:
    'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
  needsAlgorithm: `${customer} provide a valid encryption algorithm.`,
  needsKey: `${customer} provide an appropriate secret key.`,
  // MinIO's words: AWS's are not known.
  needsMd5: `${customer} provide the client calculated MD5 of the secret key.`,
  md5Differs: 'The calculated MD5 hash of the key did not match the hash that was provided.',
  unfitKey: 'The secret key was invalid for the specified algorithm.',
  // MinIO's words: AWS's are not known.
  needsTls: `${customer} be made over a secure connection.`,
  wrongKey: `${customer} provide the correct secret key.`,
  keyMissing:
    'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
  notApplicable: 'The encryption parameters are not applicable to this object.',
  partNeedsKey:
    'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.',
  partKeyDiffers: 'The provided encryption parameters did not match the ones used originally.',
  needsKmsHeader:
    'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
  unknownMethod: 'The encryption method specified is not supported',
  contextForm: `The header '${header}-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map`,
  contextArn: 'The encryption context aws:s3:arn must be the ARN of the object',
  bucketKeyForm: 'The value specified in the x-amz-server-side-encryption-bucket-key-enabled header is not valid',
  needsSignatureVersion4:
    'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.',
  notForReading: `${header} header is not supported for this operation.`,
  blocked: (principal: string, arn: string) =>
    `User: ${principal} is not authorized to perform: s3:PutObject on resource: "${arn}" because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type.`,
}
