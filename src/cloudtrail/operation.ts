import type { Ambient } from '../ambient.ts'
import type { Caller } from '../aws/caller.ts'
import type { KmsService } from '../kms/service.ts'
import type { Endpoint } from '../protocol/http.ts'
import type { Shape } from '../protocol/shapes.ts'
import type { RootKey } from '../root-key.ts'
import type { S3Ruling } from '../s3/access/told-ruling.ts'
import type { Need } from '../s3/operation.ts'
import type { BucketRecord } from '../s3/records/buckets.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { TrailStore } from './records/trails.ts'

/*
 * What an operation on trails is, and what its `handle` is given:
 *
 *   declared       done before `handle`
 *   input          read, in AWS's words for every fault
 *   on             the ARN that the caller's policies are asked about, with `cloudtrail:NAME`
 *   readOnly       CloudTrail's word; what is not holds the account's lock, and is committed with its event
 */

/** What trails need of the other services. */
export interface CloudTrailServices {
  database: Database
  ambient: Ambient
  rootKey: RootKey
  trails: TrailStore
  kms: Pick<KmsService, 'ask' | 'invoke'>
  s3: {
    endpoint: Endpoint
    /** Whether a call that nobody makes would be allowed. @param headers that it would have */
    ask(caller: Caller, need: Need, headers: Readonly<Record<string, string>>): S3Ruling
    findBucket(name: string): BucketRecord | undefined
  }
}

/** One call of CloudTrail, by somebody who may make it. */
export interface CloudTrailCall {
  caller: Caller
  /** The caller's. */
  accountId: string
  region: string
  /** ms since the epoch */
  now: number
  transaction: Transaction
  services: CloudTrailServices
}

export interface OperationDeclaration<Input> {
  name: string
  input: Shape<Input>
  readOnly: boolean
  /** The ARN of what it touches, or of each, or `*`. @throws AwsError where what it names is no trail's name nor ARN */
  on(call: Pick<CloudTrailCall, 'accountId' | 'region'>, input: Input): string | readonly string[]
  /** What it does otherwise than AWS, in a sentence; COVERAGE.md shows it. */
  differs?: string
  /** A throw discards every change. @returns the answer's members */
  handle(call: CloudTrailCall, input: Input): object | Promise<object>
}

/** An operation in the table. */
export type CloudTrailOperation = OperationDeclaration<object>

/** Declares an operation: types its parts against its input, and forgets the type for the table. */
export function cloudTrailOperation<Input extends object>(
  declaration: OperationDeclaration<Input>,
): CloudTrailOperation {
  return declaration
}
