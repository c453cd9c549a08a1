import { type ErrorDetails, errorCatalogue } from '../aws/errors.ts'
import { accessLogErrors } from './errors/access-logs.ts'
import { bucketNamespaceErrors } from './errors/bucket-namespaces.ts'
import { identifiedConfigurationErrors } from './errors/identified-configurations.ts'
import { metadataTableErrors } from './errors/metadata-tables.ts'

const argument = (ArgumentName: string, ArgumentValue: string | undefined) => ({ ArgumentName, ArgumentValue })

/**
 * S3's errors, closed: code, message, status and the elements beside them. Full stops at the end of messages are irregular on AWS
 * too; each message is as it was seen (evidence: s3-error-texts). Source: "Error responses" in the Amazon S3 API Reference.
 */
export const s3Errors = errorCatalogue({
  // Who asks
  AccessDenied: (message = 'Access Denied', details: ErrorDetails = {}, headers: Record<string, string> = {}) => ({
    message,
    status: 403,
    details,
    headers,
  }),
  AccessForbidden: (message: string, Method: string, ResourceType: string) => ({
    message,
    status: 403,
    details: { Method, ResourceType },
  }),
  InvalidBucketOwnerAWSAccountID: (value: string) => ({
    message: `The value of the expected bucket owner parameter must be an AWS Account ID... [${value}]`,
    status: 400,
  }),

  // How it is asked
  BadRequest: (message: string, headers: Record<string, string> = {}) => ({ message, status: 400, headers }),
  InvalidURI: (URI: string) => ({ message: "Couldn't parse the specified URI.", status: 400, details: { URI } }),
  KeyTooLongError: (Size: number) => ({
    message: 'Your key is too long',
    status: 400,
    details: { Size, MaxSizeAllowed: 1024 },
  }),
  MethodNotAllowed: (Method: string, ResourceType: string, headers: Record<string, string> = {}) => ({
    message: 'The specified method is not allowed against this resource.',
    status: 405,
    details: { Method, ResourceType },
    headers,
  }),
  NotImplemented: (message: string, details: ErrorDetails = {}) => ({ message, status: 501, details }),
  InvalidArgument: (message: string, name?: string, value?: string) => ({
    message,
    status: 400,
    details: name === undefined ? {} : argument(name, value),
  }),
  InvalidRequest: (message: string, details: ErrorDetails = {}) => ({ message, status: 400, details }),
  MalformedXML: () => ({
    message: 'The XML you provided was not well-formed or did not validate against our published schema',
    status: 400,
  }),
  MaxMessageLengthExceeded: (MaxMessageLengthBytes: number) => ({
    message: 'Your request was too big.',
    status: 400,
    details: { MaxMessageLengthBytes },
  }),
  MissingRequestBodyError: () => ({ message: 'Request Body is empty', status: 400 }),
  MissingContentLength: () => ({ message: 'You must provide the Content-Length HTTP header.', status: 411 }),
  PreconditionFailed: (
    Condition: string,
    message = 'At least one of the pre-conditions you specified did not hold',
  ) => ({
    message,
    status: 412,
    details: { Condition },
  }),
  ConditionalRequestConflict: (Condition: string, Key: string) => ({
    message: 'The conditional request cannot succeed due to a conflicting operation against this resource.',
    status: 409,
    details: { Condition, Key },
  }),
  OperationAborted: () => ({
    message: 'A conflicting conditional operation is currently in progress against this resource. Please try again.',
    status: 409,
  }),
  InternalError: () => ({ message: 'We encountered an internal error. Please try again.', status: 500 }),
  ServiceUnavailable: () => ({ message: 'Service is unable to handle request.', status: 503 }),

  // Buckets
  NoSuchBucket: (BucketName: string) => ({
    message: 'The specified bucket does not exist',
    status: 404,
    details: { BucketName },
  }),
  InvalidBucketName: (BucketName: string) => ({
    message: 'The specified bucket is not valid.',
    status: 400,
    details: { BucketName },
  }),
  BucketAlreadyOwnedByYou: (BucketName: string) => ({
    message: 'Your previous request to create the named bucket succeeded and you already own it.',
    status: 409,
    details: { BucketName },
  }),
  BucketAlreadyExists: (BucketName: string) => ({
    message:
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. ' +
      'Please select a different name and try again.',
    status: 409,
    details: { BucketName },
  }),
  BucketNotEmpty: (BucketName: string, hasVersions = false) => ({
    message: `The bucket you tried to delete is not empty${hasVersions ? '. You must delete all versions in the bucket.' : ''}`,
    status: 409,
    details: { BucketName },
  }),
  InvalidLocationConstraint: (LocationConstraint: string) => ({
    message: 'The specified location-constraint is not valid',
    status: 400,
    details: { LocationConstraint },
  }),
  IllegalLocationConstraintException: (given: string) => ({
    message: `The ${given} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    status: 400,
  }),
  InvalidBucketAclWithObjectOwnership: () => ({
    message: "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    status: 400,
  }),
  InvalidBucketAclWithBlockPublicAccessError: () => ({
    message: 'Bucket cannot have public ACLs set with BlockPublicAccess enabled',
    status: 400,
  }),
  IllegalVersioningConfigurationException: () => ({
    message: 'The Versioning element must be specified',
    status: 400,
  }),
  AccessControlListNotSupported: (message = 'The bucket does not allow ACLs') => ({ message, status: 400 }),

  InvalidTag: (message: string, details: ErrorDetails) => ({ message, status: 400, details }),

  IllegalAccelerateConfigurationException: () => ({ message: 'The Accelerate element must be specified', status: 400 }),
  MissingSecurityHeader: (MissingHeaderName: string) => ({
    message: 'Your request was missing a required header',
    status: 400,
    details: { MissingHeaderName },
  }),
  UnexpectedContent: () => ({ message: 'This request does not support content', status: 400 }),
  MalformedACLError: () => ({
    message: 'The XML you provided was not well-formed or did not validate against our published schema',
    status: 400,
  }),

  // Settings a bucket does not have
  ServerSideEncryptionConfigurationNotFoundError: (BucketName: string) => ({
    message: 'The server side encryption configuration was not found',
    status: 404,
    details: { BucketName },
  }),
  MalformedPolicy: (message: string, Detail?: string) => ({ message, status: 400, details: { Detail } }),
  NoSuchBucketPolicy: (BucketName: string) => ({
    message: 'The bucket policy does not exist',
    status: 404,
    details: { BucketName },
  }),
  NoSuchTagSet: (BucketName: string) => ({
    message: 'The TagSet does not exist',
    status: 404,
    details: { BucketName },
  }),
  NoSuchCORSConfiguration: (BucketName: string) => ({
    message: 'The CORS configuration does not exist',
    status: 404,
    details: { BucketName },
  }),
  NoSuchLifecycleConfiguration: (BucketName: string) => ({
    message: 'The lifecycle configuration does not exist',
    status: 404,
    details: { BucketName },
  }),
  OwnershipControlsNotFoundError: (BucketName: string) => ({
    message: 'The bucket ownership controls were not found',
    status: 404,
    details: { BucketName },
  }),
  NoSuchPublicAccessBlockConfiguration: (BucketName: string) => ({
    message: 'The public access block configuration was not found',
    status: 404,
    details: { BucketName },
  }),
  ObjectLockConfigurationNotFoundError: (BucketName: string) => ({
    message: 'Object Lock configuration does not exist for this bucket',
    status: 404,
    details: { BucketName },
  }),
  InvalidBucketState: (message: string) => ({ message, status: 409 }),
  NoSuchObjectLockConfiguration: () => ({
    message: 'The specified object does not have a ObjectLock configuration',
    status: 404,
  }),
  NoSuchWebsiteConfiguration: (BucketName: string) => ({
    message: 'The specified bucket does not have a website configuration',
    status: 404,
    details: { BucketName },
  }),
  ReplicationConfigurationNotFoundError: (BucketName: string) => ({
    message: 'The replication configuration was not found',
    status: 404,
    details: { BucketName },
  }),
  ...accessLogErrors,
  ...bucketNamespaceErrors,
  ...identifiedConfigurationErrors,
  ...metadataTableErrors,

  // Objects
  NoSuchKey: (Key: string, headers: Record<string, string> = {}) => ({
    message: 'The specified key does not exist.',
    status: 404,
    details: { Key },
    headers,
  }),
  NoSuchVersion: (Key: string, VersionId: string) => ({
    message: 'The specified version does not exist.',
    status: 404,
    details: { Key, VersionId },
  }),
  InvalidRange: (ActualObjectSize: number, RangeRequested: string) => ({
    message: 'The requested range is not satisfiable',
    status: 416,
    details: { RangeRequested, ActualObjectSize },
  }),
  InvalidPartNumber: (ActualPartCount: number, PartNumberRequested: string) => ({
    message: 'The requested partnumber is not satisfiable',
    status: 416,
    details: { ActualPartCount, PartNumberRequested },
  }),
  InvalidRedirectLocation: (message: string) => ({ message, status: 400 }),
  RestoreAlreadyInProgress: () => ({ message: 'Object restore is already in progress', status: 409 }),
  InvalidTier: () => ({ message: 'Retrieval option is not supported by this storage class', status: 403 }),
  InvalidObjectState: (message: string, details: ErrorDetails = {}) => ({ message, status: 403, details }),
  InvalidStorageClass: (StorageClassRequested: string) => ({
    message: 'The storage class you specified is not valid',
    status: 400,
    details: { StorageClassRequested },
  }),
  MetadataTooLarge: (Size: number) => ({
    message: 'Your metadata headers exceed the maximum allowed metadata size',
    status: 400,
    details: { Size, MaxSizeAllowed: 2048 },
  }),
  EntityTooLarge: (ProposedSize: number, MaxSizeAllowed: number) => ({
    message: 'Your proposed upload exceeds the maximum allowed size',
    status: 400,
    details: { ProposedSize, MaxSizeAllowed },
  }),
  EntityTooSmall: (ProposedSize: number, MinSizeAllowed: number, details: ErrorDetails = {}) => ({
    message: 'Your proposed upload is smaller than the minimum allowed size',
    status: 400,
    details: { ProposedSize, MinSizeAllowed, ...details },
  }),
  InvalidDigest: (value: string) => ({
    message: 'The Content-MD5 you specified was invalid.',
    status: 400,
    details: { 'Content-MD5': value },
  }),
  BadDigest: (message: string, details: ErrorDetails = {}) => ({ message, status: 400, details }),

  // Multipart uploads
  NoSuchUpload: (UploadId: string) => ({
    message:
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    status: 404,
    details: { UploadId },
  }),
  InvalidPart: (UploadId: string, PartNumber: number, ETag: string) => ({
    message:
      'One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified ' +
      "entity tag may not match the part's entity tag.",
    status: 400,
    details: { UploadId, PartNumber, ETag },
  }),
  InvalidPartOrder: (UploadId: string) => ({
    message: 'The list of parts was not in ascending order. Parts must be ordered by part number.',
    status: 400,
    details: { UploadId },
  }),

  // Browser forms
  MalformedPOSTRequest: () => ({
    message: 'The body of your POST request is not well-formed multipart/form-data.',
    status: 400,
  }),
  MaxPostPreDataLengthExceeded: () => ({
    message: 'Your POST request fields preceding the upload file were too large.',
    status: 400,
  }),
  InvalidPolicyDocument: (message: string) => ({ message, status: 400 }),
})

/** A condition that S3 itself does not implement. */
export function headerNotImplemented(Header: string, additionalMessage?: string) {
  return s3Errors.NotImplemented('A header you provided implies functionality that is not implemented', {
    Header,
    additionalMessage,
  })
}

/*
 * What S3 knows and this emulator gives no effect to is refused by name and value, never silently dropped. SDKs show the
 * message alone.
 */

const longestShown = 256

/** A header whose value asks for something that is not here. */
export function ineffectiveHeader(Header: string, value: string) {
  const message = `The header ${Header}: ${value.slice(0, longestShown)} is not implemented by this emulator`
  return s3Errors.NotImplemented(message, { Header })
}

/** A value in a document that asks for something that is not here. */
export function notImplementedValue(document: string, element: string, value: string) {
  return s3Errors.NotImplemented(`${document} with ${element} ${value} is not implemented by this emulator`)
}

/** An element of a document that is not here at all. */
export function notImplementedElement(document: string, element: string) {
  return s3Errors.NotImplemented(`${document} with ${element} is not implemented by this emulator`)
}
