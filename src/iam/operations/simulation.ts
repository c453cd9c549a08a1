import { type Caller, userCaller } from '../../aws/caller.ts'
import { globalContext } from '../../aws/policy.ts'
import { PolicyMalformed, parsePolicy } from '../../aws/policy-parse.ts'
import { nextTurn } from '../../event-loop.ts'
import { enumeration, list, required, string, structure } from '../../protocol/shapes.ts'
import { checkIdentityDocument } from '../documents/identity-document.ts'
import { iamErrors } from '../errors.ts'
import { type IamCall, iamOperation } from '../operation.ts'
import { type Paging, pageOf } from '../pages.ts'
import { Arn, PolicyDocument, paging } from '../shapes.ts'
import { contextKeysOf } from '../simulation/context-keys.ts'
import { prepare, resultOf, type Simulation, type SourcePolicy } from '../simulation/simulate.ts'
import { sourceOf } from '../simulation/sources.ts'

/* What policies would say, before anybody asks: the simulator, and the condition keys that policies ask for. */

const ResourceName = string({ min: 1, max: 2048 })
const types = ['string', 'stringList', 'numeric', 'numericList', 'boolean', 'booleanList'] as const
const moreTypes = ['ip', 'ipList', 'binary', 'binaryList', 'date', 'dateList'] as const
const ContextEntry = structure({
  ContextKeyName: string({ min: 5, max: 256 }),
  ContextKeyValues: list(string()),
  ContextKeyType: enumeration([...types, ...moreTypes]),
})
const Documents = list(PolicyDocument)
const asked = {
  ActionNames: required(list(string({ min: 3, max: 128 }))),
  PermissionsBoundaryPolicyInputList: Documents,
  ResourceArns: list(ResourceName),
  ResourcePolicy: PolicyDocument,
  ResourceOwner: ResourceName,
  CallerArn: ResourceName,
  ContextEntries: list(ContextEntry),
  ResourceHandlingOption: string({ min: 1, max: 64 }),
  ...paging,
}

export const SimulateCustomPolicy = iamOperation({
  name: 'SimulateCustomPolicy',
  input: structure({ PolicyInputList: required(Documents), ...asked }),
  readOnly: true,
  on: () => '*',
  differs: 'ResourceOwner and ResourceHandlingOption are taken and change nothing.',
  handle(call, input) {
    const identity = inputPolicies('PolicyInputList', input.PolicyInputList)
    return simulate(call, input, { identity, boundary: boundaryIn(input), caller: callerIn(call, input) })
  },
})

export const SimulatePrincipalPolicy = iamOperation({
  name: 'SimulatePrincipalPolicy',
  input: structure({ PolicySourceArn: required(Arn), PolicyInputList: Documents, ...asked }),
  readOnly: true,
  on: (_call, { PolicySourceArn }) => PolicySourceArn,
  differs: 'ResourceOwner and ResourceHandlingOption are taken and change nothing.',
  handle(call, input) {
    const source = sourceOf(call, input.PolicySourceArn)
    const identity = [...source.identity, ...inputPolicies('PolicyInputList', input.PolicyInputList)]
    const caller = input.CallerArn === undefined ? source.caller : callerIn(call, input)
    return simulate(call, input, { identity, boundary: boundaryIn(input) ?? source.boundary, caller })
  },
})

export const GetContextKeysForCustomPolicy = iamOperation({
  name: 'GetContextKeysForCustomPolicy',
  input: structure({ PolicyInputList: required(Documents) }),
  readOnly: true,
  on: () => '*',
  handle: (_call, { PolicyInputList }) => ({
    ContextKeyNames: contextKeysOf(inputPolicies('PolicyInputList', PolicyInputList)),
  }),
})

export const GetContextKeysForPrincipalPolicy = iamOperation({
  name: 'GetContextKeysForPrincipalPolicy',
  input: structure({ PolicySourceArn: required(Arn), PolicyInputList: Documents }),
  readOnly: true,
  on: (_call, { PolicySourceArn }) => PolicySourceArn,
  handle(call, { PolicySourceArn, PolicyInputList }) {
    const { identity } = sourceOf(call, PolicySourceArn)
    return { ContextKeyNames: contextKeysOf([...identity, ...inputPolicies('PolicyInputList', PolicyInputList)]) }
  },
})

