import { recordKind } from '../store/keyspace.ts'
import type { MfaDevice } from './mfa.ts'

/*
 * What IAM keeps, each under its ARN, and how it is found by its name, which ignores case and path:
 *
 *   principal             ARN                          → a user, a role, or the root of an account
 *   accessKey             access key id                → whose it is, and the secret
 *   group                 ARN                          → policies; its members name it
 *   managedPolicy         ARN                          → the document of the default version, which every request may ask for
 *   managedPolicyVersion  ARN │ number                 → a document
 *   instanceProfile       ARN                          → its role
 *   identityName          account │ type │ lower case  → the ARN
 */

/** A policy as it was given: a JSON document. */
export interface NamedPolicy {
  name: string
  /** Of a managed policy. */
  arn?: string
  document: string
}

export interface Tag {
  Key: string
  Value: string
}

export interface AccessKey {
  id: string
  secret: string
  /** UpdateAccessKey: it does not sign until it is active again. */
  isInactive?: boolean
  /** ms since the epoch */
  createdAt?: number
}

/** What every thing of IAM has. Fixture files leave out what follows from the ARN. */
export interface Entity {
  arn: string
  /** AIDA…, AROA…, AGPA…, ANPA…, AIPA…; undefined: it follows from the ARN */
  uniqueId?: string
  /** ms since the epoch */
  createdAt?: number
  tags?: readonly Tag[]
}

/** An IAM user or role of any account. */
export interface Principal extends Entity {
  /** `arn:aws:iam::ACCOUNT:user/PATH`, `…:role/PATH` or `…:root` */
  arn: string
  accessKeys: readonly AccessKey[]
  /** Inline policies; neither these nor managed policies nor groups: administrator of its account. Those IAM made have a list. */
  policies?: readonly NamedPolicy[]
  /** ARNs of managed policies. */
  attachedPolicies?: readonly string[]
  /** Of a user: ARNs of groups. */
  groups?: readonly string[]
  /** The ARN of a managed policy: what the principal may do at most. */
  permissionsBoundary?: string
  /** Of a user or a root. */
  mfaDevice?: MfaDevice
  /** Of a role. */
  description?: string
  /** Of a role: who may assume it, as a JSON document; none: everybody in its account. */
  trustPolicy?: string
  /** Of a role: how long a session may last, in seconds; default 3600. */
  maxSessionDuration?: number
}

export interface Group extends Entity {
  policies: readonly NamedPolicy[]
  attachedPolicies: readonly string[]
}

export interface ManagedPolicy extends Entity {
  description?: string
  /** Of the default version. */
  document: string
  defaultVersion: number
  /** Numbers are never given out again. */
  newestVersion: number
  /** ms since the epoch */
  updatedAt?: number
}

export interface PolicyVersion {
  document: string
  /** ms since the epoch */
  createdAt: number
}

export interface InstanceProfile extends Entity {
  /** ARNs of roles; AWS has one at most. */
  roles: readonly string[]
}

export interface AccessKeyRecord {
  arn: string
  secret: string
  isInactive?: boolean
  /** Deleted: nobody may take an id for an unknown one that was somebody's. */
  isDeleted?: boolean
}

/** What has a name of its own in an account, as ARNs call it. */
export type EntityType = 'user' | 'role' | 'group' | 'policy' | 'instance-profile'

export const principals = recordKind<Principal>()('principal', ['string'])
export const accessKeys = recordKind<AccessKeyRecord>()('accessKey', ['string'])
export const groups = recordKind<Group>()('group', ['string'])
export const managedPolicies = recordKind<ManagedPolicy>()('managedPolicy', ['string'])
export const policyVersions = recordKind<PolicyVersion>()('managedPolicyVersion', ['string', 'integer'])
export const instanceProfiles = recordKind<InstanceProfile>()('instanceProfile', ['string'])
export const identityNames = recordKind<{ arn: string }>()('identityName', ['string', 'string', 'string'])
