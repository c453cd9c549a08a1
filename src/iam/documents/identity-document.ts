import { conditionOperator } from '../../aws/policy-conditions.ts'
import { statementMembers } from '../../aws/policy-parse.ts'
import { iamErrors } from '../errors.ts'
import { isObject, listOf, type Members, parseJson, requireReadable, textsOf } from './document.ts'

/*
 * Whether a text is an identity policy, in IAM's words and the order of its checks (evidence: iam-policy-words):
 *
 *   syntax → version → "legacy parsing" → Sids → actions, resources there → resources → actions → no principal
 *
 * Each check is over all statements before the next one begins. Inline policies may be of version 2008-10-17.
 */

const malformed = iamErrors.MalformedPolicyDocument
const syntax = 'Syntax errors in policy.'
const legacy = 'The policy failed legacy parsing'
const newest = '2012-10-17'

/** @throws AwsError MalformedPolicyDocument */
export function checkIdentityDocument(document: string, use: 'managed' | 'inline'): void {
  const members = parseJson(document)
  if (!isObject(members) || !isPolicy(members)) throw malformed(syntax)
  const statements = listOf(members.Statement).filter(isObject)
  if (use === 'managed' && members.Version !== newest) {
    throw malformed('Policy document must be version 2012-10-17 or greater.')
  }
  if (use === 'inline' && !namesVersionFirst(members)) throw malformed(legacy)
  if (!statements.every(passesLegacyParsing)) throw malformed(legacy)
  requireUniqueSids(statements)
  for (const statement of statements) requireElements(statement)
  for (const statement of statements) {
    for (const resource of textsOf(statement.Resource ?? statement.NotResource)) checkResource(resource)
  }
  for (const statement of statements) {
    for (const action of textsOf(statement.Action ?? statement.NotAction)) checkAction(action)
  }
  if (statements.some(({ Principal, NotPrincipal }) => Principal !== undefined || NotPrincipal !== undefined)) {
    throw malformed('Policy document should not specify a principal.')
  }
  requireReadable(document, 'identity', syntax)
}

const topMembers = ['Version', 'Id', 'Statement']
function isPolicy({ Version, Id, Statement, ...more }: Members): boolean {
  const statements = listOf(Statement)
  return (
    Object.keys(more).every((name) => topMembers.includes(name)) &&
    (Version === undefined || Version === newest || Version === '2008-10-17') &&
    (Id === undefined || typeof Id === 'string') &&
    statements.length > 0 &&
    statements.every((statement) => isObject(statement) && isStatement(statement))
  )
}

function isStatement(statement: Members): boolean {
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Condition } = statement
  return (
    Object.keys(statement).every((name) => statementMembers.includes(name)) &&
    (Sid === undefined || typeof Sid === 'string') &&
    typeof Effect === 'string' &&
    /^(allow|deny)$/i.test(Effect) &&
    (Action === undefined || NotAction === undefined) &&
    (Resource === undefined || NotResource === undefined) &&
    [Action, NotAction, Resource, NotResource].every((element) => element === undefined || areTexts(element)) &&
    (Condition === undefined || isCondition(Condition))
  )
}

function areTexts(value: unknown): boolean {
  return listOf(value).every((item) => typeof item === 'string')
}

function isCondition(condition: unknown): boolean {
  if (!isObject(condition)) return false
  return Object.entries(condition).every(([operator, keys]) => {
    if (!isObject(keys)) return false
    if (Object.keys(keys).length > 0 && !conditionOperator(operator)) return false
    return Object.values(keys).every((values) =>
      listOf(values).every((value) => /^(string|number|boolean)$/.test(typeof value)),
    )
  })
}

/**
 * Terraform's AWS provider writes inline policies anew for this (its LegacyPolicyNormalize), and sends managed policies with
 * their members by name, Statement before Version, which AWS takes (evidence: iam-version-first).
 */
