import type { EntityType, Tag } from '../../identity/records.ts'
import { iamErrors } from '../errors.ts'

/*
 * Tags of IAM's things. The keys of users' and roles' tags ignore case, those of policies' do not (evidence: iam-tag-keys): `a` and `A` lie side
 * by side on a policy.
 */

const mostTags = 50

/** @throws AwsError InvalidInput: a key comes twice */
export function checkTags(type: EntityType, tags: readonly Tag[]): void {
  const keys = tags.map(({ Key }) => spelling(type, Key))
  if (new Set(keys).size === keys.length) return
  const hint = ignoresCase(type) ? ' Please note that Tag keys are case insensitive.' : ''
  throw iamErrors.InvalidInput(`Duplicate tag keys found.${hint}`)
}

/** @throws AwsError InvalidInput, LimitExceeded */
export function withTags(type: EntityType, tags: readonly Tag[] = [], added: readonly Tag[]): Tag[] {
  checkTags(type, added)
  const all = [
    ...withoutTags(
      type,
      tags,
      added.map(({ Key }) => Key),
    ),
    ...added,
  ]
  if (all.length > mostTags) throw iamErrors.LimitExceeded('The number of tags has reached the maximum limit.')
  return all
}

export function withoutTags(type: EntityType, tags: readonly Tag[] = [], keys: readonly string[]): Tag[] {
  const gone = new Set(keys.map((key) => spelling(type, key)))
  return tags.filter(({ Key }) => !gone.has(spelling(type, Key)))
}

function spelling(type: EntityType, key: string): string {
  return ignoresCase(type) ? key.toLowerCase() : key
}

function ignoresCase(type: EntityType): boolean {
  return type === 'user' || type === 'role'
}
