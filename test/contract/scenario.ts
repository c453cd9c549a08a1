import type { CreateGrantCommandInput } from '@aws-sdk/client-kms'
import type { PutBucketAclCommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3'
import { exampleAccount, exampleOther, sessionName } from './names.ts'
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
  sessionTags?: Record<string, string>
}

export interface BucketSpec {
  policy?: Statements
  /** Takes the public access block away. */
  isOpen?: true
  /** Turns one flag of it on, the others off. */
  block?: 'BlockPublicAcls' | 'IgnorePublicAcls' | 'BlockPublicPolicy' | 'RestrictPublicBuckets'
  ownership?: 'BucketOwnerPreferred' | 'ObjectWriter'
  acl?: Partial<PutBucketAclCommandInput>
  tags?: Record<string, string>
  /** Attribute-based access control: policies see the tags. */
  hasAbac?: true
  /** With it the first two objects are the example's first and second version. */
  isVersioned?: true
  objects?: readonly Partial<PutObjectCommandInput>[]
  /** Written when everything else is set up, by the user or role that is named. */
  written?: readonly (Partial<PutObjectCommandInput> & { by: string })[]
  /** Begun by the user or role that is named, else by the administrator. */
  uploads?: readonly { Key: string; by?: string; isStopped?: true }[]
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
  /** `PendingImport`: its material was to be imported, and nobody did. */
  state?: 'Disabled' | 'PendingDeletion' | 'PendingImport'
  isMultiRegion?: true
}

/**
 * Where what is expected is known from: facts of docs/evidence.md by their ids, a page of AWS's by its title, or nothing: then it says
 * what is assumed. What evidence.md itself marks as assumed is assumed here too.
 */
export type Source = `evidence: ${string}` | `docs: ${string}` | `assumed: ${string}`

export interface Scenario {
  name: string
  /** Of all its rows that have none of their own. */
  source: Source
  /** Its rows are sent over plain HTTP. */
  overPlainHttp?: true
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
  /** Signed in the query, as a presigned URL is. */
  isPresigned?: true
  /** Tells rows apart that do the same. */
  when?: string
  source?: Source
  /** The emulator answers otherwise than AWS, which `expect` tells of. */
  differs?: Difference
  /** Why AWS cannot be asked. */
  emulatorAlone?: string
}

export interface Difference {
  /** Why the emulator answers otherwise. */
  why: string
  emulator: Outcome
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
export function caseOf(scenario: Scenario, row: Row): string {
  return `${scenario.name}: ${row.by} ${askedOf(row)}`
}

/** `GetObject a, presigned, under a key` */
export function askedOf({ call, isPresigned, when }: Row): string {
  return `${call.name}${isPresigned ? ', presigned,' : ''}${when ? ` ${when}` : ''}`.replace(/,$/, '')
}

/** Who makes a row's call, in names of examples; empty of nobody and of the administrator. */
export function arnOf({ users = {}, roles = {} }: Scenario, by: string): string {
  const user = users[by]
  if (user) return `arn:aws:iam::${user.isForeign ? exampleOther : exampleAccount}:user/${by}`
  return roles[by] ? `arn:aws:sts::${exampleAccount}:assumed-role/${by}/${sessionName}` : ''
}

/** Whether a second account is part of it. */
export function needsOther(scenario: Scenario): boolean {
  return JSON.stringify(scenario).includes('"isForeign":true')
}
