import { Tagging } from '../documents/tagging.ts'
import { s3Errors } from '../errors.ts'
import { checkTags, type TagRules } from '../objects/tags.ts'
import { refuseTagsThatCount } from './bucket-abac.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

/*
 * The tags of a bucket. Two operations take them, each with its own messages: PutBucketTagging, and CreateBucket, whose messages are
 * those of TagResource. Source: "Tagging S3 buckets" and PutBucketTagging in the Amazon S3 documentation
 * (evidence: s3-bucket-tagging).
 */

export const BucketTagging = bucketConfiguration({
  name: 'tagging',
  subresource: 'tagging',
  root: 'Tagging',
  shape: Tagging,
  get: { name: 'GetBucketTagging', action: 's3:GetBucketTagging' },
  put: { name: 'PutBucketTagging', action: 's3:PutBucketTagging', status: 204, digest: 'required' },
  delete: { name: 'DeleteBucketTagging', action: 's3:PutBucketTagging' },
  absent({ name }) {
    throw s3Errors.NoSuchTagSet(name)
  },
  check({ TagSet = [] }, { services, request }) {
    refuseTagsThatCount(services, request.bucket.name, 'put')
    checkTags(TagSet, putBucketTaggingRules)
    return TagSet.length === 0 ? undefined : { TagSet }
  },
  checkDelete: ({ name }, services) => refuseTagsThatCount(services, name, 'delete'),
})

const mostTags = 50

/** How many tags a bucket may have, however they come. */
function checkCount(count: number): void {
  if (count > mostTags) throw s3Errors.BadRequest(`Bucket tag count cannot be greater than ${mostTags}`)
}

const almostSystem =
  'Invalid Tag. Tags cannot start with "aws:"(case insensitive) unless they are System Tags that start with "aws:"' +
  '(case sensitive)'

const putBucketTaggingRules: TagRules = {
  checkCount,
  duplicate: 'Cannot provide multiple Tags with the same key',
  system: 'System tags cannot be added/updated by requester',
  almostSystem,
  key: 'The TagKey you have provided is invalid',
  value: 'The TagValue you have provided is invalid',
}

const unfit =
  "This request contains a tag key or value that isn't valid. Valid characters include the following: [a-zA-Z+-=._:/]. " +
  'Tag keys can contain up to 128 characters. Tag values can contain up to 256 characters.'

/** Of CreateBucket the second message is known; the others are TagResource's. */
export const createBucketTagRules: TagRules = {
  checkCount,
  duplicate: 'There are duplicate tag keys in your request. Remove the duplicate tag keys and try again.',
  system:
    'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. ' +
    'Remove "aws:" from your tag keys and try again.',
  almostSystem,
  key: unfit,
  value: unfit,
}
