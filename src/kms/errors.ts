import { errorCatalogue } from '../aws/errors.ts'
import type { KeyState } from './key-state.ts'

const refused = (message: string) => ({ message, status: 400 })

/**
 * The errors KMS answers. Client errors are HTTP 400 on the wire, whatever the model's `httpError` trait says (evidence:
 * kms-status), and some have no message at all (evidence: kms-empty-message).
 */
export const kmsErrors = errorCatalogue({
  AccessDeniedException: (message: string) => refused(message),
  AlreadyExistsException: (message: string) => refused(message),
  ConflictException: (message: string) => refused(message),
  DisabledException: (keyArn: string) => refused(`${keyArn} is disabled.`),
  DryRunOperationException: () => refused('The request would have succeeded, but the DryRun option is set.'),
  ExpiredImportTokenException: () => refused(''),
  IncorrectKeyException: () =>
    refused('The key ID in the request does not identify a CMK that can perform this operation.'),
  IncorrectKeyMaterialException: (message: string) => refused(message),
  InvalidAliasNameException: (message: string) => refused(message),
  InvalidArnException: (message: string) => refused(message),
  InvalidCiphertextException: () => refused(''),
  InvalidGrantIdException: (message: string) => refused(message),
  InvalidGrantTokenException: (message: string) => refused(message),
  InvalidImportTokenException: () => refused(''),
  InvalidKeyUsageException: (message: string) => refused(message),
  InvalidMarkerException: () => refused(''),
  KMSInternalException: () => ({ message: 'KMS failed; the log of the emulator says why.', status: 500 }),
  KMSInvalidMacException: () => refused(''),
  KMSInvalidSignatureException: () => refused(''),
  KMSInvalidStateException: (message: string) => refused(message),
  LimitExceededException: (message: string) => refused(message),
  MalformedPolicyDocumentException: (message: string) => refused(message),
  NotAuthorizedException: (message: string) => refused(message),
  NotFoundException: (message: string) => refused(message),
  TagException: (message: string) => refused(message),
  UnknownOperationException: () => refused(''),
  UnsupportedOperationException: (message: string) => refused(message),
  ValidationException: (message: string) => refused(message),
})

/** Of a grant that is not there; AWS's words are not known, its API reference has these. */
export function invalidGrantId() {
  return kmsErrors.InvalidGrantIdException('The request was rejected because the specified GrantId is not valid.')
}

/** The error for a key whose state does not allow the operation (evidence: kms-key-states). */
export function stateError(keyArn: string, state: KeyState) {
  if (state === 'Disabled') return kmsErrors.DisabledException(keyArn)
  return kmsErrors.KMSInvalidStateException(`${keyArn} is ${stateWords[state]}.`)
}

const stateWords: Record<Exclude<KeyState, 'Disabled'>, string> = {
  Enabled: 'not pending deletion',
  PendingDeletion: 'pending deletion',
  PendingReplicaDeletion: 'pending deletion',
  PendingImport: 'pending import',
  Unavailable: 'unavailable',
}
