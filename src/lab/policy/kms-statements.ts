import type { TrailRecord } from '../../trail/event.ts'
import { generalized, type PolicyStatement } from './statements.ts'

/** Calls of KMS that one statement allows: on one key, in one way, with pairs of the same names. */
interface Heap {
  keyArn: string
  /** `s3.us-east-1.amazonaws.com` */
  viaService?: string
  actions: Set<string>
  /** Values by the name of the pair; undefined: none of the calls can have a context. */
  pairs?: Map<string, Set<string>>
}

/** Calls that have an encryption context, be it an empty one. */
const withContext = /^(Encrypt|Decrypt|ReEncrypt|GenerateDataKey\w*)$/

/** The statements that a principal's calls of KMS needed. */
export class KmsStatements {
  readonly #heaps = new Map<string, Heap>()
  /** Of calls that are about no key. */
  readonly #general = new Set<string>()

  /** @param record of a call that succeeded */
  add(record: TrailRecord): void {
    const { eventName, awsRegion, userIdentity } = record
    const viaService = userIdentity.invokedBy === undefined ? undefined : `s3.${awsRegion}.amazonaws.com`
    const uses = usesOf(record)
    if (uses.length === 0) this.#general.add(`kms:${eventName}`)
    for (const { keyArn, action, context } of uses) {
      const pairs = withContext.test(eventName) ? Object.entries(Object(context)) : undefined
      const name = JSON.stringify([keyArn, viaService, pairs?.map(([pair]) => pair).sort()])
      const heap = this.#heaps.get(name) ?? { keyArn, viaService, actions: new Set(), pairs: pairs && new Map() }
      this.#heaps.set(name, heap)
      heap.actions.add(action)
      for (const [pair, value] of pairs ?? []) {
        heap.pairs?.set(pair, (heap.pairs.get(pair) ?? new Set()).add(String(value)))
      }
    }
  }

  /** For an identity policy: each names its key. */
  identity(): PolicyStatement[] {
    const statements = [...this.#heaps.values()].map((heap) => statementOf(heap, heap.keyArn))
    if (this.#general.size === 0) return statements
    return [...statements, { Effect: 'Allow', Action: [...this.#general].sort(), Resource: '*' }]
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

/** What a call did with each of its keys: ReEncrypt opens with the first, in one context, and seals with the second, in another. */
function usesOf(record: TrailRecord): { keyArn: string; action: string; context: unknown }[] {
  const { eventName, resources = [], requestParameters } = record
  const keys = resources.filter(({ type }) => type === 'AWS::KMS::Key').map(({ ARN }) => ARN)
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

function statementOf({ viaService, actions, pairs }: Heap, Resource: string): PolicyStatement {
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
  const Condition = Object.keys(condition).length > 0 ? condition : undefined
  return { Effect: 'Allow', Action: [...actions].sort(), Resource, Condition }
}