interface Asked extends Paging {
  ActionNames: string[]
  PermissionsBoundaryPolicyInputList?: string[]
  ResourceArns?: string[]
  ResourcePolicy?: string
  CallerArn?: string
  ContextEntries?: { ContextKeyName?: string; ContextKeyValues?: string[] }[]
}

async function simulate(
  call: IamCall,
  input: Asked,
  parts: Pick<Simulation, 'identity' | 'boundary'> & { caller: Caller | undefined },
) {
  const { ActionNames, ResourceArns = ['*'], ResourcePolicy } = input
  for (const action of ActionNames) {
    if (!/^[\w-]+:\*?[\w*?]*\w[\w*?]*$/.test(action)) throw iamErrors.InvalidInput(`Invalid action name: ${action}`)
  }
  if (ResourcePolicy !== undefined && parts.caller === undefined) {
    throw iamErrors.InvalidInput('CallerArn must be given with ResourcePolicy: the policies are not those of a user.')
  }
  const caller = parts.caller ?? userCaller(call.accountId, 'simulated')
  const prepared = prepare({
    ...parts,
    caller,
    resourcePolicy: resourcePolicyIn(ResourcePolicy),
    context: contextOf(parts.caller, input),
    resources: ResourceArns.length > 0 ? ResourceArns : ['*'],
  })
  async function* results() {
    for (const [index, action] of ActionNames.entries()) {
      const outcomes = []
      for (const resource of prepared.resources) {
        outcomes.push({ resource, outcome: prepared.decide(action, resource) })
        await nextTurn()
      }
      yield { position: String(index).padStart(8, '0'), result: resultOf(action, outcomes) }
    }
  }
  const { rows, paging } = await pageOf(results(), input, ({ position }) => position)
  return { EvaluationResults: rows.map(({ result }) => result), ...paging }
}

/** What is known of whom the request would be made by, and what the simulation gives; the simulator makes up no time and no address. */
function contextOf(caller: Caller | undefined, { ContextEntries = [] }: Asked): ReadonlyMap<string, readonly string[]> {
  const own = caller
    ? [...globalContext({ caller, now: 0, sourceIp: '', secure: true, region: '' })].filter(([key]) =>
        /^aws:(principal|user)/.test(key),
      )
    : []
  const given = ContextEntries.flatMap(({ ContextKeyName, ContextKeyValues = [] }) =>
    ContextKeyName === undefined || ContextKeyValues.length === 0
      ? []
      : [[ContextKeyName.toLowerCase(), ContextKeyValues] as const],
  )
  return new Map([...own.filter(([key]) => key !== 'aws:useragent'), ...given])
}

/** @throws AwsError InvalidInput for a document that is none */
function inputPolicies(name: string, documents: readonly string[] = []): SourcePolicy[] {
  return documents.map((document, index) => {
    try {
      checkIdentityDocument(document, 'inline')
    } catch (error) {
      throw error instanceof Error ? iamErrors.InvalidInput(error.message) : error
    }
    return { id: `${name}.${index + 1}`, document }
  })
}

function boundaryIn({ PermissionsBoundaryPolicyInputList: documents }: Asked): SourcePolicy[] | undefined {
  if (documents === undefined || documents.length === 0) return undefined
  if (documents.length > 1) throw iamErrors.InvalidInput('There can be only one permissions boundary policy.')
  return inputPolicies('PermissionsBoundaryPolicyInputList', documents)
}

function resourcePolicyIn(document: string | undefined): SourcePolicy | undefined {
  if (document === undefined) return undefined
  try {
    parsePolicy(document, 'resource')
    return { id: 'ResourcePolicy', document }
  } catch (error) {
    throw error instanceof PolicyMalformed ? iamErrors.InvalidInput(error.message) : error
  }
}

/** Only a user may be the one who calls (IAM API Reference). */
function callerIn(call: IamCall, { CallerArn }: Asked): Caller | undefined {
  if (CallerArn === undefined) return undefined
  const [, accountId = '', path = ''] = /^arn:aws:iam::(\d{12}):user\/(.+)$/.exec(CallerArn) ?? []
  if (path === '') throw iamErrors.InvalidInput(`Invalid caller ARN: ${CallerArn}`)
  const declared = call.services.principals.get(CallerArn)
  return userCaller(accountId, path, undefined, declared?.uniqueId)
}
