import { globalContext } from '../aws/policy.ts'
import { type ConditionContext, conditionContext } from '../aws/policy-conditions.ts'
import type { Tag } from '../identity/records.ts'
import type { StsCall } from './operation.ts'

/** What policies ask of calls of STS (Service Authorization Reference, "Condition keys for AWS Security Token Service"). */
export interface Asked {
  ExternalId?: string
  RoleSessionName?: string
  SourceIdentity?: string
  DurationSeconds?: number
  Tags?: readonly Tag[]
  TransitiveTagKeys?: readonly string[]
  /** Of the role. */
  resourceTags?: readonly Tag[]
}

export function contextOfCall({ http, caller, region, now }: StsCall, asked: Asked): ConditionContext {
  const { clientAddress: sourceIp, secure, headers } = http
  const global = globalContext({ caller, now, sourceIp, secure, userAgent: headers['user-agent'], region })
  const { Tags, TransitiveTagKeys, resourceTags, DurationSeconds } = asked
  const own = conditionContext({
    'sts:ExternalId': asked.ExternalId,
    'sts:RoleSessionName': asked.RoleSessionName,
    'sts:SourceIdentity': asked.SourceIdentity,
    'sts:DurationSeconds': DurationSeconds === undefined ? undefined : String(DurationSeconds),
    'sts:TransitiveTagKeys': TransitiveTagKeys,
    'aws:TagKeys': Tags?.map(({ Key }) => Key),
    ...pairsOf('aws:RequestTag', Tags),
    ...pairsOf('aws:ResourceTag', resourceTags),
    ...pairsOf('iam:ResourceTag', resourceTags),
  })
  return new Map([...global, ...own])
}

function pairsOf(name: string, tags: readonly Tag[] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [`${name}/${Key}`, Value]))
}
