import { contextsOfCall, type RecordedCall } from './recorded-call.ts'

/** Which calls are meant: those that have all that is given. */
export interface CallFilter {
  service?: RecordedCall['service']
  /** `Decrypt`, in any case. */
  event?: string
  /** The KMS key: id, ARN, alias or alias ARN. */
  key?: string
  /** Pairs that the encryption context has, among others. */
  context?: Readonly<Record<string, string>>
  /** The user's or the session's name, or the ARN. */
  caller?: string
  /** The service that called on somebody's behalf: `s3`. */
  via?: string
  /** The error's code, as the SDK or as CloudTrail names it; `true` any, `false` none. */
  error?: string | boolean
  bucket?: string
  /** The object's key. */
  object?: string
  requestId?: string
  /** Those from that time on, to the second. */
  since?: Date
}

/** A filter whose key is known by its ARN, where there is such a key. */
export interface ResolvedFilter extends CallFilter {
  keyArn?: string
}

const members: Readonly<Record<keyof CallFilter, true>> = {
  service: true,
  event: true,
  key: true,
  context: true,
  caller: true,
  via: true,
  error: true,
  bucket: true,
  object: true,
  requestId: true,
  since: true,
}

/**
 * A member that is passed over would leave a filter that means too much, and a test that is green for nothing.
 * @throws Error that names it
 */
export function requireFilter(filter: CallFilter): void {
  const unknown = Object.keys(filter).find((name) => !Object.hasOwn(members, name))
  if (unknown !== undefined)
    throw new Error(`a filter of calls has no member ${unknown}: it has ${Object.keys(members).join(', ')}`)
  // A Date of a test may be of another realm.
  if (filter.since !== undefined && !Number.isFinite(Number(filter.since.getTime?.())))
    throw new Error(`since is a Date, not ${filter.since}`)
}

/**
 * What keeps a call from being meant, in words, as `caller: test, not app`; empty: it is meant.
 */
export function differencesOf(call: RecordedCall, filter: ResolvedFilter): string[] {
  const found: string[] = []
  const compare = (name: string, actual: string | undefined, wanted: string | undefined, isSame: boolean) => {
    if (wanted !== undefined && !isSame) found.push(`${name}: ${actual ?? 'none'}, not ${wanted}`)
  }
  const { service, event, key, caller, via, bucket, object, requestId, since } = filter
  compare('service', call.service, service, call.service === service)
  compare('event', call.event, event, call.event.toLowerCase() === event?.toLowerCase())
  compare('key', call.keyNamed ?? call.key, key, isOnKey(call, filter))
  found.push(...contextDifferences(call, filter.context))
  compare('caller', call.caller.name ?? call.caller.arn, caller, [call.caller.name, call.caller.arn].includes(caller))
  compare('via', call.caller.via, via, call.caller.via === via)
  if (filter.error !== undefined && !hasError(call, filter.error))
    found.push(`error: ${call.error ?? 'none'}, not ${errorWords(filter.error)}`)
  compare('bucket', call.bucket, bucket, call.bucket === bucket)
  compare('object', call.object, object, call.object === object)
  compare('requestId', call.requestId, requestId, call.requestId === requestId)
  if (since !== undefined && call.time.getTime() < wholeSecond(since)) found.push('it was before')
  return found
}

function isOnKey({ key, keyNamed, record }: RecordedCall, filter: ResolvedFilter): boolean {
  if (filter.key === undefined) return true
  const { keyArn = filter.key } = filter
  if (key === keyArn || keyNamed === filter.key) return true
  return record.resources?.some(({ ARN }) => ARN === keyArn || ARN.endsWith(`:key/${filter.key}`)) ?? false
}

function contextDifferences(call: RecordedCall, wanted: CallFilter['context'] = {}): string[] {
  const contexts = contextsOfCall(call)
  const missing = Object.entries(wanted).filter(
    ([name, value]) => !contexts.some((own) => Object.hasOwn(own, name) && own[name] === value),
  )
  return missing.map(([name, value]) => {
    const own = contexts.find((context) => Object.hasOwn(context, name))
    return `context: ${own ? `${name}=${own[name]}` : `no ${name}`}, not ${name}=${value}`
  })
}

/** Records of KMS say AccessDenied where it answers AccessDeniedException, and S3 answers an error of KMS with `KMS.` before it. */
function hasError({ error }: RecordedCall, wanted: string | boolean): boolean {
  if (typeof wanted === 'boolean') return (error !== undefined) === wanted
  const code = wanted.replace(/^KMS\./, '')
  return error === code || (error === 'AccessDenied' && code === 'AccessDeniedException')
}

function errorWords(wanted: string | boolean): string {
  if (typeof wanted === 'string') return wanted
  return wanted ? 'any' : 'none'
}

function wholeSecond(time: Date): number {
  return Math.floor(time.getTime() / 1000) * 1000
}
