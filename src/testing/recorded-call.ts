import type { TrailRecord } from '../trail/event.ts'
import { contextsOf, userNameOf } from '../trail/event-attributes.ts'

/** A call as the trail has it: what tests ask about, and the CloudTrail record whole. */
export interface RecordedCall {
  /** When it began, to the second. */
  time: Date
  service: 'kms' | 's3' | 'iam' | 'sts'
  /** CloudTrail's name of it: `Decrypt`. */
  event: string
  /** The ARN of the KMS key that it touched. */
  key?: string
  /** The key as the caller named it: id, ARN or alias. */
  keyNamed?: string
  /** The encryption context; of ReEncrypt the one that it opened with. */
  context?: Record<string, string>
  /** The encryption context that ReEncrypt sealed under. */
  destinationContext?: Record<string, string>
  caller: Caller
  /** As CloudTrail names it, undefined where the call succeeded: `DisabledException`. */
  error?: string
  errorMessage?: string
  bucket?: string
  /** The object's key. */
  object?: string
  requestId?: string
  record: TrailRecord
}

/** Who made a call. */
export interface Caller {
  /** Of a user, or of a role's session. */
  name?: string
  arn?: string
  accountId?: string
  /** The service that made the call on the caller's behalf: `s3`. */
  via?: string
}

/** What a record says, in the words of a test. */
export function recordedCallOf(record: TrailRecord): RecordedCall {
  const { keyId, aliasName, bucketName, key } = record.requestParameters ?? {}
  const { encryptionContext, sourceEncryptionContext, destinationEncryptionContext } = record.requestParameters ?? {}
  return withoutUndefined({
    time: new Date(record.eventTime),
    service: record.eventSource.split('.')[0] as RecordedCall['service'],
    event: record.eventName,
    key: record.resources?.find(({ type }) => type === 'AWS::KMS::Key')?.ARN,
    keyNamed: textOf(keyId) ?? textOf(aliasName),
    context: contextOf(encryptionContext ?? sourceEncryptionContext),
    destinationContext: contextOf(destinationEncryptionContext),
    caller: callerOf(record),
    error: record.errorCode,
    errorMessage: record.errorMessage,
    bucket: textOf(bucketName),
    object: textOf(key),
    requestId: record.requestID,
    record,
  })
}

/** Every encryption context of a call: ReEncrypt has two. */
export function contextsOfCall({ record }: RecordedCall): Record<string, unknown>[] {
  return contextsOf(record)
}

function callerOf(record: TrailRecord): Caller {
  const { arn, accountId, invokedBy } = record.userIdentity
  return withoutUndefined({
    name: userNameOf(record),
    arn: textOf(arn),
    accountId: textOf(accountId),
    via: /^fas\.(\w+)\.amazonaws\.com$/.exec(textOf(invokedBy) ?? '')?.[1],
  })
}

function contextOf(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** So that `toEqual` and what is printed of a call show what it has. */
function withoutUndefined<Value extends object>(value: Value): Value {
  const own = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(own) as Value
}
