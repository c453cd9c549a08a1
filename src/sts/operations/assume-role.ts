import type { Ruling } from '../../access/ruling.ts'
import {
  allows,
  denialOf,
  isNamedItself,
  missingOn,
  policiesOfCaller,
  type Sides,
  weighSides,
} from '../../access/sides.ts'
import { parseArn } from '../../aws/arn.ts'
import type { Caller } from '../../aws/caller.ts'
import type { AttachedPolicy } from '../../aws/policy.ts'
import type { Principal } from '../../identity/principals.ts'
import type { Tag } from '../../identity/records.ts'
import { sessionCaller } from '../../identity/sessions.ts'
import { integer, list, required, string, structure } from '../../protocol/shapes.ts'
import { type Asked, contextOfCall } from '../condition-keys.ts'
import { stsErrors } from '../errors.ts'
import { type StsCall, stsOperation } from '../operation.ts'
import {
  checkSessionPolicies,
  checkTags,
  credentialsOf,
  Policy,
  PolicyArns,
  packedSize,
  provesMfa,
  Tags,
  TransitiveTagKeys,
} from '../session.ts'

/*
 * AssumeRole (STS API Reference): temporary credentials for a role.
 *
 *   same account   the trust policy names the caller, or delegates to the account and an identity policy allows
 *   other account  the trust policy allows and an identity policy allows
 *
 * A Deny in either refuses (evidence: sts-trust). An administrator's identity policies allow everything; a role without trust policy
 * trusts its account. A role that does not exist is refused as one that may not be assumed (evidence: sts-denied). Tags need
 * sts:TagSession beside it, a source identity sts:SetSourceIdentity.
 */

const usualDuration = 3600

export const AssumeRole = stsOperation({
  name: 'AssumeRole',
  input: structure({
    RoleArn: required(string({ min: 20, max: 2048 })),
    RoleSessionName: required(string({ min: 2, max: 64, pattern: '^[\\w+=,.@-]*$' })),
    PolicyArns,
    Policy,
    DurationSeconds: integer({ min: 900, max: 43_200 }),
    Tags,
    TransitiveTagKeys,
    ExternalId: string({ min: 2, max: 1224, pattern: '^[\\w+=,.@:\\/-]*$' }),
    SerialNumber: string({ min: 9, max: 256, pattern: '^[\\w+=/:,.@-]*$' }),
    TokenCode: string({ min: 6, max: 6, pattern: '^[\\d]*$' }),
    SourceIdentity: string({ min: 2, max: 64, pattern: '^[\\w+=,.@-]*$' }),
    ProvidedContexts: list(structure({ ProviderArn: string(), ContextAssertion: string() }), { min: 1, max: 5 }),
  }),
  openTo: 'session tokens',
  differs: 'Without provided contexts. MFA devices are declared in fixture files; a code may be used again.',
  resources: ({ RoleArn }) => {
    const { accountId } = parseArn(RoleArn) ?? {}
    return accountId ? [{ accountId, type: 'AWS::IAM::Role', ARN: RoleArn }] : []
  },
  async handle(call, input) {
    const { RoleArn, RoleSessionName, Policy, DurationSeconds, Tags = [], TransitiveTagKeys = [] } = input
    if (input.ProvidedContexts) throw stsErrors.NotImplemented('AssumeRole with ProvidedContexts is not implemented')
    if (!parseArn(RoleArn)) throw stsErrors.ValidationError(`${RoleArn} is invalid`)
    if (call.caller.type === 'Root') throw stsErrors.AccessDenied('Roles may not be assumed by root accounts.')
    const inherited = inheritedBy(call)
    checkTags(Tags, TransitiveTagKeys, inherited.tags)
    const sourceIdentity = inherited.sourceIdentity ?? input.SourceIdentity
    const role = requireRole(withMfa(call, input), RoleArn, input)
    const seconds = checkDuration(call, role, DurationSeconds)
    const policyArns = (input.PolicyArns ?? []).flatMap(({ arn }) => arn ?? [])
    checkSessionPolicies(call, Policy, policyArns)
    const PackedPolicySize = packedSize(Policy, policyArns, Tags)
    const { accessKeyId, session } = await call.services.principals.sessions.start({
      roleArn: RoleArn,
      sessionName: RoleSessionName,
      seconds,
      uniqueId: role.uniqueId,
      policy: Policy,
      policyArns: policyArns.length > 0 ? policyArns : undefined,
      tags: [...inherited.tags, ...Tags],
      transitiveTagKeys: [...inherited.tags.map(({ Key }) => Key), ...TransitiveTagKeys],
      sourceIdentity,
    })
    const { arn, principalId } = sessionCaller(RoleArn, RoleSessionName, accessKeyId, session.issuedAt, role.uniqueId)
    return {
      AssumedRoleUser: { AssumedRoleId: principalId, Arn: arn },
      Credentials: credentialsOf(accessKeyId, session),
      PackedPolicySize,
      SourceIdentity: sourceIdentity,
    }
  },
})

