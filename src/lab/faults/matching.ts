import type { FaultSubject } from '../../fault-source.ts'
import type { FaultRule } from './fault-rule.ts'
import { pattern } from './pattern.ts'

/** Whether a call is one of those that a rule is about. */
export type Matches = (subject: FaultSubject) => boolean

/** Makes the test of a rule: everything that it names must fit. */
export function matcherOf(rule: FaultRule): Matches {
  const tests: Matches[] = []
  const { service, operation, principal, key, bucket, prefix, region, onlyForS3 } = rule
  if (service !== undefined) tests.push((subject) => subject.service === service)
  if (onlyForS3) tests.push((subject) => subject.via === 's3')
  if (region !== undefined) tests.push((subject) => subject.region === region)
  if (bucket !== undefined) tests.push((subject) => subject.bucket === bucket)
  if (prefix !== undefined) tests.push((subject) => subject.objectKey?.startsWith(prefix) ?? false)
  if (operation !== undefined) {
    const names = operation.split(',').map(pattern)
    tests.push((subject) => names.some((name) => name(subject.operation)))
  }
  if (principal !== undefined) tests.push(principalTest(principal))
  if (key !== undefined) tests.push((subject) => subject.keys?.some((known) => namesKey(key, known)) ?? false)
  return (subject) => tests.every((test) => test(subject))
}

/** An ARN whole, else the name at its end: `user/app`, `app`. */
function principalTest(principal: string): Matches {
  const fits = pattern(principal)
  return ({ principalArn }) => {
    if (principalArn === undefined) return false
    if (principal.startsWith('arn:')) return fits(principalArn)
    const path = principalArn.slice(principalArn.lastIndexOf(':') + 1)
    return path.split('/').some((_, index, parts) => fits(parts.slice(index).join('/')))
  }
}

/** @param known an ARN, an alias, or the key as the request named it */
function namesKey(key: string, known: string): boolean {
  return known === key || known.endsWith(`/${key}`) || known.endsWith(`:${key}`)
}
