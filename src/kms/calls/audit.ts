import { AwsError } from '../../aws/errors.ts'
import { lowerFirst, type Shape, shapeOf } from '../../protocol/shapes.ts'
import type { CallOutcome } from '../../trail/event.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf } from '../keys/key.ts'
import type { KmsCall, KmsOperation } from '../operation.ts'

/** How a call ended: with an output, or with what was thrown. */
export interface Settlement {
  /** The validated input; undefined when it was not valid. */
  input?: unknown
  output?: object
  thrown?: unknown
}

/** The event of a call: which members are shown, and how dates look in them (evidence: trail-kms-parameters). */
export function outcomeOf(operation: KmsOperation, call: KmsCall, { input, output, thrown }: Settlement): CallOutcome {
  const { context, now } = call
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
    responseElements: output === undefined ? null : responseElements(operation, call, output),
    additionalEventData: call.additionalEventData,
    resources: call.resources.length > 0 ? call.resources : undefined,
    error: thrown === undefined ? undefined : errorOf(thrown),
  }
}

/** `Aug 10, 2022, 10:38:27 PM`: how KMS's events show a moment inside their elements, in UTC. */
export function eventDate(milliseconds: number): string {
  const date = new Date(milliseconds)
  const month = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')[date.getUTCMonth()]
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = date.getUTCHours()
  const time = `${hours % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hours < 12 ? 'AM' : 'PM'}`
  return `${month} ${date.getUTCDate()}, ${date.getUTCFullYear()}, ${time}`
}

function requestParameters({ input: shape, audit }: KmsOperation, input: unknown): Record<string, unknown> | null {
  const members = viewOf(shape, input, audit.request)
  const parameters = audit.defaults ? { ...audit.defaults, ...(members as object) } : (members as object)
  return Object.keys(parameters).length > 0 ? (parameters as Record<string, unknown>) : null
}

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
    view[lowerFirst(name)] = viewOf(shapeOf(shape), value[name as keyof typeof value])
  }
  return view
}

function responseElements({ audit }: KmsOperation, call: KmsCall, output: object): Record<string, unknown> | null {
  if (!audit.response) return null
  const { response } = audit
  const shown = Object.entries(output).filter(([name]) => response.includes(name))
  const elements = responseView(Object.fromEntries(shown))
  return audit.showsKey ? { ...elements, keyId: arnOf(call.key) } : elements
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
