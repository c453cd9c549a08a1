import { isAskedAboutKeys } from '../../kms/service.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { keyArnsOf } from '../../trail/event-attributes.ts'
import { generalized, literal, type PolicyStatement } from './statements.ts'

/** Calls of KMS that one statement allows: on one key, in one way, with pairs of the same names. */
interface Heap {
  keyArn: string
  /** `s3.us-east-1.amazonaws.com` */
  viaService?: string
  actions: Set<string>
  /** Values by the name of the pair; undefined: none of the calls can have a context. */
  pairs?: Map<string, Set<string>>
  /** Of CreateGrant: to whom, and what. */
  grants?: { grantees: Set<string>; operations: Set<string> }
}

/** Calls that have an encryption context, be it an empty one. */
const withContext = /^(Encrypt|Decrypt|ReEncrypt|GenerateDataKey\w*)$/

/** The statements that a principal's calls of KMS needed. */
export class KmsStatements {
  readonly #heaps = new Map<string, Heap>()
  /** Of calls that are about no key. */
  readonly #general = new Set<string>()
  /** By alias: aliases have no policy of their own. */
  readonly #aliases = new Map<string, Set<string>>()

  /** @param record of a call that succeeded */
  add(record: TrailRecord): void {
    const { eventName } = record
    const viaService = viaServiceOf(record)
    for (const action of generalActionsOf(record)) this.#general.add(action)
    for (const { type, ARN } of record.resources ?? []) {
      if (type !== 'AWS::KMS::Alias') continue
      this.#aliases.set(ARN, (this.#aliases.get(ARN) ?? new Set()).add(`kms:${eventName}`))
    }
    for (const { keyArn, action, context } of usesOf(record)) {
      const pairs = withContext.test(eventName) ? Object.entries(Object(context)) : undefined
      const isGrant = eventName === 'CreateGrant'
      const name = JSON.stringify([keyArn, viaService, pairs?.map(([pair]) => pair).sort(), isGrant])
      const grants = isGrant ? { grantees: new Set<string>(), operations: new Set<string>() } : undefined
      const fresh = { keyArn, viaService, actions: new Set<string>(), pairs: pairs && new Map(), grants }
      const heap: Heap = this.#heaps.get(name) ?? fresh
      this.#heaps.set(name, heap)
      heap.actions.add(action)
      noteGrant(heap, record)
      for (const [pair, value] of pairs ?? []) {
        heap.pairs?.set(pair, (heap.pairs.get(pair) ?? new Set()).add(String(value)))
      }
    }
  }

  /** For an identity policy: each names its key. */
  identity(): PolicyStatement[] {
    const statements = [...this.#heaps.values()].map((heap) => statementOf(heap, heap.keyArn))
    for (const [Resource, actions] of this.#aliases) {
      statements.push({ Effect: 'Allow', Action: [...actions].sort(), Resource })
    }
    if (this.#general.size === 0) return statements
    return [...statements, { Effect: 'Allow', Action: [...this.#general].sort(), Resource: '*' }]
  }

  /** Actions that no key policy can allow. */
  get actionsOfAccount(): readonly string[] {
    return [...this.#general, ...[...this.#aliases.values()].flatMap((actions) => [...actions])]
  }

  /** For the policies of the keys. @param principal its ARN */
  ofKeys(principal: string): { keyArn: string; statements: PolicyStatement[] }[] {
    const found = new Map<string, PolicyStatement[]>()
    for (const heap of this.#heaps.values()) {
      const { Effect, ...rest } = statementOf(heap, '*')
      const statement: PolicyStatement = { Effect, Principal: { AWS: principal }, ...rest }
      found.set(heap.keyArn, [...(found.get(heap.keyArn) ?? []), statement])
    }
    return [...found].map(([keyArn, statements]) => ({ keyArn, statements }))
  }
}

/** Of a call that a service makes in the principal's name: that service in its Region. */
function viaServiceOf({ userIdentity, awsRegion }: TrailRecord): string | undefined {
  const { invokedBy } = userIdentity
  if (typeof invokedBy !== 'string') return undefined
  return `${invokedBy.replace(/^fas\.|\.amazonaws\.com$/g, '')}.${awsRegion}.amazonaws.com`
}

/** What is asked of the account: a key that a call makes is in its record, but had no policy yet. */
function generalActionsOf({ eventName, requestParameters }: TrailRecord): string[] {
  const tags = requestParameters?.tags
  const tagging = Array.isArray(tags) && tags.length > 0 ? ['kms:TagResource'] : []
  if (eventName === 'ReplicateKey') return ['kms:CreateKey', ...tagging]
  if (isAskedAboutKeys(eventName)) return []
  return [`kms:${eventName}`, ...(eventName === 'CreateKey' ? tagging : [])]
}

/** What a call did with each of its keys: ReEncrypt opens with the first, in one context, and seals with the second, in another. */
function usesOf(record: TrailRecord): { keyArn: string; action: string; context: unknown }[] {
  const { eventName, requestParameters } = record
  if (!isAskedAboutKeys(eventName)) return []
  const named = keyArnsOf(record)
  // The replica is made by the call.
  const keys = eventName === 'ReplicateKey' ? named.slice(0, 1) : named
  if (eventName !== 'ReEncrypt') {
    const context = requestParameters?.encryptionContext
    return keys.map((keyArn) => ({ keyArn, action: `kms:${eventName}`, context }))
  }
  const [source = '', destination = source] = keys
  const { sourceEncryptionContext, destinationEncryptionContext } = requestParameters ?? {}
  return [
    { keyArn: source, action: 'kms:ReEncryptFrom', context: sourceEncryptionContext },
    { keyArn: destination, action: 'kms:ReEncryptTo', context: destinationEncryptionContext },
  ]
}

function noteGrant({ grants }: Heap, { requestParameters }: TrailRecord): void {
  const { granteePrincipal, operations } = requestParameters ?? {}
  if (typeof granteePrincipal === 'string') grants?.grantees.add(granteePrincipal)
  for (const operation of Array.isArray(operations) ? operations : []) grants?.operations.add(String(operation))
}

function statementOf({ viaService, actions, pairs, grants }: Heap, Resource: string): PolicyStatement {
  const condition: NonNullable<PolicyStatement['Condition']> = {}
  const require = (operator: string, key: string, values: string | string[]) => {
    condition[operator] = { ...condition[operator], [key]: values }
  }
  if (viaService !== undefined) require('StringEquals', 'kms:ViaService', viaService)
  for (const [name, found] of pairs ?? []) {
    const { values, isPattern } = generalized(found)
    require(isPattern ? 'StringLike' : 'StringEquals', `kms:EncryptionContext:${name}`, values)
  }
  // No other pairs than these.
  if (pairs?.size === 0) require('Null', 'kms:EncryptionContextKeys', 'true')
  if (pairs && pairs.size > 0)
    require('ForAllValues:StringEquals', 'kms:EncryptionContextKeys', [...pairs.keys()].sort())
  if (grants) {
    require('StringEquals', 'kms:GranteePrincipal', [...grants.grantees].sort().map(literal))
    require('ForAllValues:StringEquals', 'kms:GrantOperations', [...grants.operations].sort())
  }
  const Condition = Object.keys(condition).length > 0 ? condition : undefined
  return { Effect: 'Allow', Action: [...actions].sort(), Resource, Condition }
}
