import { refusalWords, ruleByIdentity } from '../access/identity-ruling.ts'
import { noteRefusal } from '../access/refusal-note.ts'
import { AwsError } from '../aws/errors.ts'
import type { QueryCall } from '../protocol/aws-query.ts'
import { readQueryInput } from '../protocol/query-input.ts'
import type { QueryOutput } from '../protocol/query-output.ts'
import { unavailable } from '../protocol/unavailable.ts'
import { eventElements } from '../trail/elements.ts'
import { contextOfCall } from './condition-keys.ts'
import { iamErrors } from './errors.ts'
import type { IamCall, IamOperation, IamServices, SharedMembers } from './operation.ts'
import { iamOperations } from './operations/index.ts'
import { modelOperations } from './operations/model-operations.ts'
import { sentenceOf } from './shapes.ts'

/*
 * IAM: what happens of a call once it is known who makes it.
 *
 *   table → input → [the account's lock] → permission → handle → event → ONE commit
 *
 * A refusal discards every change and is recorded alone. IAM is global: all its events are us-east-1's.
 */

/** Where IAM's events are. */
const eventRegion = 'us-east-1'

/** Every operation that AWS has. */
const known: ReadonlySet<string> = new Set(modelOperations)

export function hasOperation(action: string): boolean {
  return known.has(action)
}

/**
 * Performs an operation and records it.
 * @throws AwsError what the operation refuses
 */
export async function invoke(
  services: IamServices,
  action: string,
  query: QueryCall,
): Promise<QueryOutput | undefined> {
  const { caller } = query.authentication
  const transaction = services.database.transaction()
  const { accountId } = caller
  const now = services.ambient.now()
  const call: IamCall = { http: query.http, caller, accountId, now, transaction, services, rulings: [] }
  const operation = iamOperations.get(action)
  let input: SharedMembers | undefined
  try {
    if (!operation) throw iamErrors.InvalidAction(`The operation ${action} of IAM is not here.`)
    input = readQueryInput(operation.input, query.parameters, { showsValues: false, sentenceOf })
    const perform = settle(operation, call, input, query)
    if (operation.readOnly) return await perform()
    return await services.database.locks.with([{ name: `iam ${accountId}`, mode: 'exclusive' }], perform)
  } catch (thrown) {
    if (unavailable(thrown)) throw thrown
    transaction.discard()
    record(call, query, action, { input, thrown })
    noteRefusal(services.explanations, transaction, refusedCall(call, query, action), thrown)
    await transaction.commit()
    throw thrown
  }
}

function settle(operation: IamOperation, call: IamCall, input: SharedMembers, query: QueryCall) {
  return async () => {
    permit(operation, call, input)
    const output = await operation.handle(call, input)
    record(call, query, operation.name, { input, output: operation.readOnly ? undefined : output })
    await call.transaction.commit()
    return output
  }
}

/** @throws AwsError AccessDenied; InvalidClientTokenId of credentials that may not call IAM */
function permit(operation: IamOperation, call: IamCall, input: SharedMembers): void {
  const { caller, services } = call
  // Credentials of GetSessionToken (without MFA) and GetFederationToken may not call IAM (evidence: iam-session-tokens).
  if (caller.issuedAt !== undefined && caller.mfaAt === undefined) throw iamErrors.InvalidClientTokenId()
  const action = `iam:${operation.name}`
  const resource = operation.on(call, input)
  const context = contextOfCall(call, input, resource)
  const ruling = ruleByIdentity(services.principals, services.policies, { action, resource, caller, context })
  call.rulings.push(ruling)
  if (!ruling.allowed) throw iamErrors.AccessDenied(refusalWords(caller.arn, ruling))
}

function refusedCall({ caller, now, rulings }: IamCall, { requestId }: QueryCall, operation: string) {
  return { requestId, service: 'iam' as const, operation, region: eventRegion, time: now, caller, rulings }
}

interface Ending {
  input: object | undefined
  output?: QueryOutput
  thrown?: unknown
}

function record(call: IamCall, { http, requestId }: QueryCall, eventName: string, { input, output, thrown }: Ending) {
  const { transaction, services, caller, now } = call
  services.trail.append(transaction, {
    caller,
    time: now,
    service: 'iam',
    eventName,
    region: eventRegion,
    clientAddress: http.clientAddress,
    userAgent: http.headers['user-agent'] ?? '',
    hostHeader: http.headers.host,
    secure: http.secure,
    requestId,
    readOnly: iamOperations.get(eventName)?.readOnly ?? /^(Get|List|Simulate|Generate)/.test(eventName),
    requestParameters: eventElements(input),
    responseElements: eventElements(output),
    error: thrown === undefined ? undefined : errorOf(thrown),
  })
}

function errorOf(thrown: unknown): { code: string; message: string } {
  if (thrown instanceof AwsError) return { code: thrown.code, message: thrown.message }
  return { code: 'ServiceFailure', message: 'IAM failed; the log of the emulator says why.' }
}
