import { PatternList } from './pattern-list.ts'
import type { Pattern } from './pattern-tokens.ts'
import { type Condition, compileConstants, conditionOperator } from './policy-conditions.ts'
import { compileText, isConstant } from './wildcard.ts'

/*
 * A policy document read once into plain data, and refused where IAM refuses it (IAM User Guide, "Grammar of the IAM JSON
 * policy language"). The reasons are in the words S3 has for MalformedPolicy; a service wraps them in an error of its own.
 */

/** identity: attached to a user or role. resource: on a key or bucket, names principals. trust: on a role, no resources. */
export type PolicyKind = 'identity' | 'resource' | 'trust'

export interface Policy {
  version: '2012-10-17' | '2008-10-17'
  id?: string
  statements: Statement[]
}

/** An element or its `Not…` twin. */
export interface Patterns {
  negated: boolean
  patterns: string[]
  /** Those without policy variables, compiled once: actions in lower case. */
  fixed: PatternList
  /** Those with policy variables: other ones for every request. */
  variable: string[]
}

export type PrincipalType = 'AWS' | 'Service' | 'Federated' | 'CanonicalUser'

export interface PrincipalElement {
  negated: boolean
  /** `"Principal": "*"` is `AWS: *`. */
  named: { type: PrincipalType; value: string }[]
}

export interface Statement {
  sid?: string
  effect: 'Allow' | 'Deny'
  principal?: PrincipalElement
  action: Patterns
  resource?: Patterns
  conditions: Condition[]
}

/** The document is not a policy; the message says why. */
export class PolicyMalformed extends Error {
  override name = 'PolicyMalformed'
  /** What of the document is at fault, as S3 shows it in an element of its own. */
  readonly detail?: string

  constructor(message: string, detail?: string) {
    super(message)
    this.detail = detail
  }
}

/** Why a policy is refused that names somebody who cannot exist. */
export const invalidPrincipal = 'Invalid principal in policy'

const documentMembers = ['Version', 'Id', 'Statement']
/** The members of a statement, in the order in which AWS shows them. */
export const statementMembers = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]
const principalTypes: readonly PrincipalType[] = ['AWS', 'Service', 'Federated', 'CanonicalUser']

/**
 * Reads a policy document.
 * @param read reads one statement: a service with rules of its own adds them to {@link readStatement}
 * @throws PolicyMalformed
 */
export function parsePolicy(
  document: string,
  kind: PolicyKind,
  read: (statement: unknown, kind: PolicyKind, index: number) => Statement = readStatement,
): Policy {
  const members = readObject(readJson(document), "Policies must be valid JSON and the first byte must be '{'")
  refuseUnknown(members, documentMembers)
  const version = members.Version ?? '2008-10-17'
  if (version !== '2012-10-17' && version !== '2008-10-17') {
    throw new PolicyMalformed('The policy must contain a valid version string')
  }
  if (members.Id !== undefined && typeof members.Id !== 'string') throw new PolicyMalformed('Invalid policy syntax.')
  const given = members.Statement
  if (given === undefined) throw new PolicyMalformed('Missing required field Statement')
  const list: unknown[] = Array.isArray(given) ? given : [given]
  if (list.length === 0) throw new PolicyMalformed('Could not parse the policy: Statement is empty!')
  const statements = list.map((statement, index) => read(statement, kind, index))
  const sids = statements.flatMap(({ sid }) => sid || [])
  if (new Set(sids).size < sids.length)
    throw new PolicyMalformed('Statement IDs (SID) in a single policy must be unique.')
  return { version, id: members.Id, statements }
}

function readJson(document: string): unknown {
  try {
    return JSON.parse(document)
  } catch {
    throw new PolicyMalformed('This policy contains invalid Json')
  }
}

/** @throws PolicyMalformed */
export function readStatement(value: unknown, kind: PolicyKind): Statement {
  const members = readObject(value, 'Invalid policy syntax.')
  refuseUnknown(members, statementMembers)
  const { Sid: sid, Effect: effect } = members
  if (sid !== undefined && typeof sid !== 'string') throw new PolicyMalformed('Invalid policy syntax.')
  if (effect === undefined) throw new PolicyMalformed('Missing required field Effect')
  if (effect !== 'Allow' && effect !== 'Deny') throw new PolicyMalformed(`Invalid effect: ${String(effect)}`)
  return {
    sid,
    effect,
    principal: readPrincipal(members, kind),
    action: readAction(members, kind),
    resource: readResource(members, kind),
    conditions: readConditions(members.Condition, kind),
  }
}

function readAction(members: Record<string, unknown>, kind: PolicyKind): Patterns {
  const action = readPatterns(members, 'Action')
  if (!action) throw new PolicyMalformed('Missing required field Action')
  const form = kind === 'identity' ? identityAction : resourceAction
  const isAction = (pattern: string) => pattern === '*' || form.test(pattern)
  const strange = action.patterns.find((pattern) => !isAction(pattern))
  if (strange !== undefined) throw new PolicyMalformed('Policy has invalid action', strange)
  return action
}

const resourceAction = /^[\w-]+:[\w*?-]+$/
/** IAM takes the actions of services it does not know, whatever they look like behind the colon (evidence: iam-lenient-policies). */
const identityAction = /^[\w.*?-]+:[^:]*$/

