import type { TrailRecord, TrailResource } from './event.ts'

/* What LookupEvents can look for: eight attributes, of which a request names one. */

export const attributeKeys = [
  'EventId',
  'EventName',
  'ReadOnly',
  'Username',
  'ResourceType',
  'ResourceName',
  'EventSource',
  'AccessKeyId',
] as const

export type AttributeKey = (typeof attributeKeys)[number]
export type Attribute = { key: AttributeKey; value: string }

export type IndexedKey = Exclude<AttributeKey, 'EventId'>

/** Visits all attributes of an event but its id; an event with several resources has several of a kind. */
export function forEachAttribute(record: TrailRecord, visit: (key: IndexedKey, value: string) => void): void {
  visit('EventName', record.eventName)
  visit('ReadOnly', record.readOnly ? 'true' : 'false')
  visit('EventSource', record.eventSource)
  const userName = userNameOf(record)
  if (userName !== undefined) visit('Username', userName)
  const accessKeyId = accessKeyIdOf(record)
  if (accessKeyId !== undefined) visit('AccessKeyId', accessKeyId)
  for (const resource of record.resources ?? []) {
    visit('ResourceType', resource.type)
    visit('ResourceName', resourceNameOf(resource))
  }
}

export function hasAttribute(record: TrailRecord, { key, value }: Attribute): boolean {
  if (key === 'EventId') return record.eventID === value
  let found = false
  forEachAttribute(record, (ownKey, ownValue) => {
    found ||= ownKey === key && ownValue === value
  })
  return found
}

/** The name LookupEvents knows the caller by: the user's, or the role session's. */
export function userNameOf({ userIdentity }: TrailRecord): string | undefined {
  const { type, userName, principalId } = userIdentity
  if (type === 'Root') return 'root'
  if (typeof userName === 'string') return userName
  if (type !== 'AssumedRole' || typeof principalId !== 'string') return undefined
  return principalId.slice(principalId.indexOf(':') + 1)
}

/** LookupEvents names keys and aliases by their ARN, buckets by their name. */
export function resourceNameOf({ type, ARN }: TrailResource): string {
  return type === 'AWS::S3::Bucket' ? ARN.slice(ARN.lastIndexOf(':') + 1) : ARN
}

export function accessKeyIdOf({ userIdentity }: TrailRecord): string | undefined {
  return typeof userIdentity.accessKeyId === 'string' ? userIdentity.accessKeyId : undefined
}

/** The ARNs of the KMS keys that a call was about, in order: ReEncrypt has two, which may be the same. */
export function keyArnsOf({ resources = [] }: TrailRecord): string[] {
  return resources.filter(({ type }) => type === 'AWS::KMS::Key').map(({ ARN }) => ARN)
}

/** Of a call on another account's key there are two records; the one of the caller's account says who called, and this is the other. */
export function isOwnersCopy({ sharedEventID, recipientAccountId, userIdentity }: TrailRecord): boolean {
  return sharedEventID !== undefined && userIdentity.accountId !== recipientAccountId
}

/** The encryption contexts of a call: ReEncrypt has two, all others one. */
export function contextsOf({ requestParameters }: TrailRecord): Record<string, unknown>[] {
  const { encryptionContext, sourceEncryptionContext, destinationEncryptionContext } = requestParameters ?? {}
  return [encryptionContext, sourceEncryptionContext, destinationEncryptionContext].filter(isObject)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
