import { aliasArn } from '../../aws/arn.ts'
import { AwsError } from '../../aws/errors.ts'
import { remembering } from '../../protocol/remembered.ts'
import { lowerFirst, type Shape, shapeOf } from '../../protocol/shapes.ts'
import { eventDate } from '../../trail/elements.ts'
import type { CallOutcome, TrailResource } from '../../trail/event.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import type { KmsCall, KmsOperation, KmsOutput, KmsResult } from '../operation.ts'

/** How a call ended, and what it touched until then. */
export interface Settlement {
  /** The validated input, as sent; undefined when it was not valid. */
  input?: object
  /** What `handle` returned; undefined when something was thrown. */
  result?: KmsResult
  thrown?: unknown
  /** Its keys, as far as they were found. */
  keys: readonly KeyRecord[]
  /** The alias it changes. */
  aliasName?: string
}

/** The event of a call: which members are shown, and how dates look in them (evidence: trail-kms-parameters). */
export function outcomeOf(operation: KmsOperation, call: KmsCall, settlement: Settlement): CallOutcome {
  const { context, now } = call
  const { input, result, thrown } = settlement
  return {
    caller: context.caller,
    via: context.via,
    time: now,
    service: 'kms',
    eventName: operation.name,
    region: context.region,
    clientAddress: context.clientAddress,
    userAgent: context.userAgent,
    hostHeader: context.hostHeader,
    secure: context.secure,
    requestId: context.requestId,
    readOnly: operation.readOnly,
    requestParameters: input === undefined ? null : requestParameters(operation, input),
    responseElements: result?.output === undefined ? null : responseElements(operation, result.output, settlement),
    additionalEventData: result?.additionalEventData,
    resources: resourcesOf(call, settlement),
    error: thrown === undefined ? undefined : errorOf(thrown),
  }
}

/** Each key once, however often it is used. @returns undefined when the call touched nothing */
function resourcesOf({ place }: KmsCall, { keys, aliasName, result }: Settlement): TrailResource[] | undefined {
  const resources: TrailResource[] = []
  for (const key of keys) addKey(resources, key)
  for (const key of result?.made ?? []) addKey(resources, key)
  if (aliasName !== undefined) {
    const { accountId, region } = place
    resources.push({ accountId, type: 'AWS::KMS::Alias', ARN: aliasArn(region, accountId, aliasName) })
  }
  return resources.length > 0 ? resources : undefined
}

function addKey(resources: TrailResource[], key: KeyRecord): void {
  const ARN = arnOf(key)
  if (resources.some((resource) => resource.ARN === ARN)) return
  resources.push({ accountId: key.accountId, type: 'AWS::KMS::Key', ARN })
}

function requestParameters({ input: shape, audit }: KmsOperation, input: unknown): Record<string, unknown> | null {
  const parameters: Record<string, unknown> = {}
  for (const name in audit.defaults) parameters[name] = audit.defaults[name]
  const members = viewOf(shape, input, audit.request) as Record<string, unknown>
  for (const name in members) parameters[name] = members[name]
  for (const _ in parameters) return parameters
  return null
}

/** Of members that operations declare: a name that is made anew each time is a key that V8 must look up by its letters. */
const shownName = remembering<string>(1000)

/** The value as an event shows it: names begin in lower case where AWS named them, never where the caller did. */
function viewOf({ description }: Shape<unknown>, value: unknown, shown?: readonly string[]): unknown {
  if (description.type === 'blob' || description.sensitive) return undefined
  if (description.type === 'timestamp' && typeof value === 'number') return eventDate(value)
  const { item, members } = description
  if (item && Array.isArray(value)) return value.map((element) => viewOf(item, element))
  if (!members || typeof value !== 'object' || value === null) return value
  const view: Record<string, unknown> = {}
  for (const name in value) {
    const shape = members[name]
    if (!shape || (shown && !shown.includes(name))) continue
    view[shownName(name, lowerFirst)] = viewOf(shapeOf(shape), value[name as keyof typeof value])
  }
  return view
}

function responseElements(
  { audit }: KmsOperation,
  output: KmsOutput,
  { keys: [key] }: Settlement,
): Record<string, unknown> | null {
  if (!audit.response) return null
  const { response } = audit
  const shown = Object.entries(output).filter(([name]) => response.includes(name))
  const elements = responseView(Object.fromEntries(shown))
  return audit.showsKey && key ? { ...elements, keyId: arnOf(key) } : elements
}

function responseView(output: object): Record<string, unknown> {
  const view: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(output)) {
    if (value === undefined) continue
    view[lowerFirst(name)] = responseValue(name, value)
  }
  return view
}

function responseValue(name: string, value: unknown): unknown {
  if (typeof value === 'number' && name.endsWith('Date')) return eventDate(value * 1000)
  if (Array.isArray(value)) return value.map((item) => responseValue('', item))
  return typeof value === 'object' && value !== null ? responseView(value) : value
}

/** CloudTrail's code of a denial is `AccessDenied`, without the suffix. */
function errorOf(thrown: unknown): { code: string; message: string } {
  const { code, message } = thrown instanceof AwsError ? thrown : kmsErrors.KMSInternalException()
  return { code: code === 'AccessDeniedException' ? 'AccessDenied' : code, message }
}
