import { AwsError } from '../aws/errors.ts'
import type { JsonCall } from '../protocol/aws-json.ts'
import { validate } from '../protocol/shapes.ts'
import { unavailable } from '../protocol/unavailable.ts'
import type { Transaction } from '../store/database.ts'
import { eventElements } from '../trail/elements.ts'
import type { Trail } from '../trail/trail.ts'
import type { CloudTrailCall, CloudTrailOperation, CloudTrailServices } from './operation.ts'
import { cloudTrailOperations } from './operations/index.ts'

/*
 * CloudTrail's operations on trails: what happens of a call once it is known who makes it.
 *
 *   table → input → permission → [the account's lock] → handle → event → ONE commit
 *
 * A refusal discards every change and is recorded alone.
 */

export interface InvokeServices extends CloudTrailServices {
  trail: Trail
  /** @throws AwsError AccessDeniedException to who may not */
  permit(call: JsonCall, action: string, resource: string): void
}

/**
 * Performs an operation and records it.
 * @param name of one in the table
 * @throws AwsError what the operation refuses
 */
export async function invoke(services: InvokeServices, name: string, input: unknown, json: JsonCall): Promise<object> {
  const operation = cloudTrailOperations.get(name)
  if (!operation) throw new Error(`${name} is not in the table`)
  const { caller, region } = json.authentication
  const { accountId } = caller
  const transaction = services.database.transaction()
  const call: CloudTrailCall = { caller, accountId, region, now: services.ambient.now(), transaction, services }
  const ending: Ending = {}
  try {
    const given = validate(operation.input, input)
    ending.input = given
    for (const resource of [operation.on(call, given)].flat()) services.permit(json, `cloudtrail:${name}`, resource)
    const settle = async () => {
      ending.output = await operation.handle(call, given)
      record(services, transaction, operation, json, ending)
      await transaction.commit()
      return ending.output
    }
    if (operation.readOnly) return await settle()
    return await services.database.locks.with([{ name: `cloudtrail ${accountId}`, mode: 'exclusive' }], settle)
  } catch (thrown) {
    if (unavailable(thrown)) throw thrown
    transaction.discard()
    record(services, transaction, operation, json, { ...ending, thrown })
    await transaction.commit()
    throw thrown
  }
}

interface Ending {
  input?: object
  output?: object
  thrown?: unknown
}

function record(
  { trail, ambient }: InvokeServices,
  transaction: Transaction,
  { name, readOnly, input: shape }: CloudTrailOperation,
  { http, authentication, requestId }: JsonCall,
  { input, output, thrown }: Ending,
): void {
  trail.append(transaction, {
    caller: authentication.caller,
    time: ambient.now(),
    service: 'cloudtrail',
    eventName: name,
    region: authentication.region,
    clientAddress: http.clientAddress,
    userAgent: http.headers['user-agent'] ?? '',
    hostHeader: http.headers.host,
    secure: http.secure,
    requestId,
    readOnly,
    requestParameters: eventElements(input && withDates(shape, input)),
    responseElements: readOnly ? null : eventElements(output),
    error: thrown === undefined ? undefined : errorOf(thrown),
  })
}

/** Milliseconds are moments, which an event shows as texts. */
function withDates({ description: { members } }: CloudTrailOperation['input'], input: object): object {
  const isMoment = (name: string) => {
    const member = members?.[name]
    return member !== undefined && 'description' in member && member.description.type === 'timestamp'
  }
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      isMoment(name) && typeof value === 'number' ? new Date(value) : value,
    ]),
  )
}

function errorOf(thrown: unknown): { code: string; message: string } {
  if (thrown instanceof AwsError) return { code: thrown.code, message: thrown.message }
  return { code: 'InternalFailure', message: 'CloudTrail failed; the log of the emulator says why.' }
}
