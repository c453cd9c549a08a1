import { parseArn } from '../aws/arn.ts'
import { errorCatalogue } from '../aws/errors.ts'
import { type AttachedPolicy, evaluate, globalContext } from '../aws/policy.ts'
import { type ConditionContext, conditionContext } from '../aws/policy-conditions.ts'
import { type PolicyKind, PolicyMalformed, parsePolicy } from '../aws/policy-parse.ts'
import type { XmlElement } from '../protocol/rest-xml.ts'
import { examine, faultError, integer, required, string, structure } from '../protocol/shapes.ts'
import type { NamedPolicy, Principal } from './principals.ts'
import { sessionCaller } from './sessions.ts'
import type { StsCall } from './sts-call.ts'

/*
 * AssumeRole (STS API Reference): temporary credentials for a role that was declared in a fixture file.
 *
 *   same account   the trust policy names the caller, or delegates to the account and an identity policy allows
 *   other account  the trust policy allows and an identity policy allows
 *
 * A Deny in either refuses (evidence: sts-trust). An administrator's identity policies allow everything; a role without trust policy
 * trusts its account. A role that does not exist is refused as one that may not be assumed (evidence: sts-denied).
 */

const AssumeRoleInput = structure({
  RoleArn: required(string({ min: 20, max: 2048 })),
  RoleSessionName: required(string({ min: 2, max: 64, pattern: '^[\\w+=,.@-]*$' })),
  DurationSeconds: integer({ min: 900, max: 43_200 }),
  Policy: string({ min: 1, max: 2048 }),
  ExternalId: string({ min: 2, max: 1224, pattern: '^[\\w+=,.@:/-]*$' }),
})

const usualDuration = 3600

const stsErrors = errorCatalogue({
  AccessDenied: (message: string) => ({ message, status: 403 }),
  MalformedPolicyDocument: (message: string) => ({ message, status: 400 }),
  NotImplemented: (parameter: string) => ({ message: `AssumeRole with ${parameter} is not implemented`, status: 501 }),
  ValidationError: (message: string) => ({ message, status: 400 }),
})

export async function assumeRole(call: StsCall): Promise<XmlElement> {
  const { RoleArn, RoleSessionName, DurationSeconds, Policy, ExternalId } = readInput(call.parameters)
  const role = RoleArn.includes(':role/') ? call.principals.get(RoleArn) : undefined
  const context = contextOf(call, ExternalId, RoleSessionName)
  if (call.caller.type === 'Root') throw stsErrors.AccessDenied('Roles may not be assumed by root accounts.')
  if (!role || !mayAssume(call, role, context)) {
    throw stsErrors.AccessDenied(
      `User: ${call.caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    )
  }
  const seconds = checkDuration(call, role, DurationSeconds)
  if (Policy !== undefined) parseDocument(Policy, 'identity')
  const asked = { roleArn: RoleArn, sessionName: RoleSessionName, seconds, policy: Policy, uniqueId: role.uniqueId }
  const { accessKeyId, session } = await call.principals.sessions.start(asked)
  const { arn, principalId } = sessionCaller(RoleArn, RoleSessionName, accessKeyId, session.issuedAt, role.uniqueId)
  return {
    AssumedRoleUser: { AssumedRoleId: principalId, Arn: arn },
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: `${new Date(session.expiresAt).toISOString().slice(0, 19)}Z`,
    },
    PackedPolicySize: Policy && Math.ceil((Policy.length / 2048) * 100),
  }
}

/** Parameters that would narrow or tag the session are refused: passing over them would grant more than was asked. */
function readInput(parameters: ReadonlyMap<string, string>) {
  const given: Record<string, unknown> = Object.fromEntries(parameters)
  const { Action: _action, Version: _version, ...members } = given
  const known = AssumeRoleInput.description.members ?? {}
  const unknown = Object.keys(members).find((name) => !Object.hasOwn(known, name))
  if (unknown !== undefined) throw stsErrors.NotImplemented(unknown)
  const { DurationSeconds: seconds } = members
  if (typeof seconds === 'string' && /^\d{1,9}$/.test(seconds)) members.DurationSeconds = Number(seconds)
  const { value, faults } = examine(AssumeRoleInput, members)
  if (faults.length > 0) throw stsErrors.ValidationError(faultError(faults).message)
  return value
}

function contextOf({ http, caller, region, ambient }: StsCall, externalId: string | undefined, sessionName: string) {
  const { clientAddress: sourceIp, secure, headers } = http
  const userAgent = headers['user-agent']
  const global = globalContext({ caller, now: ambient.now(), sourceIp, secure, userAgent, region })
  const own = conditionContext({ 'sts:ExternalId': externalId, 'sts:RoleSessionName': sessionName })
  return new Map([...global, ...own])
}

function mayAssume({ caller, principals }: StsCall, role: Principal, context: ConditionContext): boolean {
  const request = { action: 'sts:AssumeRole', resource: role.arn, caller, context }
  const decide = (policies: AttachedPolicy[]) => evaluate(policies, request).decision
  const isOwn = parseArn(role.arn)?.accountId === caller.accountId
  const trust =
    role.trustPolicy === undefined
      ? undefined
      : evaluate([attached('trust policy', role.trustPolicy, 'trust')], request)
  if (trust ? trust.decision !== 'allow' : !isOwn) return false
  const sides = principals.permissionsOf(caller)
  const decideOf = (policies: readonly NamedPolicy[]) =>
    decide(policies.map(({ name, document }) => attached(name, document, 'identity')))
  if (sides.session && decideOf(sides.session) !== 'allow') return false
  const isNamed = isOwn && trust?.isDirect === true
  const boundary = sides.boundary ? decideOf([sides.boundary]) : 'allow'
  if (boundary === 'deny' || (boundary === 'no match' && !(isNamed && caller.type === 'IAMUser'))) return false
  if (!sides.identity) return true
  const decision = decideOf(sides.identity)
  return decision === 'allow' || (decision === 'no match' && isNamed)
}

function attached(name: string, document: string, kind: PolicyKind): AttachedPolicy {
  return { name, policy: parseDocument(document, kind) }
}

function parseDocument(document: string, kind: PolicyKind) {
  try {
    return parsePolicy(document, kind)
  } catch (error) {
    throw error instanceof PolicyMalformed ? stsErrors.MalformedPolicyDocument(error.message) : error
  }
}

function checkDuration({ caller }: StsCall, role: Principal, asked: number | undefined): number {
  const seconds = asked ?? usualDuration
  if (caller.type === 'AssumedRole' && seconds > usualDuration) {
    throw stsErrors.ValidationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    )
  }
  if (asked !== undefined && asked > (role.maxSessionDuration ?? usualDuration)) {
    throw stsErrors.ValidationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
  return seconds
}
