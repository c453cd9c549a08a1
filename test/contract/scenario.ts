import type { CreateGrantCommandInput } from '@aws-sdk/client-kms'
import type { PutBucketAclCommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3'
import type { Clients } from './target.ts'

/*
 * A scenario is what is there: principals with their policies, a bucket, keys; and a row for each call that somebody makes then, with
 * what is expected. Names are those of examples (`names.ts`). Rows are asked in their order; no scenario knows of another.
 */

/** Of a policy; what a bucket's or key's statement does not say of `Resource` is said for it. */
export interface Statement {
  Sid?: string
  Effect: 'Allow' | 'Deny'
  Principal?: string | Record<string, string | readonly string[]>
  NotPrincipal?: Record<string, string | readonly string[]>
  Action?: string | readonly string[]
  NotAction?: string | readonly string[]
  Resource?: string | readonly string[]
  NotResource?: string | readonly string[]
  Condition?: Record<string, Record<string, string | readonly string[]>>
}

type Statements = readonly Statement[]

interface PrincipalSpec {
  /** Inline; undefined: none, and so no rights. */
  policy?: Statements
  /** A managed policy, `ExamplePolicy`. */
  managed?: Statements
  /** A managed policy as permissions boundary, `ExampleBoundary`. */
  boundary?: Statements
  tags?: Record<string, string>
}

export interface UserSpec extends PrincipalSpec {
  /** In the second account. */
  isForeign?: true
}

export interface RoleSpec extends PrincipalSpec {
  /** What its session is narrowed to. */
  session?: Statements
}

export interface BucketSpec {
  policy?: Statements
  /** Takes the public access block away. */
  isOpen?: true
  /** Turns one flag of it on, the others off. */
  block?: 'BlockPublicAcls' | 'IgnorePublicAcls' | 'BlockPublicPolicy' | 'RestrictPublicBuckets'
  ownership?: 'BucketOwnerPreferred' | 'ObjectWriter'
  acl?: Partial<PutBucketAclCommandInput>
  objects?: readonly Partial<PutObjectCommandInput>[]
  /** The default encryption: SSE-KMS under this key. */
  defaultKey?: string
  isBucketKeyEnabled?: true
}

export interface KeySpec {
  /** Beside a statement that lets the account's administrators manage it; undefined: the policy of a new key, which leaves all to IAM. */
  policy?: Statements
  isForeign?: true
  grants?: readonly Omit<CreateGrantCommandInput, 'KeyId'>[]
  tags?: Record<string, string>
  alias?: string
  /** Ciphertexts under it by name: the encryption context of each. */
  ciphertexts?: Record<string, Record<string, string>>
  state?: 'Disabled' | 'PendingDeletion'
}

export interface Scenario {
  name: string
  users?: Record<string, UserSpec>
  roles?: Record<string, RoleSpec>
  buckets?: Record<string, BucketSpec>
  keys?: Record<string, KeySpec>
  rows: readonly Row[]
}

export interface Row {
  /** A user's or role's name, `nobody`, or `administrator`. */
  by: string
  call: Call
  expect: Outcome
  /** Tells rows apart that do the same. */
  when?: string
  /** Why the emulator answers otherwise than a recording of AWS has it: it must answer as the table says then. */
  differs?: string
  /** Why AWS cannot be asked. */
  emulatorAlone?: string
}

export interface Call {
  /** `GetObject a` */
  name: string
  /** The permission it needs first, and on what. */
  action: string
  resource: string
  /** HTTP status of success. */
  success: number
  send(world: World): Promise<unknown>
}

/** What a call has at hand: everything under the names of examples. */
export interface World {
  clients: Clients
  actual<Value>(value: Value): Value
  ciphertext(name: string): Uint8Array
}

export interface Answer {
  status: number
  /** Empty of success. */
  code: string
  message: string
}

/** @param arn of the caller, in names of examples */
export type Outcome = (arn: string, call: Call) => Answer

/** `SCENARIO: Alice GetObject a` */
export function caseOf(scenario: Scenario, { by, call, when }: Row): string {
  return `${scenario.name}: ${by} ${call.name}${when ? ` ${when}` : ''}`
}

/** Whether a second account is part of it. */
export function needsOther(scenario: Scenario): boolean {
  return JSON.stringify(scenario).includes('"isForeign":true')
}
