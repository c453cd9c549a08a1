import { rootArn } from '../../aws/arn.ts'
import { statementMembers } from '../../aws/policy-parse.ts'

/*
 * A bucket policy as S3 keeps and shows it (evidence: s3-policy-form): no white space; Version, Id, Statement in that order, Statement a list;
 * Sid, Effect, Principal, Action, Resource, Condition in that order; a list of one is its only entry; an account is named by
 * the ARN of its root. Values keep their case. The order of a list's entries stays, numbers and booleans of
 * conditions become texts, and what was left out is not filled in.
 */

/**
 * @param document a policy that was found valid
 * @returns its normal form, as a text
 */
export function normalForm(document: object): string {
  const { Version, Id, Statement } = members(document)
  const statements = (Array.isArray(Statement) ? Statement : [Statement]).map(normalStatement)
  return JSON.stringify({ Version, Id, Statement: statements })
}

function normalStatement(statement: unknown): object {
  const given = members(statement)
  const entries = statementMembers.filter((name) => given[name] !== undefined).map((name) => [name, given[name]])
  const ordered: Record<string, unknown> = Object.fromEntries(entries)
  for (const name of ['Action', 'NotAction', 'Resource', 'NotResource']) {
    if (name in ordered) ordered[name] = withoutListOfOne(ordered[name])
  }
  for (const name of ['Principal', 'NotPrincipal']) if (name in ordered) ordered[name] = normalPrincipal(ordered[name])
  if ('Condition' in ordered) ordered.Condition = normalConditions(ordered.Condition)
  return ordered
}

function normalPrincipal(principal: unknown): unknown {
  if (typeof principal === 'string') return principal
  return mapped(members(principal), (value, type) => {
    const named =
      type === 'AWS' ? eachOf(value, (one) => (/^\d{12}$/.test(String(one)) ? rootArn(String(one)) : one)) : value
    return withoutListOfOne(named)
  })
}

function normalConditions(conditions: unknown): object {
  return mapped(members(conditions), (keys) =>
    mapped(members(keys), (values) => withoutListOfOne(eachOf(values, String))),
  )
}

function eachOf(value: unknown, change: (one: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(change) : change(value)
}

function withoutListOfOne(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value
}

/** Own members as entries, so that `__proto__` stays a member. */
function mapped(given: Record<string, unknown>, change: (value: unknown, name: string) => unknown): object {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, change(value, name)]))
}

function members(value: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(Object(value)))
}
