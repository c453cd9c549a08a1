import { globalContext } from '../aws/policy.ts'
import { type ConditionContext, conditionContext } from '../aws/policy-conditions.ts'
import { groups, managedPolicies, principals, type Tag } from '../identity/records.ts'
import type { IamCall, SharedMembers } from './operation.ts'

/* The condition keys of IAM (Service Authorization Reference, "Condition keys for AWS Identity and Access Management"). */

/** @param resource the ARN of what the call touches */
export function contextOfCall(call: IamCall, input: SharedMembers, resource: string): ConditionContext {
  const { http, caller, now } = call
  const { clientAddress: sourceIp, secure, headers } = http
  const global = globalContext({
    caller,
    now,
    sourceIp,
    secure,
    userAgent: headers['user-agent'],
    region: 'us-east-1',
  })
  const { Tags, TagKeys, PolicyArn, PermissionsBoundary } = input
  const own = conditionContext({
    'iam:PolicyARN': PolicyArn,
    'iam:PermissionsBoundary': PermissionsBoundary ?? boundaryOf(call, resource),
    'aws:TagKeys': TagKeys ?? Tags?.map(({ Key }) => Key),
    'aws:ResourceAccount': call.accountId,
    ...pairsOf('aws:RequestTag', Tags),
    ...tagPairsOf(call, resource),
  })
  return new Map([...global, ...own])
}

function boundaryOf({ transaction }: IamCall, resource: string): string | undefined {
  return transaction.get(principals, [resource])?.permissionsBoundary
}

function tagPairsOf({ transaction }: IamCall, resource: string): Record<string, string> {
  const { tags } =
    transaction.get(principals, [resource]) ??
    transaction.get(managedPolicies, [resource]) ??
    transaction.get(groups, [resource]) ??
    {}
  return { ...pairsOf('aws:ResourceTag', tags), ...pairsOf('iam:ResourceTag', tags) }
}

function pairsOf(name: string, tags: readonly Tag[] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [`${name}/${Key}`, Value]))
}
