import { list, required, string, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

/*
 * The tags of a bucket. Two operations take them, each with its own messages: PutBucketTagging, and CreateBucket, whose messages are
 * those of TagResource. Lengths count UTF-16 units. Source: "Tagging S3 buckets" and PutBucketTagging in the Amazon S3
 * documentation (evidence: s3-bucket-tagging).
 */

export const Tag = structure({ Key: required(string()), Value: required(string()) })
export const TagSet = list('Tag', Tag)
export type Tags = ValueOf<typeof TagSet>

/** A tag set that is empty or left out takes the tags away. */
export const Tagging = structure({ TagSet })

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
  check({ TagSet = [] }) {
    checkTags(TagSet, putBucketTaggingWords)
    return TagSet.length === 0 ? undefined : { TagSet }
  },
})

/** The messages of an operation for what is wrong with a tag. */
interface TagWords {
  duplicate: string
  system: string
  key: string
  value: string
}

const putBucketTaggingWords: TagWords = {
  duplicate: 'Cannot provide multiple Tags with the same key',
  system: 'System tags cannot be added/updated by requester',
  key: 'The TagKey you have provided is invalid',
  value: 'The TagValue you have provided is invalid',
}

const unfit =
  "This request contains a tag key or value that isn't valid. Valid characters include the following: [a-zA-Z+-=._:/]. " +
  'Tag keys can contain up to 128 characters. Tag values can contain up to 256 characters.'

/** Of CreateBucket the second is known; the others are TagResource's. */
export const createBucketTagWords: TagWords = {
  duplicate: 'There are duplicate tag keys in your request. Remove the duplicate tag keys and try again.',
  system:
    'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. ' +
    'Remove "aws:" from your tag keys and try again.',
  key: unfit,
  value: unfit,
}

const mostTags = 50
const longestKey = 128
const longestValue = 256
const allowed = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u

/**
 * Checks the tags of a bucket: how many, then one after another.
 * @throws AwsError BadRequest, InvalidTag
 */
export function checkTags(tags: Tags, words: TagWords): void {
  if (tags.length > mostTags) throw s3Errors.BadRequest(`Bucket tag count cannot be greater than ${mostTags}`)
  const keys = new Set<string>()
  for (const { Key, Value } of tags) {
    if (keys.has(Key)) throw s3Errors.InvalidTag(words.duplicate, { TagKey: Key })
    keys.add(Key)
    if (Key.startsWith('aws:')) throw s3Errors.InvalidTag(words.system, { TagKey: Key })
    if (/^aws:/i.test(Key)) throw s3Errors.InvalidTag(almostSystem, { TagKey: Key })
    if (Key === '' || !isFit(Key, longestKey)) throw s3Errors.InvalidTag(words.key, { TagKey: Key })
    if (!isFit(Value, longestValue)) throw s3Errors.InvalidTag(words.value, { TagKey: Key, TagValue: Value })
  }
}

const almostSystem =
  'Invalid Tag. Tags cannot start with "aws:"(case insensitive) unless they are System Tags that start with "aws:"' +
  '(case sensitive)'

function isFit(text: string, longest: number): boolean {
  return text.length <= longest && allowed.test(text)
}
