import { bucketArn } from '../../aws/arn.ts'
import { controlOperations } from '../../s3/control/operations.ts'
import type { Need, NeedingRequest, S3Operation } from '../../s3/operation.ts'
import { operations } from '../../s3/operations/index.ts'
import type { TrailRecord } from '../../trail/event.ts'

/*
 * Which permissions a recorded call of S3 needed: its record has the bucket, the key, the query and those headers that say so, and what the
 * operation declares (`needs`) makes the permissions of them, as it did when it was called.
 */

/**
 * @param record of a call of S3
 * @returns in their order; of DeleteObjects, whose record names no keys, all keys of the bucket
 */
export function needsOf(record: TrailRecord): readonly Need[] {
  const request = requestOf(record)
  if (record.eventName === 'DeleteObjects') {
    return [{ action: 's3:DeleteObject', resource: `${bucketArn(request.bucketName)}/` }]
  }
  const isOwnAccount = ownerOf(record) === record.userIdentity.accountId
  const needs = operationOf(record.eventName, request)?.needs(request) ?? []
  return needs.filter(({ askedOf }) => askedOf === undefined || (askedOf === 'own account') === isOwnAccount)
}

/** Of two operations of one name the account's has no bucket. */
function operationOf(name: string, { bucketName }: NeedingRequest): S3Operation | undefined {
  const named = [...operations, ...controlOperations].filter((operation) => operation.name === name)
  return named.find(({ level }) => (level === 'service') === (bucketName === '')) ?? named[0]
}

/** Parameters of the query and headers stand side by side in a record. */
function requestOf({ requestParameters }: TrailRecord): NeedingRequest {
  const { bucketName, key, ...others } = requestParameters ?? {}
  const texts = Object.entries(others).flatMap(([name, value]): [string, string][] => {
    return typeof value === 'string' ? [[name, value]] : []
  })
  return {
    bucketName: typeof bucketName === 'string' ? bucketName : '',
    key: typeof key === 'string' ? key : '',
    query: new Map(texts),
    headers: Object.fromEntries(texts.map(([name, value]) => [name.toLowerCase(), value])),
  }
}

function ownerOf({ resources = [] }: TrailRecord): string | undefined {
  return resources.find(({ type }) => type === 'AWS::S3::Bucket')?.accountId
}
