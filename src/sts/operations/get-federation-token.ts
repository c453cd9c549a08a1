import { refusalWords, ruleByIdentity } from '../../access/identity-ruling.ts'
import { integer, required, string, structure } from '../../protocol/shapes.ts'
import { contextOfCall } from '../condition-keys.ts'
import { stsErrors } from '../errors.ts'
import { type StsCall, stsOperation } from '../operation.ts'
import { checkSessionPolicies, checkTags, credentialsOf, Policy, PolicyArns, packedSize, Tags } from '../session.ts'
import { secondsOf } from './get-session-token.ts'

/** Credentials of a name: they may do what the user and the session policies both allow, and without session policies nothing. */
export const GetFederationToken = stsOperation({
  name: 'GetFederationToken',
  input: structure({
    Name: required(string({ min: 2, max: 32, pattern: '^[\\w+=,.@-]*$' })),
    Policy,
    PolicyArns,
    DurationSeconds: integer({ min: 900, max: 129_600 }),
    Tags,
  }),
  openTo: 'long-term keys',
  async handle(call, { Name, Policy, PolicyArns = [], DurationSeconds, Tags = [] }) {
    const { accountId, arn: userArn, principalId } = call.caller
    const arn = `arn:aws:sts::${accountId}:federated-user/${Name}`
    const asked = { Tags, DurationSeconds }
    requirePermission(call, 'sts:GetFederationToken', arn, asked)
    if (Tags.length > 0) requirePermission(call, 'sts:TagSession', arn, asked)
    checkTags(Tags, [], [])
    const policyArns = PolicyArns.flatMap(({ arn }) => arn ?? [])
    checkSessionPolicies(call, Policy, policyArns)
    const PackedPolicySize = packedSize(Policy, policyArns, Tags) ?? 0
    const { accessKeyId, session } = await call.services.principals.sessions.start({
      kind: 'federated',
      roleArn: userArn,
      sessionName: Name,
      uniqueId: principalId,
      seconds: secondsOf(call, DurationSeconds),
      policy: Policy,
      policyArns,
      tags: Tags,
    })
    return {
      Credentials: credentialsOf(accessKeyId, session),
      FederatedUser: { FederatedUserId: `${accountId}:${Name}`, Arn: arn },
      PackedPolicySize,
    }
  },
})

/** @throws AwsError AccessDenied */
export function requirePermission(
  call: StsCall,
  action: string,
  resource: string,
  asked: Parameters<typeof contextOfCall>[1] = {},
): void {
  const { caller, services } = call
  const context = contextOfCall(call, asked)
  const ruling = ruleByIdentity(services.principals, services.policies, { action, resource, caller, context })
  call.rulings.push(ruling)
  if (!ruling.allowed) throw stsErrors.AccessDenied(refusalWords(caller.arn, ruling))
}
