import { iamErrors } from '../errors.ts'
import { isObject, listOf, type Members, parseJson, requireReadable, textsOf } from './document.ts'

/*
 * Whether a text is a trust policy, in IAM's words (evidence: iam-trust-words).
 */

const malformed = iamErrors.MalformedPolicyDocument
const actions =
  /^(\*|sts:(\*|assumerole|assumerolewithsaml|assumerolewithwebidentity|tagsession|setsourceidentity|setcontext|assume[\w*?]*|[\w?]*\*[\w*?]*))$/i

/** @throws AwsError MalformedPolicyDocument */
export function checkTrustDocument(document: string): void {
  const members = parseJson(document)
  if (!isObject(members)) throw malformed('This policy contains invalid Json')
  const { Version, Statement } = members
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') {
    throw malformed('The policy must contain a valid version string')
  }
  const statements = Statement === undefined ? [] : listOf(Statement)
  if (statements.length === 0) throw malformed('Could not parse the policy: Statement is empty!')
  for (const statement of statements) {
    if (!isObject(statement)) throw malformed('Syntax error in policy.')
    checkStatement(statement)
  }
  const sids = statements.flatMap((statement) => (isObject(statement) && statement.Sid ? [statement.Sid] : []))
  if (new Set(sids).size < sids.length) throw malformed('The Statement Ids in the policy are not unique')
  requireReadable(document, 'trust', 'Syntax error in policy.')
}

function checkStatement(statement: Members): void {
  const { Effect, Action, NotAction, Resource, NotResource } = statement
  if (Effect === undefined) throw malformed('Missing required field Effect')
  if (Effect !== 'Allow' && Effect !== 'Deny') throw malformed(`Invalid effect: ${String(Effect)}`)
  checkPrincipal(statement)
  if (Action === undefined && NotAction === undefined) throw malformed('Missing required field Action')
  const named = textsOf(Action ?? NotAction)
  if (named.length === 0) throw malformed('Syntax error in policy.')
  if (!named.every((action) => actions.test(action))) {
    throw malformed('AssumeRole policy may only specify STS AssumeRole actions.')
  }
  if (Resource !== undefined) throw malformed('Has prohibited field Resource')
  if (NotResource !== undefined) throw malformed('AssumeRole policy must not contain resources.')
}

function checkPrincipal({ Effect, Principal, NotPrincipal }: Members): void {
  if (NotPrincipal !== undefined) {
    if (Effect === 'Allow') throw malformed('Allow with NotPrincipal is not allowed.')
    throw malformed('AssumeRole policy must not contain NotPrincipal field.')
  }
  if (Principal === undefined) throw malformed('Missing required field Principal')
  if (!isObject(Principal)) throw malformed('Principal must be a JSON object.')
  const named = Object.values(Principal).flatMap(listOf)
  if (named.length === 0) throw malformed('Missing required field Principal cannot be empty!')
  for (const [type, values] of Object.entries(Principal)) {
    for (const value of listOf(values)) checkNamed(type, value)
  }
}

function checkNamed(type: string, value: unknown): void {
  const label = type === 'Service' ? 'SERVICE' : type
  const isKnown =
    typeof value === 'string' &&
    ((type === 'AWS' && /^(\*|\d{12}|A(IDA|ROA)[A-Z2-7]{17}|arn:aws[\w-]*:(iam|sts)::\d{12}:.+)$/.test(value)) ||
      (type === 'Service' && /^[\w.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|internal)$/.test(value)) ||
      (type === 'Federated' && value !== ''))
  if (!isKnown) throw malformed(`Invalid principal in policy: "${label}":"${String(value)}"`)
}
