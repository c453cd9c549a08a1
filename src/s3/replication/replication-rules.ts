import { configurationName } from '../records/configurations.ts'
import { type ObjectAttributes, storageClassOf, type Tag } from '../records/object-attributes.ts'
import type { ReplicationRecord } from '../records/replication.ts'
import type { Scheme } from '../sse/envelope.ts'

/*
 * Which rules of a bucket's replication are about a version ("Replication configuration file elements" and "What does Amazon S3
 * replicate?" in the Amazon S3 User Guide; evidence: s3-replication-what):
 *
 *   written         enabled · prefix · all tags · its encryption     ─▶ of each destination bucket the rule of the highest priority
 *   marked deleted  enabled · prefix · V1, or DeleteMarkerReplication ─▶ the same
 *   amended         a destination that has it already; of a replica: ReplicaModifications
 *
 * A rule without `Filter` is of the first version of the schema, V1.
 */

interface Switched {
  Status?: 'Enabled' | 'Disabled'
}

/** Where a rule's replicas go, and how they are kept there. */
export interface ReplicationDestination {
  /** An ARN. */
  Bucket: string
  Account?: string
  StorageClass?: string
  AccessControlTranslation?: { Owner?: 'Destination' }
  EncryptionConfiguration?: { ReplicaKmsKeyID?: string }
  ReplicationTime?: Switched
  Metrics?: Switched
}

interface Predicates {
  Prefix?: string
  Tag?: Tag
}

export interface ReplicationRule {
  ID?: string
  Priority?: number
  Prefix?: string
  Filter?: Predicates & { And?: { Prefix?: string; Tags?: readonly Tag[] } }
  Status: 'Enabled' | 'Disabled'
  SourceSelectionCriteria?: { SseKmsEncryptedObjects?: Switched; ReplicaModifications?: Switched }
  Destination: ReplicationDestination
  DeleteMarkerReplication?: Switched
}

/** As it is kept: the part of the document that deciding needs; `configurations/bucket-replication.ts` has all of it. */
export interface StoredReplication {
  /** The ARN of the role in whose name all is done. */
  Role: string
  Rules: readonly ReplicationRule[]
}

/** The record of {@link StoredReplication}: the bucket configuration of that name. */
export const storedReplication = configurationName<StoredReplication>('replication')

/** A version as far as rules look at it. */
export interface MatchedVersion {
  key: string
  attributes: ObjectAttributes | undefined
  scheme: Scheme
}

/** Classes whose objects cannot be read without being restored, and so are not replicated. */
const unreadable = new Set(['GLACIER', 'DEEP_ARCHIVE'])

/** The rules by which a version that was just written is replicated, one for each destination. */
export function rulesForVersion({ Rules }: StoredReplication, version: MatchedVersion): ReplicationRule[] {
  if (unreadable.has(storageClassOf(version))) return []
  const isUnderKms = version.scheme === 'SSE-KMS' || version.scheme === 'DSSE-KMS'
  const tags = version.attributes?.tags ?? []
  return oneForEachDestination(
    Rules.filter((rule) => {
      if (!isAboutKey(rule, version.key) || !hasTags(rule, tags)) return false
      return !isUnderKms || rule.SourceSelectionCriteria?.SseKmsEncryptedObjects?.Status === 'Enabled'
    }),
  )
}

/** The rules by which a delete marker is replicated that a user's deletion has put. */
export function rulesForMarker({ Rules }: StoredReplication, key: string): ReplicationRule[] {
  return oneForEachDestination(
    Rules.filter((rule) => {
      if (!isAboutKey(rule, key) || tagsOf(rule).length > 0) return false
      return rule.Filter === undefined || rule.DeleteMarkerReplication?.Status === 'Enabled'
    }),
  )
}

/** The rules by which a change of tags, ACL or lock follows the version that was replicated. */
export function rulesForAmendment(
  { Rules }: StoredReplication,
  key: string,
  { isReplica, destinations = {} }: ReplicationRecord,
): ReplicationRule[] {
  return oneForEachDestination(
    Rules.filter((rule) => {
      if (!isAboutKey(rule, key)) return false
      if (isReplica) return rule.SourceSelectionCriteria?.ReplicaModifications?.Status === 'Enabled'
      return Object.hasOwn(destinations, destinationNameOf(rule))
    }),
  )
}

/** The name of the bucket that a rule replicates to. */
export function destinationNameOf({ Destination }: Pick<ReplicationRule, 'Destination'>): string {
  return Destination.Bucket.slice(Destination.Bucket.lastIndexOf(':') + 1)
}

/** All tags that a version must have. */
export function tagsOf({ Filter = {} }: Pick<ReplicationRule, 'Filter'>): readonly Tag[] {
  return Filter.And?.Tags ?? (Filter.Tag ? [Filter.Tag] : [])
}

/** Undefined: any key. */
export function prefixOf({ Prefix, Filter = {} }: Pick<ReplicationRule, 'Prefix' | 'Filter'>): string | undefined {
  return Prefix ?? Filter.And?.Prefix ?? Filter.Prefix
}

function isAboutKey(rule: ReplicationRule, key: string): boolean {
  return rule.Status === 'Enabled' && key.startsWith(prefixOf(rule) ?? '')
}

function hasTags(rule: ReplicationRule, tags: readonly Tag[]): boolean {
  return tagsOf(rule).every(({ Key, Value }) => tags.some((tag) => tag.Key === Key && tag.Value === Value))
}

/** Where several match, the highest priority counts; of rules of V1, which have none, the first. */
function oneForEachDestination(rules: readonly ReplicationRule[]): ReplicationRule[] {
  const chosen = new Map<string, ReplicationRule>()
  for (const rule of rules) {
    const name = destinationNameOf(rule)
    const known = chosen.get(name)
    if (!known || (rule.Priority ?? 0) > (known.Priority ?? 0)) chosen.set(name, rule)
  }
  return [...chosen.values()]
}
