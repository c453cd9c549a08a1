import { configurationName } from '../records/configurations.ts'
import type { StorageClass, Tag } from '../records/object-attributes.ts'

/** The class that a transition moves to. */
export type TargetClass = Exclude<StorageClass, 'STANDARD' | 'REDUCED_REDUNDANCY'>

/** What a rule's `Filter` may name, and its `And` together. */
export interface LifecyclePredicates {
  Prefix?: string
  /** Bytes, not included. */
  ObjectSizeGreaterThan?: number
  /** Bytes, not included. */
  ObjectSizeLessThan?: number
}

export interface LifecycleFilter extends LifecyclePredicates {
  Tag?: Tag
  And?: LifecyclePredicates & { Tags?: readonly Tag[] }
}

export interface Expiration {
  /** ms since the epoch, a midnight of UTC */
  Date?: number
  Days?: number
  ExpiredObjectDeleteMarker?: boolean
}

export interface Transition {
  /** ms since the epoch, a midnight of UTC */
  Date?: number
  Days?: number
  StorageClass?: TargetClass
}

export interface NoncurrentTransition {
  NoncurrentDays?: number
  NewerNoncurrentVersions?: number
  StorageClass?: TargetClass
}

export interface NoncurrentExpiration {
  NoncurrentDays?: number
  NewerNoncurrentVersions?: number
}

/** A rule, in the words of AWS's document. */
export interface LifecycleRule {
  ID?: string
  /** Of rules of the first version, which have no filter. */
  Prefix?: string
  Filter?: LifecycleFilter
  Status: 'Enabled' | 'Disabled'
  Expiration?: Expiration
  Transitions?: readonly Transition[]
  NoncurrentVersionExpiration?: NoncurrentExpiration
  NoncurrentVersionTransitions?: readonly NoncurrentTransition[]
  AbortIncompleteMultipartUpload?: { DaysAfterInitiation?: number }
}

export const minimumSizes = ['all_storage_classes_128K', 'varies_by_storage_class'] as const

export interface Lifecycle {
  Rules: readonly LifecycleRule[]
  /** Which small objects are not worth a transition; not in the document, but in a header beside it. */
  minimumSize?: (typeof minimumSizes)[number]
}

/** The record of {@link Lifecycle}: the bucket configuration of that name. */
export const storedLifecycle = configurationName<Lifecycle>('lifecycle')
