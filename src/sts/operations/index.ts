import type { StsOperation } from '../operation.ts'
import { AssumeRole } from './assume-role.ts'
import { DecodeAuthorizationMessage } from './decode-authorization-message.ts'
import { GetAccessKeyInfo } from './get-access-key-info.ts'
import { GetCallerIdentity } from './get-caller-identity.ts'
import { GetFederationToken } from './get-federation-token.ts'
import { GetSessionToken } from './get-session-token.ts'

/** Every operation of STS that is here, by name; the endpoint refuses the others by name. */
export const stsOperations: ReadonlyMap<string, StsOperation> = new Map(
  [
    AssumeRole,
    DecodeAuthorizationMessage,
    GetAccessKeyInfo,
    GetCallerIdentity,
    GetFederationToken,
    GetSessionToken,
  ].map((operation) => [operation.name, operation]),
)

/** What AWS's model (botocore 1.43, sts 2011-06-15) has beside them. */
export const absentOperations: readonly string[] = [
  'AssumeRoleWithSAML',
  'AssumeRoleWithWebIdentity',
  'AssumeRoot',
  'GetDelegatedAccessToken',
  'GetWebIdentityToken',
]