/** Who shows a code of its MFA device is weighed as one who has it; the session knows nothing of it (IAM User Guide). */
function withMfa(call: StsCall, input: Parameters<typeof provesMfa>[1]): StsCall {
  if (!provesMfa(call, input)) return call
  const { caller, now } = call
  return { ...call, caller: { ...caller, issuedAt: caller.issuedAt ?? now, mfaAt: now } }
}

/** What a session hands on to the sessions it begins: its transitive tags, and its source identity. */
function inheritedBy({ caller, services }: StsCall): { tags: readonly Tag[]; sourceIdentity?: string } {
  const session = caller.role ? services.principals.sessions.get(caller.accessKeyId ?? '') : undefined
  const { tags = [], transitiveTagKeys = [], sourceIdentity } = session ?? {}
  const keys = new Set(transitiveTagKeys.map((key) => key.toLowerCase()))
  return { tags: tags.filter(({ Key }) => keys.has(Key.toLowerCase())), sourceIdentity }
}

/** @throws AwsError AccessDenied: of a role that is not there too */
function requireRole(call: StsCall, arn: string, asked: Asked): Principal {
  const role = arn.includes(':role/') ? call.services.principals.get(arn) : undefined
  const actions = [
    'sts:AssumeRole',
    ...(asked.Tags?.length ? ['sts:TagSession'] : []),
    ...(asked.SourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ]
  const refused = role ? actions.find((action) => !rule(call, role, action, asked).allowed) : 'sts:AssumeRole'
  if (role && refused === undefined) return role
  throw stsErrors.AccessDenied(`User: ${call.caller.arn} is not authorized to perform: ${refused} on resource: ${arn}`)
}

/** Whether a caller may do something with a role; noted for who asks why. */
function rule(call: StsCall, role: Principal, action: string, asked: Asked): Ruling {
  const { caller, services } = call
  const context = contextOfCall(call, { ...asked, resourceTags: role.tags })
  const { trustPolicy } = role
  const trust = trustPolicy === undefined ? undefined : [services.policies.attach('trust policy', trustPolicy, 'trust')]
  const own = policiesOfCaller(services.principals, services.policies, caller)
  const sides = weighSides({ ...own, resource: trust }, { action, resource: role.arn, caller, context })
  const refusal = refusalBy(sides, { role, action, caller, trust })
  const ruling = {
    action,
    resource: role.arn,
    allowed: refusal === undefined,
    because: refusal ?? 'the role trusts the caller',
    isAdministrator: sides.identity === undefined,
    sides,
  }
  call.rulings.push(ruling)
  return ruling
}

interface Assuming {
  role: Principal
  action: string
  caller: Caller
  /** Undefined: the role trusts its account. */
  trust: readonly AttachedPolicy[] | undefined
}

/** @returns half a sentence of AWS's, though AWS does not say it here; undefined where it is allowed */
function refusalBy(sides: Sides, { role, action, caller, trust }: Assuming): string | undefined {
  const denial = denialOf(sides)
  if (denial !== undefined) return denial
  const isOwn = parseArn(role.arn)?.accountId === caller.accountId
  if (sides.resource ? sides.resource.decision !== 'allow' : !isOwn) return missingOn('resource', action)
  const isNamed = isOwn && sides.resource?.isDirect === true
  if (!allows(sides.identity) && !isNamed) return missingOn('identity', action)
  if (isNamed && trust !== undefined && sides.resource && isNamedItself(trust, sides.resource, caller)) return undefined
  if (!allows(sides.boundary)) return missingOn('boundary', action)
  return allows(sides.session) ? undefined : missingOn('session', action)
}

function checkDuration({ caller }: StsCall, role: Principal, asked: number | undefined): number {
  const seconds = asked ?? usualDuration
  const isSession = caller.type === 'AssumedRole' || caller.issuedAt !== undefined
  if (isSession && seconds > usualDuration) {
    throw stsErrors.ValidationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    )
  }
  if (asked !== undefined && asked > (role.maxSessionDuration ?? usualDuration)) {
    throw stsErrors.ValidationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
  return seconds
}
