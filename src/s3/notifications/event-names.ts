/** What can happen to an object, as records name it: without the `s3:` of configurations. */
export const eventNames = [
  'ReducedRedundancyLostObject',
  'ObjectCreated:Put',
  'ObjectCreated:Post',
  'ObjectCreated:Copy',
  'ObjectCreated:CompleteMultipartUpload',
  'ObjectRemoved:Delete',
  'ObjectRemoved:DeleteMarkerCreated',
  'ObjectRestore:Post',
  'ObjectRestore:Completed',
  'ObjectRestore:Delete',
  'Replication:OperationFailedReplication',
  'Replication:OperationNotTracked',
  'Replication:OperationMissedThreshold',
  'Replication:OperationReplicatedAfterThreshold',
  'LifecycleTransition',
  'IntelligentTiering',
  'ObjectAcl:Put',
  'LifecycleExpiration:Delete',
  'LifecycleExpiration:DeleteMarkerCreated',
  'ObjectTagging:Put',
  'ObjectTagging:Delete',
] as const

export type EventName = (typeof eventNames)[number]

/** Those families that a configuration may name as a whole, by `s3:ObjectCreated:*`; ObjectAcl has no such name. */
const families = [
  'ObjectCreated',
  'ObjectRemoved',
  'ObjectRestore',
  'Replication',
  'LifecycleExpiration',
  'ObjectTagging',
] as const

export type ConfiguredEvent = `s3:${EventName}` | `s3:${(typeof families)[number]}:*`

/** What a configuration may name. */
export const configuredEvents: readonly ConfiguredEvent[] = [
  ...eventNames.map((name) => `s3:${name}` as const),
  ...families.map((family) => `s3:${family}:*` as const),
]

/** Whether an event's name, `ObjectCreated:Put`, is one that a configuration asks for, `s3:ObjectCreated:*`. */
export function includesEvent(asked: string, name: EventName): boolean {
  return asked.endsWith('*') ? name.startsWith(asked.slice(3, -1)) : asked.slice(3) === name
}

/** Whether two names of configurations have an event in common. */
export function shareEvent(one: string, other: string): boolean {
  if (one === other) return true
  if (one.endsWith('*')) return other.startsWith(one.slice(0, -1))
  return other.endsWith('*') && one.startsWith(other.slice(0, -1))
}
