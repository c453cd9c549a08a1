import { type Caller, userCaller } from './caller.ts'
import { type AttachedPolicy, evaluate } from './policy.ts'
import { conditionContext } from './policy-conditions.ts'
import { type PolicyKind, parsePolicy } from './policy-parse.ts'

export const account = '111122223333'
export const key = `arn:aws:kms:us-east-1:${account}:key/one`
export const app = userCaller(account, 'team/app', 'app')
export const session: Caller = {
  type: 'AssumedRole',
  arn: `arn:aws:sts::${account}:assumed-role/reader/me`,
  accountId: account,
  principalId: 'AROAABCDEFGHIJKLMNOPQ:me',
  role: {
    arn: `arn:aws:iam::${account}:role/reader`,
    principalId: 'AROAABCDEFGHIJKLMNOPQ',
    name: 'reader',
    issuedAt: 0,
  },
}

export function attached(
  statement: object | object[],
  kind: PolicyKind = 'resource',
  version = '2012-10-17',
): AttachedPolicy {
  return { name: 'policy', policy: parsePolicy(JSON.stringify({ Version: version, Statement: statement }), kind) }
}

export function decide(
  statement: object | object[],
  { caller = app, hasBoundary, action = 'kms:Decrypt', resource = key, context = {} } = {} as {
    caller?: Caller
    hasBoundary?: boolean
    action?: string
    resource?: string
    context?: Record<string, string | string[]>
  },
  kind: PolicyKind = 'resource',
  version = '2012-10-17',
) {
  const request = { caller, hasBoundary, action, resource, context: conditionContext(context) }
  return evaluate([attached(statement, kind, version)], request)
}

export const variable = (name: string) => `\${${name}}`
export const everybody = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }
export const identity = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' }
