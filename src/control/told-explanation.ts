import type { Explanation } from '../access/explanations.ts'
import type { Told } from '../access/ruling.ts'
import type { WeighedStatement } from '../aws/policy.ts'
import type { Ruling as KmsRuling } from '../kms/access/authorization.ts'
import type { KmsExplanation } from '../kms/calls/explanations.ts'
import type { EncryptionContext } from '../kms/client.ts'
import type { WeighedGrant } from '../kms/grants/grants.ts'
import type { ToldS3Ruling, WeighedAclGrant } from '../s3/access/told-ruling.ts'

/*
 * An explanation in words, as parts: the command line sets them in lines, the console draws them.
 *
 *   title, facts        what became of the call, and what it was
 *   ciphertext          how an encryption context differs
 *   rulings             each question: what was weighed for it, part by part, and what would have to change
 */

/** Of S3, or of KMS, which tells more. */
export type AnyExplanation = Explanation & Partial<KmsExplanation>

export interface ToldExplanation {
  requestId: string
  /** `Decrypt: refused, AccessDeniedException` */
  title: string
  facts: [name: string, text: string][]
  /** Of a ciphertext that did not open; sentences. */
  ciphertext: string[]
  rulings: ToldRuling[]
}

export interface ToldRuling {
  action: string
  resource: string
  allowed: boolean
  /** Half a sentence. */
  because: string
  weighed: Weighing[]
  /** What would have to change, where it is refused; sentences. */
  advice: string[]
}

/** A statement, a grant or a fact, and how it stood to the request. */
export interface Weighing {
  /** `key policy, statement 1 "Admins" (Allow)`; undefined: the words say it all. */
  subject?: string
  /** Half a sentence, or a whole one where there is no subject. */
  words: string
  effect?: 'Allow' | 'Deny'
  applies?: boolean
  /** What of it was held against the request, in order; what follows the first that does not fit was not looked at. */
  elements?: { name: string; fits?: boolean }[]
  /** The element that does not fit, and what the request has. */
  compared?: { element: string; wanted: string[]; more?: number; actual: string[] }
}

export function tellExplanation(explanation: AnyExplanation): ToldExplanation {
  const { requestId, service, operation, error, rulings, caller } = explanation
  const outcome = error === undefined ? 'done' : `refused, ${error.code}`
  return {
    requestId,
    title: `${service === undefined ? '' : `${service.toUpperCase()} `}${operation}: ${outcome}`,
    facts: factsOf(explanation),
    ciphertext: ciphertextOf(explanation),
    rulings: rulings.map((ruling) => tellRuling(ruling, caller.arn, service)),
  }
}

function factsOf(explanation: AnyExplanation): ToldExplanation['facts'] {
  const { error, requestId, causeId, time, caller, via, keys = [], encryptionContexts = {} } = explanation
  const cause = causeId === undefined ? '' : ` for S3's request ${causeId}`
  const facts: ToldExplanation['facts'] = [
    ['request', requestId + cause],
    ['time', new Date(time).toISOString()],
    ['caller', (caller.arn || 'anonymous') + (via === undefined ? '' : ` through ${via.toUpperCase()}`)],
    ...keys.map(({ arn, state }): [string, string] => ['key', `${arn}, ${state}`]),
    ...Object.values(encryptionContexts).map((context): [string, string] => ['context', pairsOf(context)]),
  ]
  return error?.message ? [...facts, ['answer', error.message]] : facts
}

function ciphertextOf({ ciphertext, via }: AnyExplanation): string[] {
  if (!ciphertext) return []
  const { sealedBy, missing = {}, unexpected = {} } = ciphertext
  const note = via && `S3 sends the pairs of the object's record, and aws:s3:arn of the object that was addressed`
  const sentences =
    sealedBy === undefined
      ? ['the ciphertext was made too long ago, or elsewhere, or is damaged: what it was sealed under is not known']
      : [
          `the ciphertext was made by request ${sealedBy}`,
          ...(isEmpty(missing) ? [] : [`sealed under, and not sent: ${pairsOf(missing)}`]),
          ...(isEmpty(unexpected) ? [] : [`sent, and not sealed under: ${pairsOf(unexpected)}`]),
          ...(isEmpty(missing) && isEmpty(unexpected) ? ['the contexts agree: the ciphertext itself was changed'] : []),
        ]
  return note ? [...sentences, note] : sentences
}

/** Of S3 or of KMS: each tells more. */
type AnyRuling = Told & Pick<Partial<KmsRuling>, 'grants'> & Pick<ToldS3Ruling, 'aclGrants' | 'blocks'>

/** @param callerArn empty: nobody */
export function tellRuling(ruling: AnyRuling, callerArn: string, service: Service): ToldRuling {
  const {
    action,
    resource,
    allowed,
    because,
    isAdministrator,
    statements,
    grants,
    aclGrants = [],
    blocks = [],
  } = ruling
  const asked = { action, resource, caller: callerArn || 'anonymous' }
  return {
    action,
    resource,
    allowed,
    because,
    weighed: [
      ...statements.map((statement) => weighingOfStatement(statement, asked)),
      ...aclGrants.map(weighingOfAclGrant),
      ...blocks.map((words) => ({ words })),
      ...(isAdministrator
        ? [{ words: 'the caller has no identity policies: it is an administrator of its account' }]
        : []),
      ...(grants?.map(weighingOfGrant) ?? []),
      ...(grants?.length === 0 ? [{ words: 'no grant of the key names the caller' }] : []),
    ],
    advice: service === undefined ? [] : adviceOn(ruling, service),
  }
}

