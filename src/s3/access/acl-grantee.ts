import { s3Errors } from '../errors.ts'
import { allUsers, authenticatedUsers, type Grantee, logDelivery } from '../records/acl.ts'

/*
 * Whom a grant names. Any 64 hexadecimal digits are taken for an account: canonical user ids follow from account ids here, and
 * an account that nobody has used yet is there all the same (evidence: s3-acl-grantees).
 */

const canonicalId = /^[0-9a-f]{64}$/
const groups = new Set([allUsers, authenticatedUsers, logDelivery])

/**
 * @param place what the error calls it: `id`, or `CanonicalUser/ID` in a document
 * @throws AwsError InvalidArgument
 */
export function readId(id: string, place: string): Grantee {
  if (!canonicalId.test(id)) throw s3Errors.InvalidArgument('Invalid id', place, id)
  return { id }
}

/**
 * @param place what the error calls it: `uri`, or `Group/URI` in a document
 * @throws AwsError InvalidArgument
 */
export function readGroup(group: string, place: string): Grantee {
  if (!groups.has(group)) throw s3Errors.InvalidArgument('Invalid group uri', place, group)
  return { group }
}

/**
 * S3 takes no e-mail addresses any more (evidence: s3-acl-grantees).
 * @throws AwsError MethodNotAllowed
 */
export function readEmailAddress(): never {
  throw s3Errors.MethodNotAllowed('PUT', 'ACL')
}
