import { anonymousCaller } from '../aws/caller.ts'
import type { Authentication, Credential } from './authentication.ts'
import { authenticationErrors } from './authentication-errors.ts'
import { type AuthenticationOptions, findCredential, readCredential, regionOf } from './proof.ts'
import { signV2 } from './signature-v2.ts'
import { algorithmV4, equalInConstantTime, hmacHex, parseTime, signingKey } from './signature-v4.ts'

/** Fields of a browser form, names in lower case. */
export type FormFields = Readonly<Record<string, string>>

/**
 * Finds out who signed a browser upload (S3: "Authenticating requests in browser-based uploads using POST"). The string to
 * sign is the base64 text of the policy as it stands in the form. What the policy says is judged elsewhere; so is its
 * expiry, which is all that limits such a signature in time. A form without a field of a signature is an anonymous one, policy or
 * not (evidence: s3-form).
 * @throws AwsError in S3's words
 */
export function authenticatePolicyForm(fields: FormFields, options: AuthenticationOptions): Authentication {
  if (anyOf(fields, ['x-amz-signature', 'x-amz-credential', 'x-amz-algorithm'])) return formV4(fields, options)
  if (anyOf(fields, ['signature', 'awsaccesskeyid'])) return formV2(fields, options)
  const { region } = options
  return { caller: anonymousCaller, signature: 'none', method: 'none', region, payload: { coding: 'unsigned' } }
}

function anyOf(fields: FormFields, names: readonly string[]): boolean {
  return names.some((name) => fields[name] !== undefined)
}

function formV4(fields: FormFields, { credentials }: AuthenticationOptions): Authentication {
  const policy = field(fields, 'Policy')
  const signature = field(fields, 'X-Amz-Signature')
  const algorithm = field(fields, 'X-Amz-Algorithm')
  const credentialText = field(fields, 'X-Amz-Credential')
  const date = field(fields, 'X-Amz-Date')
  if (algorithm !== algorithmV4)
    throw wrong(`X-Amz-Algorithm only supports "${algorithmV4} and AWS4-ECDSA-P256-SHA256"`)
  const { accessKeyId, scope } = readCredential(credentialText, (fault) =>
    wrong(`Error parsing the X-Amz-Credential parameter; ${fault}`),
  )
  if (parseTime(date) === undefined) throw wrong(`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`)
  if (!date.startsWith(scope.date)) {
    throw wrong(
      `Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${date.slice(0, 8)}".`,
    )
  }
  const credential = findCredential(accessKeyId, fields['x-amz-security-token'], credentials)
  prove(policy, signature, accessKeyId, credential, (secret) => hmacHex(signingKey(secret, scope), policy))
  return proven(credential, 'SigV4', regionOf(scope))
}

function formV2(fields: FormFields, { credentials, region }: AuthenticationOptions): Authentication {
  const policy = field(fields, 'Policy')
  const signature = field(fields, 'Signature')
  const accessKeyId = field(fields, 'AWSAccessKeyId')
  const credential = findCredential(accessKeyId, fields['x-amz-security-token'], credentials)
  prove(policy, signature, accessKeyId, credential, (secret) => signV2(secret, policy))
  return proven(credential, 'SigV2', region)
}

function proven({ caller }: Credential, signature: 'SigV4' | 'SigV2', region: string): Authentication {
  return { caller, signature, method: 'PostForm', region, payload: { coding: 'unsigned' } }
}

function prove(
  stringToSign: string,
  signature: string,
  accessKeyId: string,
  { secretAccessKey }: Credential,
  sign: (secret: string) => string,
): void {
  if (secretAccessKey === undefined || equalInConstantTime(sign(secretAccessKey), signature)) return
  throw authenticationErrors.SignatureDoesNotMatch({ accessKeyId, signature, stringToSign })
}

const wrong = (message: string) => authenticationErrors.AuthorizationQueryParametersError(message)

function field(fields: FormFields, name: string): string {
  const value = fields[name.toLowerCase()]
  if (value === undefined || value === '') throw missingField(name)
  return value
}

function missingField(name: string): Error {
  const message = `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`
  return authenticationErrors.InvalidArgument(message, name, '')
}
