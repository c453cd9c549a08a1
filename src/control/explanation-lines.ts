import type { Explanation } from '../access/explanations.ts'
import type { Told } from '../access/ruling.ts'
import type { WeighedStatement } from '../aws/policy.ts'
import type { Ruling as KmsRuling } from '../kms/access/authorization.ts'
import type { KmsExplanation } from '../kms/calls/explanations.ts'
import type { EncryptionContext } from '../kms/client.ts'
import type { WeighedGrant } from '../kms/grants/grants.ts'
import type { ToldS3Ruling, WeighedAclGrant } from '../s3/access/told-ruling.ts'

/** Of S3, or of KMS, which tells more. */
export type AnyExplanation = Explanation & Partial<KmsExplanation>

/** An explanation as people read it, line by line; the first says what became of the call. */
export function explanationLines(explanation: AnyExplanation): string[] {
  const { service, rulings } = explanation
  const ruled = rulings.flatMap((ruling) => [
    ...describeRuling(ruling),
    ...(service === undefined ? [] : adviceOn(ruling, service)),
  ])
  return [...headOf(explanation), ...ciphertextOf(explanation), ...ruled]
}

function headOf(explanation: AnyExplanation): string[] {
  const {
    operation,
    error,
    requestId,
    causeId,
    time,
    caller,
    via,
    keys = [],
    encryptionContexts = {},
    service,
  } = explanation
  const cause = causeId === undefined ? '' : ` for S3's request ${causeId}`
  const rows: [string, string][] = [
    ['request', requestId + cause],
    ['time', new Date(time).toISOString()],
    ['caller', (caller.arn || 'anonymous') + (via === undefined ? '' : ` through ${via.toUpperCase()}`)],
    ...keys.map(({ arn, state }): [string, string] => ['key', `${arn}, ${state}`]),
    ...Object.values(encryptionContexts).map((context): [string, string] => ['context', pairsOf(context)]),
  ]
  if (error?.message) rows.push(['answer', error.message])
  return [
    `${service === undefined ? '' : `${service.toUpperCase()} `}${operation}: ${error === undefined ? 'done' : `refused, ${error.code}`}`,
    ...rows.map(([name, text]) => `  ${name.padEnd(9)}${text}`),
  ]
}

function ciphertextOf({ ciphertext, via }: AnyExplanation): string[] {
  if (!ciphertext) return []
  const { sealedBy, missing = {}, unexpected = {} } = ciphertext
  const note = via && `S3 sends the pairs of the object's record, and aws:s3:arn of the object that was addressed`
  const lines =
    sealedBy === undefined
      ? ['the ciphertext was made too long ago, or elsewhere, or is damaged: what it was sealed under is not known']
      : [
          `the ciphertext was made by request ${sealedBy}`,
          ...(isEmpty(missing) ? [] : [`sealed under, and not sent: ${pairsOf(missing)}`]),
          ...(isEmpty(unexpected) ? [] : [`sent, and not sealed under: ${pairsOf(unexpected)}`]),
          ...(isEmpty(missing) && isEmpty(unexpected) ? ['the contexts agree: the ciphertext itself was changed'] : []),
        ]
  return ['', ...[...lines, ...(note ? [note] : [])].map((line) => `  ${line}`)]
}

/** Of S3 or of KMS: each tells more. */
type AnyRuling = Told & Pick<Partial<KmsRuling>, 'grants'> & Pick<ToldS3Ruling, 'aclGrants' | 'blocks'>

function describeRuling({
  action,
  resource,
  allowed,
  because,
  isAdministrator,
  statements,
  grants,
  aclGrants = [],
  blocks = [],
}: AnyRuling): string[] {
  const details = [
    ...statements.map(describeStatement),
    ...aclGrants.map(describeAclGrant),
    ...blocks,
    ...(isAdministrator ? ['the caller has no identity policies: it is an administrator of its account'] : []),
    ...(grants?.map(describeGrant) ?? []),
    ...(grants?.length === 0 ? ['no grant of the key names the caller'] : []),
  ]
  return [
    '',
    `  ${action} on ${resource}: ${allowed ? 'allowed:' : 'refused'} ${because}`,
    ...details.map((line) => `    ${line}`),
  ]
}

/** What would have to change for a refused need. */
function adviceOn({ allowed, because, action, resource, statements }: Told, service: Service): string[] {
  if (allowed) return []
  const denying = statements.filter(({ effect, outcome }) => effect === 'Deny' && /^(principal|account)$/.test(outcome))
  const named = denying.map(({ policy, index }) => `statement ${index + 1} of the ${policy} must not apply`)
  const place = [...(service ? (placesOf[service] ?? []) : []), ...missingPlaces].find(([words]) =>
    because.includes(words),
  )?.[1]
  const advice = place === undefined ? named : [...named, `an Allow of ${action} on ${resource} is missing ${place}`]
  return advice.map((line) => `    to change it: ${line}`)
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

function describeStatement({ policy, index, sid, effect, outcome, condition }: WeighedStatement): string {
  const name = `${policy}, statement ${index + 1}${sid ? ` "${sid}"` : ''} (${effect})`
  if (outcome === 'principal') return `${name}: applies`
  if (outcome === 'account') return `${name}: applies to the caller's account, whose identity policies must allow too`
  if (!condition) return `${name}: does not apply, it is about an${outcome}`
  const { operator, key, values, actual } = condition
  const found = actual.length === 0 ? 'none' : listed(actual)
  const wanted = operator.includes('Not') ? `other than ${listed(values)}` : listed(values)
  return `${name}: does not apply, ${operator} ${key} wants ${wanted}, and the request has ${found}`
}

function describeAclGrant({ of, permission, grantee, outcome }: WeighedAclGrant): string {
  const title = `the ACL of the ${of} grants ${permission} to ${grantee}`
  if (outcome === 'applies') return `${title}: applies`
  if (outcome === 'ignored') return `${title}: does not apply, IgnorePublicAcls is on`
  return `${title}: does not apply, it is ${outcome === 'other grantee' ? 'for others' : 'another permission'}`
}

function describeGrant({ grantId, name, grantee, outcome, constraint }: WeighedGrant): string {
  const title = `grant ${grantId}${name === undefined ? '' : ` "${name}"`} to ${grantee}`
  if (outcome === 'principal') return `${title}: applies`
  if (outcome === 'account') return `${title}: applies to the caller's account, whose identity policies must allow too`
  if (outcome === 'other operation') return `${title}: does not apply, it is about other operations`
  if (!constraint) return `${title}: does not apply, the new grant would permit more than this one`
  const { type, wanted, actual } = constraint
  return `${title}: does not apply, ${type} wants ${pairsOf(wanted)}, and the request has ${pairsOf(actual)}`
}

function pairsOf(context: EncryptionContext): string {
  const pairs = Object.entries(context).map(([key, value]) => `${key}=${value}`)
  return pairs.length > 0 ? pairs.join(' ') : 'nothing'
}

function listed(values: readonly string[]): string {
  return values.join(' or ')
}

function isEmpty(context: EncryptionContext): boolean {
  return Object.keys(context).length === 0
}
