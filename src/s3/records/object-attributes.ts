/**
 * What was asked for an object beside its bytes, its metadata and its encryption. One value, handed on whole from the request to
 * the record, through an upload too; undefined where nothing was asked, so a plain object carries none of it.
 */
export interface ObjectAttributes {
  /** At least one; undefined: the object has none. */
  tags?: readonly Tag[]
  /** Undefined: STANDARD. */
  storageClass?: Exclude<StorageClass, 'STANDARD'>
  /** A path of the bucket's website, or a URL. */
  websiteRedirectLocation?: string
  /** Until when the version may not be deleted; it stays there when that has passed. */
  retention?: Retention
  /** Whether somebody holds the version, for no time that is known. OFF says that somebody did. */
  legalHold?: LegalHold
}

export const retentionModes = ['GOVERNANCE', 'COMPLIANCE'] as const

export interface Retention {
  mode: (typeof retentionModes)[number]
  /** ms since the epoch */
  retainUntil: number
}

/** Whether it protects at this moment, in ms since the epoch; one that is over stays to be read. */
export function isRetained(retention: Retention | undefined, now: number): boolean {
  return retention !== undefined && retention.retainUntil > now
}

export const legalHolds = ['ON', 'OFF'] as const
export type LegalHold = (typeof legalHolds)[number]

/** Every member by its name: who makes attributes can forget none. */
export type EveryAttribute = { [Member in keyof Required<ObjectAttributes>]: ObjectAttributes[Member] }

/** Named as in AWS's documents. */
export interface Tag {
  Key: string
  Value: string
}

/** Those of general purpose buckets (evidence: s3-storage-class). */
export const storageClasses = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
] as const

export type StorageClass = (typeof storageClasses)[number]

/** @returns undefined when no attribute is there */
export function attributesOf(every: EveryAttribute): ObjectAttributes | undefined {
  return Object.values(every).some((value) => value !== undefined) ? every : undefined
}

/** The class of what is stored with these attributes, as lists name it. */
export function storageClassOf({ attributes }: { attributes?: ObjectAttributes }): StorageClass {
  return attributes?.storageClass ?? 'STANDARD'
}
