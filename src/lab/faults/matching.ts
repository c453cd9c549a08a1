import type { FaultSubject } from '../../fault-source.ts'
import { canStrikeIn, type FaultRule, servicesOf } from './fault-rule.ts'
import { pattern } from './pattern.ts'

/** Whether a call is one of those that a rule is about. */
export type Matches = (subject: FaultSubject) => boolean

/** Whether a rule may be about an operation, whoever calls it, on whatever. */
export type Concerns = (service: FaultSubject['service'], operation: string) => boolean

/** Makes the test of a rule that needs no more than an operation's name. */
export function concernOf(rule: FaultRule): Concerns {
  const services = servicesOf(rule)
  const names = rule.operation?.split(',').map(pattern)
  return (service, operation) =>
    services.includes(service) &&
    (names === undefined || names.some((name) => name(operation))) &&
    canStrikeIn(rule, service, operation)
}

/** Makes the test of a rule: everything that it names must fit. */
export function matcherOf(rule: FaultRule): Matches {
  const tests: Matches[] = []
  const { principal, key, bucket, prefix, region, onlyForS3 } = rule
  const concerns = concernOf(rule)
  tests.push(({ service, operation }) => concerns(service, operation))
  if (onlyForS3) tests.push((subject) => subject.via === 's3')
  if (region !== undefined) tests.push((subject) => subject.region === region)
  if (bucket !== undefined) tests.push((subject) => subject.bucket === bucket)
  if (prefix !== undefined) tests.push(prefixTest(prefix))
  if (principal !== undefined) tests.push(principalTest(principal))
  if (key !== undefined) tests.push((subject) => subject.keys?.some((known) => namesKey(key, known)) ?? false)
  return (subject) => tests.every((test) => test(subject))
}

/** One of the keys of a request is enough. */
function prefixTest(prefix: string): Matches {
  return ({ objectKey, objectKeys = [] }) =>
    objectKey === undefined ? objectKeys.some((key) => key.startsWith(prefix)) : objectKey.startsWith(prefix)
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
