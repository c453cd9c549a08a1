import { cloudTrailErrors } from '../errors.ts'
import type { TrailTag } from '../records/kinds.ts'

const mostTags = 50

/**
 * Tags with others beside them, which take the place of those of the same key.
 * @throws AwsError InvalidTagParameterException, TagsLimitExceededException
 */
export function withTags(tags: readonly TrailTag[], added: readonly TrailTag[]): TrailTag[] {
  const keys = new Set(added.map(({ Key }) => Key))
  if (keys.size < added.length) throw cloudTrailErrors.InvalidTagParameterException('Tag keys must be unique.')
  const reserved = added.find(({ Key }) => /^aws:/i.test(Key))
  if (reserved) throw cloudTrailErrors.InvalidTagParameterException(`Tag key ${reserved.Key} must not begin with aws:.`)
  const all = [...tags.filter(({ Key }) => !keys.has(Key)), ...added]
  if (all.length > mostTags) throw cloudTrailErrors.TagsLimitExceededException()
  return all
}
