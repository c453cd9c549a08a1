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
  // Every request has one: no list of fields is made. Each `=` is looked for once, so that commas alone cost no more.
  let begin = end
  for (let mark = authorization.indexOf('=', begin); mark >= 0; ) {
    const comma = authorization.indexOf(',', begin)
    const fieldEnd = comma < 0 ? authorization.length : comma
    if (mark > begin && mark < fieldEnd) {
      const name = authorization.slice(begin, mark).trim()
      addField(fields, name, authorization.slice(mark + 1, fieldEnd).trim())
    }
    begin = fieldEnd + 1
    if (mark < begin) mark = authorization.indexOf('=', begin)
  }
  return fields
}

function addField(fields: AuthorizationFields, name: string, value: string): void {
  fields.count++
  if (name === 'Credential') fields.credential ||= value
  else if (name === 'SignedHeaders') fields.signedHeaders ||= value
  else if (name === 'Signature') fields.signature ||= value
}
