import { errorCatalogue } from '../aws/errors.ts'

const refused = (status: number) => (message: string) => ({ message, status })

/** The errors of STS. */
export const stsErrors = errorCatalogue({
  AccessDenied: refused(403),
  InvalidAuthorizationMessageException: refused(400),
  InvalidParameterValue: refused(400),
  MalformedPolicyDocument: refused(400),
  NotImplemented: refused(501),
  PackedPolicyTooLarge: refused(400),
  ValidationError: refused(400),
})
