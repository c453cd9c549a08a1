import type { Explanations } from '../access/explanations.ts'
import type { PolicyCache } from '../access/policy-cache.ts'
import type { Ruling } from '../access/ruling.ts'
import type { Ambient } from '../ambient.ts'
import type { Caller } from '../aws/caller.ts'
import type { Principals } from '../identity/principals.ts'
import type { HttpCall } from '../protocol/http.ts'
import type { QueryOutput } from '../protocol/query-output.ts'
import type { Shape } from '../protocol/shapes.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { Trail } from '../trail/trail.ts'

/*
 * What an operation of IAM is, and what its `handle` is given:
 *
 *   declared       done before `handle`
 *   input          read, in AWS's words for every fault
 *   on             the ARN that the caller's policies are asked about, with `iam:NAME`
 *   readOnly       CloudTrail's word; what is not holds the account's lock, and is committed with its event
 */

/** One call of IAM, by somebody who may make it. */
export interface IamCall {
  http: HttpCall
  caller: Caller
  /** The caller's: IAM knows no other. */
  accountId: string
  /** ms since the epoch */
  now: number
  /** Reads what is committed, and what the call changed. Walks are over what is committed. */
  transaction: Transaction
  services: IamServices
  /** What was asked of policies, in order: the service's own note. */
  rulings: Ruling[]
}

/** What it takes to know which ARN is meant by a name. */
export type IamPlace = Pick<IamCall, 'accountId' | 'caller' | 'transaction'>

export interface IamServices {
  database: Database
  ambient: Ambient
  principals: Principals
  /** Policies as they are weighed. */
  policies: PolicyCache
  explanations: Explanations
  trail: Trail
}

/** What all inputs may have, for those who look at any of them. */
export interface SharedMembers {
  Tags?: { Key: string; Value: string }[]
  TagKeys?: string[]
  PolicyArn?: string
  PermissionsBoundary?: string
}

export interface OperationDeclaration<Input> {
  name: string
  input: Shape<Input>
  readOnly: boolean
  /** The ARN of what it touches, or `*`; IAM's policies are asked about it. */
  on(call: IamPlace, input: Input): string
  /** What it does otherwise than AWS, in a sentence; COVERAGE.md shows it. */
  differs?: string
  /** What is left to do. A throw discards every change. @returns undefined: the answer has no result */
  handle(call: IamCall, input: Input): QueryOutput | undefined | Promise<QueryOutput | undefined>
}

/** An operation in the table. */
export type IamOperation = OperationDeclaration<SharedMembers>

/** Declares an operation: types its parts against its input, and forgets the type for the table. */
export function iamOperation<Input extends object>(declaration: OperationDeclaration<Input>): IamOperation {
  return declaration
}
