import { createHash } from 'node:crypto'
import { rootArn } from './arn.ts'

/** Who makes a request, as IAM and CloudTrail name it. A plain record: the store keeps it, policies and the trail read it. */
export interface Caller {
  type: 'IAMUser' | 'AssumedRole' | 'FederatedUser' | 'Root' | 'Anonymous' | 'AWSService'
  /** `arn:aws:iam::ACCOUNT:user/NAME`, `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, `arn:aws:sts::ACCOUNT:federated-user/NAME`,
   * `arn:aws:iam::ACCOUNT:root`; empty of nobody and of a service */
  arn: string
  /** 12 digits; empty of nobody and of a service */
  accountId: string
  /** AIDA… for a user, AROA…:SESSION for a role session, ACCOUNT:NAME for a federated user, the account id for root, the service principal */
  principalId: string
  /** The IAM user's name, or the role session's */
  userName?: string
  accessKeyId?: string
  /** Of a role session: the role it comes from, and when it was issued (ms since the epoch) */
  role?: {
    arn: string
    principalId: string
    name: string
    issuedAt: number
    /** Nobody declared it: it is taken at its word, as an unknown access key is. */
    isUndeclared?: true
  }
  /** Of temporary credentials of a user: when they were issued (ms since the epoch) */
  issuedAt?: number
  /** Of temporary credentials of a user: when a code of its MFA device was shown for them (ms since the epoch) */
  mfaAt?: number
  /** Of a federated user: the user whose permissions it shares */
  federatedBy?: { arn: string; principalId: string; name: string }
  /** Of a service: the resource for which it acts, which policies know as `aws:SourceArn` and `aws:SourceAccount` */
  source?: { arn: string; accountId: string }
  /** Tags of the principal and of its session, which policies know as `aws:PrincipalTag/KEY` */
  tags?: readonly { Key: string; Value: string }[]
}

export const anonymousCaller: Caller = { type: 'Anonymous', arn: '', accountId: '', principalId: 'ANONYMOUS' }

/**
 * A service of AWS that acts by itself, let in by resource policies alone.
 * @param principal `logging.s3.amazonaws.com`
 * @param source the resource for which it acts
 */
export function serviceCaller(principal: string, source: NonNullable<Caller['source']>): Caller {
  return { type: 'AWSService', arn: '', accountId: '', principalId: principal, source }
}

export function rootCaller(accountId: string, accessKeyId?: string): Caller {
  return { type: 'Root', arn: rootArn(accountId), accountId, principalId: accountId, accessKeyId }
}

/**
 * An IAM user of an account.
 * @param path IAM's path and name, `name` or `division/name`
 * @param uniqueId AIDA…; where it is not given it follows from the ARN
 */
export function userCaller(accountId: string, path: string, accessKeyId?: string, uniqueId?: string): Caller {
  const arn = `arn:aws:iam::${accountId}:user/${path}`
  const userName = path.slice(path.lastIndexOf('/') + 1)
  const principalId = uniqueId ?? principalIdOf('AIDA', arn)
  return { type: 'IAMUser', arn, accountId, principalId, userName, accessKeyId }
}

/** What a unique id begins with: of a user, role, group, managed policy, instance profile. */
export type UniqueIdPrefix = 'AIDA' | 'AROA' | 'AGPA' | 'ANPA' | 'AIPA'

/** An IAM unique id: its prefix and 17 letters that follow from the ARN, so that a run is repeatable. */
export function principalIdOf(prefix: UniqueIdPrefix, arn: string): string {
  return prefix + identifierLetters(createHash('sha256').update(arn).digest().subarray(0, 17))
}

/** Letters as AWS's identifiers have them, one for each byte. */
export function identifierLetters(bytes: Uint8Array): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  return [...bytes].map((byte) => letters[byte % 32]).join('')
}

/** The canonical user id of nobody, who owns what was written anonymously ("Access control list (ACL) overview", S3 User Guide). */
const anonymousUserId = '65a011a29cdf8ec533ec3d1ccaae921c'

/**
 * The canonical user id of an account: 64 hex digits. AWS's are opaque; ours follow from the account id.
 * @param accountId empty: of nobody
 */
export function canonicalUserId(accountId: string): string {
  if (accountId === '') return anonymousUserId
  return createHash('sha256').update(`canonical-user:${accountId}`).digest('hex')
}

/** The name of an account, as S3 showed it beside its canonical user id: AWS's was chosen by the customer, ours follows from the id. */
export function displayName(canonicalId: string): string {
  return `account-${canonicalId.slice(0, 12)}`
}
