import { canonicalUserId } from '../../aws/caller.ts'
import { s3Errors } from '../errors.ts'
import { ownerOfNew } from '../objects/ownership.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { UploadRecord } from '../records/uploads.ts'
import type { S3Settings } from '../settings.ts'
import { urlEncode } from './listing-page.ts'
import { namedOwner } from './named-owner.ts'

export const largestPage = 1000

/** Who began an upload, who has a name still (evidence: s3-display-name), and who will own what it makes. */
export function people(bucket: BucketRecord, { initiator, ownerAccountId, acl }: UploadRecord, settings: S3Settings) {
  return {
    Initiator: { ID: initiator.id, DisplayName: initiator.displayName },
    Owner: namedOwner(canonicalUserId(ownerOfNew(bucket, ownerAccountId, acl)), settings),
  }
}

export function readEncoding(query: ReadonlyMap<string, string>): (text: string) => string {
  const type = query.get('encoding-type')
  if (type === undefined) return (text) => text
  if (type === 'url') return urlEncode
  throw s3Errors.InvalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type)
}

/** The largest a Java int can be, which is what S3 reads. */
const largestInteger = 2_147_483_647

export function readNumber(query: ReadonlyMap<string, string>, name: string): number | undefined {
  const value = query.get(name)
  if (value === undefined || value === '') return undefined
  const number = Number(value)
  if (/^\d+$/.test(value) && number <= largestInteger) return number
  if (/^-\d+$/.test(value) && number >= -largestInteger) {
    throw s3Errors.InvalidArgument(`Argument ${name} must be an integer between 0 and ${largestInteger}`, name, value)
  }
  throw s3Errors.InvalidArgument(`Provided ${name} not an integer or within integer range`, name, value)
}
