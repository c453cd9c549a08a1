import { exampleAccount, exampleBucket, exampleOther } from './names.ts'
import type { BucketSpec, Statement } from './scenario.ts'

/* Statements that many scenarios share. */

export const bucketArn = `arn:aws:s3:::${exampleBucket}`
export const userArn = (name: string, account = exampleAccount) => `arn:aws:iam::${account}:user/${name}`
export const roleArn = (name: string) => `arn:aws:iam::${exampleAccount}:role/${name}`
export const alice = { AWS: userArn('Alice') }
export const carlos = { AWS: userArn('Carlos', exampleOther) }
export const wholeAccount = { AWS: `arn:aws:iam::${exampleAccount}:root` }
export const otherAccount = { AWS: `arn:aws:iam::${exampleOther}:root` }

/** Of an identity policy. */
export function may(Action: string | readonly string[], Resource = '*'): Statement {
  return { Effect: 'Allow', Action, Resource }
}

export function mayNot(Action: string | readonly string[], Resource = '*'): Statement {
  return { Effect: 'Deny', Action, Resource }
}

/** Of a resource's policy. */
export function allow(Principal: Statement['Principal'], Action: string | readonly string[]): Statement {
  return { Effect: 'Allow', Principal, Action }
}

export function deny(Principal: Statement['Principal'], Action: string | readonly string[]): Statement {
  return { Effect: 'Deny', Principal, Action }
}

/** The bucket of a scenario, with one object. */
export function bucket(policy?: readonly Statement[], more: BucketSpec = {}): Record<string, BucketSpec> {
  return { [exampleBucket]: { objects: [{ Key: 'a' }], policy, ...more } }
}
