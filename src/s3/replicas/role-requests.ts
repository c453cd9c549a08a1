import { bucketArn, objectArn } from '../../aws/arn.ts'
import type { Caller } from '../../aws/caller.ts'
import { AwsError } from '../../aws/errors.ts'
import type { Authentication } from '../../protocol/authentication.ts'
import { callInProcess } from '../../protocol/http.ts'
import type { Access, Need, WeighedRequest } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { type FailureReason, ReplicationFailure } from './failure.ts'

/*
 * What the role must be allowed ("Setting up permissions for live replication" in the Amazon S3 User Guide; evidence:
 * s3-replication-permissions). Policies are weighed as for a request: explain tells what came of it under the request's id.
 */

/** What a role asks for. */
interface AskedInRole {
  caller: Caller
  requestId: string
  /** As explanations name it. */
  operation: string
  versionId: string
}

/** The role, as it asks for one version. */
export class RoleRequests {
  readonly caller: Caller
  readonly requestId: string
  readonly #access: Access
  readonly #operation: string
  readonly #versionId: string
  /** One of all that is asked for, so that they are explained together. */
  readonly #call = callInProcess({ headers: { 'user-agent': 's3.amazonaws.com' } })

  constructor(access: Access, { caller, requestId, operation, versionId }: AskedInRole) {
    this.#access = access
    this.caller = caller
    this.requestId = requestId
    this.#operation = operation
    this.#versionId = versionId
  }

  authenticationIn({ region }: BucketRecord): Authentication {
    return { caller: this.caller, region, signature: 'SigV4', method: 'AuthHeader', payload: { coding: 'unsigned' } }
  }

  /**
   * @param headers what the request would say, for condition keys
   * @throws ReplicationFailure with the reason, where a policy refuses
   */
  async require(
    action: string,
    bucket: BucketRecord,
    key: string | undefined,
    reason: FailureReason,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    try {
      this.#access.permit(this.#request(bucket, headers), [this.#need(action, bucket, key)], bucket)
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      await this.#access.noteFailure(this.#call, error)
      throw new ReplicationFailure(reason, `${this.caller.arn} may not ${action}: explain ${this.requestId} tells why`)
    }
  }

  may(action: string, bucket: BucketRecord, key: string): boolean {
    return this.#access.may(this.#request(bucket, {}), this.#need(action, bucket, key), bucket)
  }

  #need(action: string, { name }: BucketRecord, key: string | undefined): Need {
    const resource = key === undefined ? bucketArn(name) : objectArn(name, key)
    return action.startsWith('s3:GetObjectVersion')
      ? { action, resource, versionId: this.#versionId }
      : { action, resource }
  }

  #request(bucket: BucketRecord, headers: Readonly<Record<string, string>>): WeighedRequest {
    return {
      operation: this.#operation,
      query: new Map(),
      headers,
      call: this.#call,
      authentication: this.authenticationIn(bucket),
      requestId: this.requestId,
    }
  }
}