function readResource(members: Record<string, unknown>, kind: PolicyKind): Patterns | undefined {
  const resource = readPatterns(members, 'Resource')
  if (kind === 'trust') {
    if (resource) throw new PolicyMalformed('Has prohibited field Resource')
    return undefined
  }
  if (!resource) throw new PolicyMalformed('Missing required field Resource')
  const form = kind === 'identity' ? identityResource : wholeArn
  const isResource = (pattern: string) => pattern === '*' || form.test(pattern)
  const strange = resource.patterns.find((pattern) => !isResource(pattern))
  if (strange !== undefined) throw new PolicyMalformed('Policy has invalid resource', strange)
  return resource
}

const wholeArn = /^arn:([^:]*:){4}.+/s
/** IAM takes `arn:aws:s3` and the like, which match nothing (evidence: iam-lenient-policies). */
const identityResource = /^[^:]*:/

/** An element or its twin, never both. */
function readPatterns(members: Record<string, unknown>, name: 'Action' | 'Resource'): Patterns | undefined {
  const { [name]: plain, [`Not${name}`]: twin } = members
  if (plain !== undefined && twin !== undefined) throw new PolicyMalformed('Invalid policy syntax.')
  if (plain === undefined && twin === undefined) return undefined
  const fault = `Policy has invalid ${name.toLowerCase()}`
  const patterns = readStrings(plain ?? twin, fault)
  const isFixed = (pattern: string) => name === 'Action' || isConstant(pattern)
  const fixed = patterns.filter(isFixed).map((pattern) => compileFixed(name, pattern))
  return {
    negated: plain === undefined,
    patterns,
    fixed: new PatternList(fixed),
    variable: patterns.filter((pattern) => !isFixed(pattern)),
  }
}

/** The names of actions ignore case. */
function compileFixed(name: 'Action' | 'Resource', pattern: string): Pattern {
  return compileText(name === 'Action' ? pattern.toLowerCase() : pattern)
}

function readPrincipal(members: Record<string, unknown>, kind: PolicyKind): PrincipalElement | undefined {
  const { Principal: plain, NotPrincipal: twin } = members
  const given = plain ?? twin
  if (kind === 'identity') {
    if (given !== undefined) throw new PolicyMalformed('Policy document should not specify a principal.')
    return undefined
  }
  if (given === undefined) throw new PolicyMalformed('Missing required field Principal')
  if (plain !== undefined && twin !== undefined) throw new PolicyMalformed('Invalid policy syntax.')
  const negated = plain === undefined
  if (given === '*') return { negated, named: [{ type: 'AWS', value: '*' }] }
  const types = readObject(given, invalidPrincipal)
  const named = Object.entries(types).flatMap(([name, values]) => {
    const type = principalTypes.find((known) => known === name)
    if (!type) throw new PolicyMalformed(invalidPrincipal)
    return readStrings(values, invalidPrincipal).map((value) => ({ type, value }))
  })
  if (named.length === 0) throw new PolicyMalformed(invalidPrincipal)
  const strange = named.find((one) => !isPrincipal(one))
  if (strange) throw new PolicyMalformed(invalidPrincipal, `"${strange.type}" : "${strange.value}"`)
  return { negated, named }
}

/** An account, an ARN, an IAM unique id or `*`; a wildcard inside an ARN is none. Other types are taken as they are. */
function isPrincipal({ type, value }: { type: PrincipalType; value: string }): boolean {
  if (type !== 'AWS' || value === '*') return value !== ''
  return /^(\d{12}|A(IDA|ROA)[A-Z2-7]{17}|arn:aws:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user)\/[\w+=,.@/-]+))$/.test(
    value,
  )
}

function readConditions(value: unknown, kind: PolicyKind): Condition[] {
  if (value === undefined) return []
  const operators = readObject(value, 'Invalid Condition')
  return Object.entries(operators).flatMap(([operator, keys]) => {
    const known = conditionOperator(operator)
    const isEmpty = () => Object.keys(readObject(keys, 'Invalid Condition')).length === 0
    // IAM minds an operator it does not know only where it is to compare something (evidence: iam-lenient-policies).
    if (!known && kind === 'identity' && isEmpty()) return []
    if (!known) throw new PolicyMalformed(`Invalid Condition type : ${operator}`)
    return Object.entries(readObject(keys, 'Invalid Condition')).map(([key, values]) => ({
      operator,
      ...known,
      key,
      ...compiledValues(known.name, readValues(values)),
    }))
  })
}

function compiledValues(name: Condition['name'], values: string[]): Pick<Condition, 'values' | 'fits'> {
  return { values, fits: compileConstants(name, values) }
}

function readValues(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  return values.map((item) => {
    if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return String(item)
    throw new PolicyMalformed('Invalid Condition')
  })
}

function readStrings(value: unknown, fault: string): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  if (values.length === 0) throw new PolicyMalformed(fault)
  return values.map((item) => {
    if (typeof item === 'string') return item
    throw new PolicyMalformed(fault)
  })
}

function readObject(value: unknown, fault: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new PolicyMalformed(fault)
  return { ...value }
}

function refuseUnknown(members: Record<string, unknown>, known: readonly string[]): void {
  const unknown = Object.keys(members).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new PolicyMalformed(`Unknown field ${unknown}`)
}
