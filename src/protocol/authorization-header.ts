import { rememberingLast } from './remembered.ts'

/**
 * What an Authorization header of SigV4 says (IAM User Guide, "Authorization header"):
 *
 *   AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=…
 *
 * The gateway and every authentication read it here, so that none goes by a field that another does not see.
 */
export interface AuthorizationFields {
  algorithm: string
  /** Empty where it is missing, as the others are. */
  credential: string
  signedHeaders: string
  signature: string
  /** How many `name=value` there are, known or not. */
  count: number
}

/** Cuts the header; nothing is checked. The first of a name wins. */
export function readAuthorization(authorization: string): AuthorizationFields {
  return lastFields(authorization, cutFields)
}

const lastFields = rememberingLast<AuthorizationFields>()

function cutFields(authorization: string): AuthorizationFields {
  const space = authorization.indexOf(' ')
  const end = space < 0 ? authorization.length : space
  const fields = { algorithm: authorization.slice(0, end), credential: '', signedHeaders: '', signature: '', count: 0 }
  for (const field of authorization.slice(end).split(',')) {
    const mark = field.indexOf('=')
    if (mark <= 0) continue
    fields.count++
    const name = field.slice(0, mark).trim()
    const value = field.slice(mark + 1).trim()
    if (name === 'Credential') fields.credential ||= value
    else if (name === 'SignedHeaders') fields.signedHeaders ||= value
    else if (name === 'Signature') fields.signature ||= value
  }
  return fields
}
