import { readQuery } from '../../protocol/query.ts'
import { BucketTagging, createBucketTagRules } from '../configurations/bucket-tagging.ts'
import { Tag } from '../documents/tagging.ts'
import { readXmlBody } from '../documents/xml-body.ts'
import { childrenOf, list, required, structure } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { onBucket } from '../needs.ts'
import { checkTags } from '../objects/tags.ts'
import type { BucketOperation, BucketRequest, S3Answer, S3Services } from '../operation.ts'
import type { Tag as TagValue } from '../records/object-attributes.ts'
import { controlErrors } from './errors.ts'

/*
 * The tags of a bucket by its ARN: the same as `?tagging` shows, but changed one by one. Source: "Tagging S3 general purpose
 * buckets" in the Amazon S3 User Guide (evidence: s3-control).
 */

const route = '/v20180820/tags/{resourceArn+}'
const TagResourceRequest = structure({ Tags: required(list('Tag', Tag)) })
const ListTagsForResourceResult = structure({ Tags: list('Tag', Tag) })

export const ListTagsForResource: BucketOperation = {
  name: 'ListTagsForResource',
  level: 'bucket',
  route: `GET ${route}`,
  trail: { readOnly: true },
  needs: onBucket('s3:ListTagsForResource'),
  async handle(services, { bucket }) {
    const content = childrenOf(ListTagsForResourceResult.write({ Tags: tagsOf(services, bucket.name) }))
    return { xml: { root: 'ListTagsForResourceResult', content } }
  },
}

/** Adds tags to those there are; one of the same key is replaced. */
export const TagResource: BucketOperation = {
  name: 'TagResource',
  level: 'bucket',
  route: `POST ${route}`,
  trail: { readOnly: false },
  changesBucket: true,
  needs: onBucket('s3:TagResource'),
  weighs: { root: 'TagResourceRequest', read: (document) => ({ tags: TagResourceRequest.read(document).Tags }) },
  async handle(services, request, transaction) {
    const document = await readXmlBody(request, 'TagResourceRequest', 'optional')
    if (!document) throw s3Errors.MalformedXML()
    const { Tags } = TagResourceRequest.read(document)
    checkTags(Tags, addedTagRules)
    const added = new Map(Tags.map(({ Key, Value }) => [Key, Value]))
    const kept = tagsOf(services, request.bucket.name).filter(({ Key }) => !added.has(Key))
    const TagSet = [...kept, ...Tags]
    if (TagSet.length > mostTags) throw controlErrors.TooManyTags()
    BucketTagging.keep(services, transaction, request.bucket, { TagSet })
    return { status: 204 }
  },
}

/** Takes tags away by their keys; one that is not there is as good as taken away. */
export const UntagResource: BucketOperation = {
  name: 'UntagResource',
  level: 'bucket',
  route: `DELETE ${route}`,
  trail: { readOnly: false },
  changesBucket: true,
  needs: onBucket('s3:UntagResource'),
  async handle(services, request, transaction): Promise<S3Answer> {
    const keys = keysOf(request)
    const TagSet = tagsOf(services, request.bucket.name).filter(({ Key }) => !keys.has(Key))
    BucketTagging.keep(services, transaction, request.bucket, TagSet.length > 0 ? { TagSet } : undefined)
    return { status: 204 }
  },
}

const mostTags = 50

/** Of those that are added; how many there are at the end is counted with the others. */
const addedTagRules = {
  ...createBucketTagRules,
  checkCount(count: number) {
    if (count === 0) throw s3Errors.InvalidTag('At least one tag is required.', {})
  },
}

function tagsOf(services: S3Services, bucket: string): TagValue[] {
  return BucketTagging.find(services, bucket)?.TagSet ?? []
}

/** `tagKeys` of the query, which may be there many times. That one must be is the model's; the words are an assumption. */
function keysOf({ call }: BucketRequest): ReadonlySet<string> {
  const pairs = readQuery(call.query)?.pairs ?? []
  const keys = new Set(pairs.flatMap(([name, value]) => (name === 'tagKeys' ? [value] : [])))
  if (keys.size > 0) return keys
  throw s3Errors.InvalidRequest('At least one tag key is required.')
}
