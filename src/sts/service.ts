import { noteRefusal } from '../access/refusal-note.ts'
import { AwsError } from '../aws/errors.ts'
import type { QueryCall } from '../protocol/aws-query.ts'
import { readQueryInput } from '../protocol/query-input.ts'
import type { QueryOutput } from '../protocol/query-output.ts'
import { unavailable } from '../protocol/unavailable.ts'
import { eventElements } from '../trail/elements.ts'
import { stsErrors } from './errors.ts'
import type { StsCall, StsOperation, StsServices } from './operation.ts'
import { stsOperations } from './operations/index.ts'

/*
 * STS: what happens of a call once it is known who makes it. Credentials that were given out are committed before their event: who does
 * not see the event has them not either, for the answer waits for both.
 */

export function hasOperation(action: string): boolean {
  return stsOperations.has(action)
}

/**
 * Performs an operation and records it.
 * @throws AwsError what the operation refuses
 */
export async function invoke(services: StsServices, action: string, query: QueryCall): Promise<QueryOutput> {
  const operation = stsOperations.get(action)
  if (!operation) throw new AwsError('InvalidAction', `The operation ${action} of STS is not here.`, 400)
  const { caller, region } = query.authentication
  const call: StsCall = { http: query.http, caller, region, now: services.ambient.now(), services, rulings: [] }
  let input: object | undefined
  try {
    input = readQueryInput(operation.input, query.parameters, { showsValues: true })
    requireOpen(operation, call)
    const output = await operation.handle(call, input)
    await record(operation, call, query, { input, output })
    return output
  } catch (thrown) {
    if (!unavailable(thrown)) await record(operation, call, query, { input, thrown })
    throw thrown
  }
}

/** @throws AwsError AccessDenied: temporary credentials get no others (IAM User Guide, "Comparing AWS STS credentials") */
function requireOpen({ name, openTo }: StsOperation, { caller }: StsCall): void {
  const { type, arn, role, issuedAt } = caller
  const isSession = role !== undefined || issuedAt !== undefined
  if (openTo === 'everybody' || !isSession) return
  if (openTo === 'long-term keys') throw stsErrors.AccessDenied(`Cannot call ${name} with session credentials`)
  const isAllowed = type !== 'FederatedUser' && (role !== undefined || name === 'AssumeRole')
  if (!isAllowed) throw stsErrors.AccessDenied(`User: ${arn} is not authorized to perform: sts:${name}`)
}

interface Ending {
  input: object | undefined
  output?: QueryOutput
  thrown?: unknown
}

async function record(operation: StsOperation, call: StsCall, query: QueryCall, { input, output, thrown }: Ending) {
  const { http, caller, region, now, services, rulings } = call
  const { requestId } = query
  await services.database.transact(async (transaction) => {
    services.trail.append(transaction, {
      caller,
      time: now,
      service: 'sts',
      eventName: operation.name,
      region,
      clientAddress: http.clientAddress,
      userAgent: http.headers['user-agent'] ?? '',
      hostHeader: http.headers.host,
      secure: http.secure,
      requestId,
      readOnly: true,
      requestParameters: eventElements(input),
      responseElements: operation.name === 'GetCallerIdentity' ? null : eventElements(output),
      resources: input && operation.resources?.(input),
      error: thrown === undefined ? undefined : errorOf(thrown),
    })
    const refused = {
      requestId,
      service: 'sts' as const,
      operation: operation.name,
      region,
      time: now,
      caller,
      rulings,
    }
    noteRefusal(services.explanations, transaction, refused, thrown)
  })
}

function errorOf(thrown: unknown): { code: string; message: string } {
  if (thrown instanceof AwsError) return { code: thrown.code, message: thrown.message }
  return { code: 'InternalFailure', message: 'STS failed; the log of the emulator says why.' }
}