/** What would have to change for a refused need. */
function adviceOn({ allowed, because, action, resource, statements }: Told, service: Service): string[] {
  if (allowed) return []
  const denying = statements.filter(({ effect, outcome }) => effect === 'Deny' && /^(principal|account)$/.test(outcome))
  const named = denying.map(({ policy, index }) => `statement ${index + 1} of the ${policy} must not apply`)
  const place = [...(service ? (placesOf[service] ?? []) : []), ...missingPlaces].find(([words]) =>
    because.includes(words),
  )?.[1]
  return place === undefined ? named : [...named, `an Allow of ${action} on ${resource} is missing ${place}`]
}

type Service = Explanation['service']
type Place = readonly [words: string, place: string]

const placesOf: Readonly<Partial<Record<NonNullable<Service>, readonly Place[]>>> = {
  s3: [
    ['no identity-based policy', 'in an identity policy of the caller, or for the caller in the bucket policy'],
    ['no resource-based policy', 'in the bucket policy, or in an ACL'],
  ],
  sts: [['no resource-based policy', 'in the trust policy of the role']],
}
const missingPlaces: readonly Place[] = [
  ['no identity-based policy', 'in an identity policy of the caller'],
  ['no permissions boundary', 'in the permissions boundary'],
  ['no session policy', 'in the policy of the session'],
]

const delegated = "applies to the caller's account, whose identity policies must allow too"
/** What is held against a request, in order, and the outcome of a statement that is about another. */
const elementsOfStatements: readonly (readonly [name: string, outcome: WeighedStatement['outcome']])[] = [
  ['caller', 'other principal'],
  ['action', 'other action'],
  ['resource', 'other resource'],
  ['conditions', 'condition not met'],
]

function weighingOfStatement(
  { policy, index, sid, effect, outcome, element, condition }: WeighedStatement,
  asked: { action: string; resource: string; caller: string },
): Weighing {
  const subject = `${policy}, statement ${index + 1}${sid ? ` "${sid}"` : ''} (${effect})`
  const elements = elementsTo(elementsOfStatements, outcome)
  const applies = outcome === 'principal' || outcome === 'account'
  if (applies) return { subject, words: outcome === 'account' ? delegated : 'applies', effect, applies, elements }
  const told = { subject, effect, applies, elements }
  if (condition) {
    const { operator, key, values, actual } = condition
    const found = actual.length === 0 ? 'none' : listed(actual)
    const wanted = operator.includes('Not') ? `other than ${listed(values)}` : listed(values)
    const words = `does not apply, ${operator} ${key} wants ${wanted}, and the request has ${found}`
    return { ...told, words, compared: { element: `${operator} ${key}`, wanted: values, actual: [...actual] } }
  }
  const words = `does not apply, it is about an${outcome}`
  if (!element) return { ...told, words }
  const { name, values, count } = element
  const actual = name.endsWith('Principal') ? asked.caller : name.endsWith('Action') ? asked.action : asked.resource
  const more = count > values.length ? count - values.length : undefined
  return { ...told, words, compared: { element: name, wanted: [...values], more, actual: [actual] } }
}

/** @param failing the outcome that names one of them; another: all fit */
function elementsTo<Outcome>(
  all: readonly (readonly [name: string, outcome: Outcome])[],
  failing: Outcome,
): Weighing['elements'] {
  const failed = all.findIndex(([, outcome]) => outcome === failing)
  return all.map(([name], position) => {
    if (failed < 0 || position < failed) return { name, fits: true }
    return position === failed ? { name, fits: false } : { name }
  })
}

function weighingOfAclGrant({ of, permission, grantee, outcome }: WeighedAclGrant): Weighing {
  const told = { subject: `the ACL of the ${of} grants ${permission} to ${grantee}`, effect: 'Allow' as const }
  if (outcome === 'applies') return { ...told, words: 'applies', applies: true }
  if (outcome === 'ignored') return { ...told, words: 'does not apply, IgnorePublicAcls is on', applies: false }
  const other = outcome === 'other grantee' ? 'for others' : 'another permission'
  return { ...told, words: `does not apply, it is ${other}`, applies: false }
}

const elementsOfGrants: readonly (readonly [name: string, outcome: WeighedGrant['outcome']])[] = [
  ['operation', 'other operation'],
  ['constraint', 'constraint not met'],
  ['what it permits', 'would permit more'],
]

function weighingOfGrant({ grantId, name, grantee, outcome, constraint }: WeighedGrant): Weighing {
  const told = {
    subject: `grant ${grantId}${name === undefined ? '' : ` "${name}"`} to ${grantee}`,
    effect: 'Allow' as const,
    applies: outcome === 'principal' || outcome === 'account',
    elements: [{ name: 'caller', fits: true }, ...(elementsTo(elementsOfGrants, outcome) ?? [])],
  }
  if (outcome === 'principal') return { ...told, words: 'applies' }
  if (outcome === 'account') return { ...told, words: delegated }
  if (outcome === 'other operation') return { ...told, words: 'does not apply, it is about other operations' }
  if (!constraint) return { ...told, words: 'does not apply, the new grant would permit more than this one' }
  const { type, wanted, actual } = constraint
  const words = `does not apply, ${type} wants ${pairsOf(wanted)}, and the request has ${pairsOf(actual)}`
  return { ...told, words, compared: { element: type, wanted: pairs(wanted), actual: pairs(actual) } }
}

function pairs(context: EncryptionContext): string[] {
  return Object.entries(context).map(([key, value]) => `${key}=${value}`)
}

function pairsOf(context: EncryptionContext): string {
  return pairs(context).join(' ') || 'nothing'
}

function listed(values: readonly string[]): string {
  return values.join(' or ')
}

function isEmpty(context: EncryptionContext): boolean {
  return Object.keys(context).length === 0
}