function namesVersionFirst(members: Members): boolean {
  const names = Object.keys(members)
  return !names.includes('Version') || names.indexOf('Version') < names.indexOf('Statement')
}

function passesLegacyParsing({ Effect, Resource, NotResource, Condition }: Members): boolean {
  if (Effect !== 'Allow' && Effect !== 'Deny') return false
  return textsOf(Resource ?? NotResource).every(isWholeArn) && (!isObject(Condition) || hasDates(Condition))
}

/** Of six fields, or of too few to be taken for an ARN with some missing. */
function isWholeArn(resource: string): boolean {
  if (!resource.startsWith('arn:aws:')) return true
  const fields = resource.split(':')
  return fields.length !== 4 && fields.length !== 5 && fields[2] !== ''
}

function hasDates(condition: Members): boolean {
  return Object.entries(condition).every(([operator, keys]) => {
    if (!/^(For\w+:)?Date/.test(operator) || !isObject(keys)) return true
    return Object.values(keys).every((values) => textsOf(values).every(isDate))
  })
}

/** A policy variable has a date only when a request comes. */
function isDate(text: string): boolean {
  return (
    text.includes('${') || /^\d{1,18}(\.\d+)?$/.test(text) || !Number.isNaN(Date.parse(text)) || /^\d+T$/.test(text)
  )
}

/** @throws AwsError MalformedPolicyDocument */
function requireUniqueSids(statements: readonly Members[]): void {
  const sids = statements.flatMap(({ Sid }) => (Sid === undefined || Sid === '' ? [] : [Sid]))
  if (new Set(sids).size < sids.length) throw malformed('Statement IDs (SID) in a single policy must be unique.')
}

function requireElements({ Action, NotAction, Resource, NotResource }: Members): void {
  const isThere = (element: unknown) => element !== undefined && listOf(element).length > 0
  if (!isThere(Action ?? NotAction)) throw malformed('Policy statement must contain actions.')
  if (!isThere(Resource ?? NotResource)) throw malformed('Policy statement must contain resources.')
}

const iamPaths = [
  ...['user/', 'federated-user/', 'role/', 'group/', 'instance-profile/', 'mfa/', 'server-certificate/', 'policy/'],
  ...['sms-mfa/', 'saml-provider/', 'oidc-provider/', 'report/', 'access-report/'],
]

function checkResource(resource: string): void {
  if (resource === '*') return
  if (!resource.includes(':')) throw malformed(`Resource ${resource} must be in ARN format or "*".`)
  const [, partition = '', service = '', region = '', , ...path] = resource.split(':')
  if (resource === 'arn:aws') throw malformed('Resource vendor must be fully qualified and cannot contain regexes.')
  if (!/^(aws[\w-]*|\*)$/.test(partition)) {
    const fields = ['arn', ...resource.split(':').slice(1)]
    const shown = [...fields, ...Array.from({ length: Math.max(0, 6 - fields.length) }, () => '*')].join(':')
    throw malformed(`Partition "${partition}" is not valid for resource "${shown}".`)
  }
  if (service === 's3' && region !== '') throw malformed('Resource ARN can not contain region information.')
  if (service === 'iam') checkIamResource(region, path.join(':'))
}

function checkIamResource(region: string, path: string): void {
  if (region !== '') throw malformed('IAM resource ARN cannot contain region information.')
  if (path === '*' || path === 'root' || path === '' || iamPaths.some((start) => path.startsWith(start))) return
  if (/[*?]/.test(path)) return
  throw malformed(
    `IAM resource path must either be "*", root, or start with ${iamPaths.slice(0, -1).join(', ')}, ${iamPaths.at(-1)}.`,
  )
}

function checkAction(action: string): void {
  if (action === '*') return
  const [vendor = '', , more] = action.split(':')
  if (!action.includes(':')) {
    throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
  }
  if (!/^[\w.*?-]+$/.test(vendor)) throw malformed(`Vendor ${vendor} is not valid`)
  if (more !== undefined) throw malformed('Actions/Condition can contain only one colon.')
}
