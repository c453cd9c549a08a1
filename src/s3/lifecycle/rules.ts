import type { ObjectAttributes, Tag } from '../records/object-attributes.ts'
import { expiryAfter } from '../records/restore.ts'
import type { Expiration, Lifecycle, LifecycleFilter, LifecycleRule } from './lifecycle-record.ts'

/*
 * Which rules are about an object, and when what they say falls due:
 *
 *   LastModified ── Days ──▶ │ the next midnight of UTC ▶ due          Date ▶ due, again and again
 *   successor's  ── NoncurrentDays ──▶ │ the next midnight ▶ due       initiated ── DaysAfterInitiation ──▶ │ … ▶ due
 *
 * Source: "Understanding object expiration" and "Lifecycle rules based on an object's age" in the Amazon S3 User Guide
 * (evidence: s3-lifecycle-days).
 */

/** What a filter looks at; a delete marker has neither size nor attributes. */
export interface Filtered {
  key: string
  size?: number
  attributes?: ObjectAttributes
}

/** The enabled rules that are about an object. */
export function rulesFor({ Rules }: Lifecycle, filtered: Filtered): LifecycleRule[] {
  return Rules.filter((rule) => rule.Status === 'Enabled' && matches(rule, filtered))
}

function matches({ Prefix, Filter }: LifecycleRule, filtered: Filtered): boolean {
  if (!filtered.key.startsWith(Prefix ?? prefixOf(Filter))) return false
  if (!Filter) return true
  const { ObjectSizeGreaterThan: above, ObjectSizeLessThan: below } = Filter.And ?? Filter
  if (above !== undefined && !(filtered.size !== undefined && filtered.size > above)) return false
  if (below !== undefined && !(filtered.size !== undefined && filtered.size < below)) return false
  return tagsOf(Filter).every((tag) => hasTag(filtered, tag))
}

/** The prefix of a rule, in whatever form it is given. */
export function prefixOf(filter: LifecycleFilter | undefined): string {
  return filter?.And?.Prefix ?? filter?.Prefix ?? ''
}

export function tagsOf({ Tag, And }: LifecycleFilter): readonly Tag[] {
  return And?.Tags ?? (Tag ? [Tag] : [])
}

/** Whether a rule has an own word on sizes: then the smallest that is worth a transition is not asked for. */
export function limitsSize({ Filter }: LifecycleRule): boolean {
  const { ObjectSizeGreaterThan, ObjectSizeLessThan } = Filter?.And ?? Filter ?? {}
  return ObjectSizeGreaterThan !== undefined || ObjectSizeLessThan !== undefined
}

function hasTag({ attributes }: Filtered, { Key, Value }: Tag): boolean {
  return attributes?.tags?.some((tag) => tag.Key === Key && tag.Value === Value) ?? false
}

/**
 * When an action of a current version falls due.
 * @param lastModified ms since the epoch
 * @returns ms since the epoch; undefined where the action has neither Days nor a Date
 */
export function dueAt(
  { Date: date, Days }: Pick<Expiration, 'Date' | 'Days'>,
  lastModified: number,
): number | undefined {
  if (date !== undefined) return date
  return Days === undefined ? undefined : expiryAfter(lastModified, Days)
}

/** What falls due by a rule. */
export interface Due {
  /** ms since the epoch */
  time: number
  rule: LifecycleRule
}

/** The earliest expiry of a current version; of several at one time, the one whose rule comes first. */
export function expiryOf(lifecycle: Lifecycle, filtered: Filtered, lastModified: number): Due | undefined {
  return earliest(
    rulesFor(lifecycle, filtered).map((rule) => ({ rule, time: dueAt(rule.Expiration ?? {}, lastModified) })),
  )
}

/** When an upload is aborted, and by which rule. @param initiated ms since the epoch */
export function abortOf({ Rules }: Lifecycle, key: string, initiated: number): Due | undefined {
  const aborting = Rules.filter(
    ({ Status, Prefix, Filter, AbortIncompleteMultipartUpload }) =>
      Status === 'Enabled' &&
      AbortIncompleteMultipartUpload !== undefined &&
      key.startsWith(Prefix ?? prefixOf(Filter)),
  )
  return earliest(
    aborting.map((rule) => {
      const { DaysAfterInitiation: Days } = rule.AbortIncompleteMultipartUpload ?? {}
      return { rule, time: dueAt({ Days }, initiated) }
    }),
  )
}

function earliest(all: readonly { rule: LifecycleRule; time: number | undefined }[]): Due | undefined {
  let first: Due | undefined
  for (const { rule, time } of all) {
    if (time !== undefined && (first === undefined || time < first.time)) first = { rule, time }
  }
  return first
}
