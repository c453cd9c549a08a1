import { type StorageClass, storageClassOf } from '../records/object-attributes.ts'
import type { ObjectRecord } from '../records/object-record.ts'
import type { Lifecycle, LifecycleRule, TargetClass } from './lifecycle-record.ts'
import { limitsSize } from './rules.ts'

/*
 * To which class transitions move an object. Those that are due are followed in the order of their days, so a clock that was turned
 * by months ends where day by day would have (evidence: s3-lifecycle-transitions):
 *
 *   STANDARD ──30──▶ STANDARD_IA ──90──▶ GLACIER ──365──▶ DEEP_ARCHIVE       what the class cannot become is skipped
 */

/** A transition that a rule wants. */
export interface WantedTransition {
  /** ms since the epoch */
  time: number
  to: TargetClass
  rule: LifecycleRule
}

const fromAnyArchive: readonly TargetClass[] = ['GLACIER', 'DEEP_ARCHIVE']
const all: readonly TargetClass[] = [
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
]

const allowed: Record<StorageClass, readonly TargetClass[]> = {
  STANDARD: all,
  REDUCED_REDUNDANCY: all,
  STANDARD_IA: all.slice(1),
  INTELLIGENT_TIERING: all.slice(2),
  ONEZONE_IA: fromAnyArchive,
  GLACIER_IR: fromAnyArchive,
  GLACIER: ['DEEP_ARCHIVE'],
  DEEP_ARCHIVE: [],
}

/** Of transitions on one day the last of these that is wanted: the cheaper, but for INTELLIGENT_TIERING. */
const preferred: readonly TargetClass[] = [
  'STANDARD_IA',
  'ONEZONE_IA',
  'GLACIER_IR',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
]

const smallestWorthIt = 131_072

/** The transitions that may be done to an object of that size. */
export function worthwhile(
  wanted: readonly WantedTransition[],
  { size }: Pick<ObjectRecord, 'size'>,
  { minimumSize }: Pick<Lifecycle, 'minimumSize'>,
): WantedTransition[] {
  if (size >= smallestWorthIt) return [...wanted]
  const varies = minimumSize === 'varies_by_storage_class'
  return wanted.filter(({ to, rule }) => limitsSize(rule) || (varies && fromAnyArchive.includes(to)))
}

/** The class that an object has once all that is wanted by `now` is done. @param now ms since the epoch */
export function classAt(
  wanted: readonly WantedTransition[],
  record: Pick<ObjectRecord, 'attributes'>,
  now: number,
): StorageClass {
  const due = wanted.filter(({ time }) => time <= now)
  const days = [...new Set(due.map(({ time }) => time))].sort((one, other) => one - other)
  return days.reduce((storageClass: StorageClass, day) => {
    const possible = due
      .filter(({ time, to }) => time === day && (to === storageClass || allowed[storageClass].includes(to)))
      .map(({ to }) => preferred.indexOf(to))
    return preferred[Math.max(...possible)] ?? storageClass
  }, storageClassOf(record))
}
