import type { WeighedRequest } from '../operation.ts'
import type { Tag } from '../records/object-attributes.ts'
import type { RequestFacts } from './request-facts.ts'

/*
 * Condition keys that end in the key of a tag:
 *
 *   s3:RequestObjectTag/K    a write's header, a form's field, PutObjectTagging's document
 *   s3:ExistingObjectTag/K   the object, or the version that is asked for
 *   aws:RequestTag/K         the documents of CreateBucket and TagResource
 *   aws:ResourceTag/K, s3:BucketTag/K   the bucket, for its objects too (evidence: s3-abac)
 *
 * Tags whose keys differ by case alone all answer to a name, because policies ignore the case of condition keys.
 */

/** Actions whose request tags a policy knows by the global names. */
export const tagsBuckets = new Set(['s3:CreateBucket', 's3:TagResource'])

/** What comes before the key of a tag: where such tags are from. */
const sources = {
  's3:requestobjecttag/': ({ request }) => tagsOfRequest(request),
  's3:existingobjecttag/': existingTags,
  'aws:requesttag/': ({ request, need }) => (tagsBuckets.has(need.action) ? tagsOfRequest(request) : []),
  'aws:resourcetag/': ({ findBucketTags }) => findBucketTags() ?? [],
  's3:buckettag/': ({ findBucketTags }) => findBucketTags() ?? [],
} as const satisfies Record<string, (facts: RequestFacts) => readonly Tag[]>
type Prefix = keyof typeof sources
const prefixes: readonly Prefix[] = [
  's3:requestobjecttag/',
  's3:existingobjecttag/',
  'aws:requesttag/',
  'aws:resourcetag/',
  's3:buckettag/',
]

/** @param key in lower case */
export function tagPrefixOf(key: string): Prefix | undefined {
  return prefixes.find((prefix) => key.startsWith(prefix))
}

/** Reads values of tags, by what comes before the key and the key in lower case; the tags are read once. */
export function tagReader(facts: RequestFacts) {
  const known = new Map<Prefix, ReadonlyMap<string, readonly string[]>>()
  return (prefix: Prefix, name: string): readonly string[] | undefined => {
    const values = known.get(prefix) ?? byLowerKey(sources[prefix](facts))
    known.set(prefix, values)
    return values.get(name)
  }
}

function byLowerKey(tags: readonly Tag[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, Set<string>>()
  for (const { Key, Value } of tags) {
    const name = Key.toLowerCase()
    const known = values.get(name)
    if (known) known.add(Value)
    else values.set(name, new Set([Value]))
  }
  return new Map([...values].map(([name, set]) => [name, [...set]]))
}

/** @returns undefined where there are none: the condition key then is not in the request */
export function keysOf(tags: readonly Tag[]): readonly string[] | undefined {
  return tags.length > 0 ? tags.map(({ Key }) => Key) : undefined
}

/** More tags than an object can have are refused, whatever policies say: so many of them are weighed. */
const mostTags = 100

/** The tags that a request puts on what it is about. */
export function tagsOfRequest({ headers, document }: Pick<WeighedRequest, 'headers' | 'document'>): readonly Tag[] {
  if (document?.tags) return document.tags.slice(0, mostTags)
  const header = headers['x-amz-tagging']
  if (header === undefined) return []
  const pairs = header.split('&', mostTags).filter((pair) => pair !== '')
  return [...new URLSearchParams(pairs.join('&'))].map(([Key, Value]) => ({ Key, Value }))
}

/** Operations of which policies see no tags that are there: what they write is not yet, and of the last it is so (captured). */
const blindToTags = new Set(['PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload', 'GetObjectAttributes'])

function existingTags({ request, findObject }: RequestFacts): readonly Tag[] {
  if (blindToTags.has(request.operation)) return []
  return findObject()?.attributes?.tags ?? []
}
