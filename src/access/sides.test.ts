import { expect, test } from '@jest/globals'
import { userCaller } from '../aws/caller.ts'
import type { AttachedPolicy } from '../aws/policy.ts'
import { refusalBySides, refusalWords, ruleByIdentity } from './identity-ruling.ts'
import { PolicyCache } from './policy-cache.ts'
import { tell } from './ruling.ts'
import {
  allows,
  denialOf,
  isNamedItself,
  isUnlimited,
  missingOn,
  noIdentities,
  policiesOfCaller,
  type Side,
  type SidePolicies,
  type Sides,
  weighedBy,
  weighSides,
} from './sides.ts'

/* Who has a say, and in which words AWS tells who said no. */

const caller = userCaller('111122223333', 'app', 'AKIAAPP')
const request = {
  action: 'iam:GetUser',
  resource: 'arn:aws:iam::111122223333:user/app',
  caller,
  context: new Map(),
}
const cache = new PolicyCache()
const order: readonly Side[] = ['resource', 'identity', 'boundary', 'session']

function documentOf(Effect: string, Action = 'iam:*', more: object = {}): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect, Action, Resource: '*', ...more }] })
}

function attached(side: Side, effect: string, action?: string): readonly AttachedPolicy[] {
  const isResource = side === 'resource'
  const document = documentOf(effect, action, isResource ? { Principal: '*' } : {})
  return [cache.attach(`${side} policy`, document, isResource ? 'resource' : 'identity')]
}

const weighed = (policies: SidePolicies): Sides => weighSides(policies, request)
const allowing = Object.fromEntries(order.map((side) => [side, attached(side, 'Allow')])) as SidePolicies

test.each<[Side, string]>([
  ['resource', 'with an explicit deny in a resource-based policy'],
  ['identity', 'with an explicit deny in an identity-based policy'],
  ['boundary', 'with an explicit deny in a permissions boundary'],
  ['session', 'with an explicit deny in a session policy'],
])('A Deny of the side %s refuses, whatever the others allow', (side, words) => {
  expect(denialOf(weighed({ ...allowing, [side]: attached(side, 'Deny') }))).toBe(words)
  expect(denialOf(weighed({ [side]: attached(side, 'Deny') }))).toBe(words)
  expect(denialOf(weighed({ [side]: attached(side, 'Deny', 's3:*') }))).toBeUndefined()
})

test('Where nothing denies there is no denial, and of several the first side is told', () => {
  expect(denialOf(weighed(allowing))).toBeUndefined()
  expect(denialOf(weighed({}))).toBeUndefined()
  const denying = Object.fromEntries(order.map((side) => [side, attached(side, 'Deny')])) as SidePolicies
  expect(denialOf(weighed(denying))).toContain('resource-based')
  expect(denialOf(weighed({ ...denying, resource: undefined }))).toContain('identity-based')
  expect(denialOf(weighed({ boundary: denying.boundary, session: denying.session }))).toContain('boundary')
})

test('A side that is not there allows; one that says nothing does not', () => {
  expect(allows(undefined)).toBe(true)
  const { identity, boundary } = weighed({
    identity: attached('identity', 'Allow'),
    boundary: attached('boundary', 'Allow', 's3:*'),
  })
  expect([allows(identity), allows(boundary)]).toEqual([true, false])
})

test('All statements of all sides are told, in the order of the sides', () => {
  expect(weighedBy(weighed(allowing)).map(({ policy }) => policy)).toEqual(order.map((side) => `${side} policy`))
  expect(weighedBy(weighed({}))).toEqual([])
})

test.each<[Side, string]>([
  ['resource', 'because no resource-based policy allows the iam:GetUser action'],
  ['identity', 'because no identity-based policy allows the iam:GetUser action'],
  ['boundary', 'because no permissions boundary allows the iam:GetUser action'],
  ['session', 'because no session policy allows the iam:GetUser action'],
])('An Allow that is missing on the side %s is told in AWS’s words', (side, words) => {
  expect(missingOn(side, request.action)).toBe(words)
  // The policy of a resource is not asked here.
  const sides = weighed({ ...allowing, [side]: attached(side, 'Allow', 's3:*') })
  expect(refusalBySides(sides, request.action)).toBe(side === 'resource' ? undefined : words)
})

test('Of several silent sides the identity is told before the boundary, and the boundary before the session', () => {
  const [identity, boundary, session] = (['identity', 'boundary', 'session'] as const).map((side) =>
    attached(side, 'Allow', 's3:*'),
  )
  expect(refusalBySides(weighed({ identity, boundary, session }), 'a:b')).toContain('identity-based')
  expect(refusalBySides(weighed({ boundary, session }), 'a:b')).toContain('permissions boundary')
  expect(refusalBySides(weighed({ ...allowing, session: attached('session', 'Deny'), identity }), 'a:b')).toContain(
    'explicit deny',
  )
})

test('A caller brings its policies under the names by which they are told', () => {
  const document = documentOf('Allow')
  const one = { name: 'one', document }
  const permissions = {
    identity: [one, { name: 'two', document }],
    boundary: { name: 'limit', document },
    session: [one],
  }
  const { resource, ...policies } = policiesOfCaller({ permissionsOf: () => permissions }, cache, caller)
  expect(resource).toBeUndefined()
  const names = Object.fromEntries(
    Object.entries(policies).map(([side, list]) => [side, list?.map(({ name }) => name)]),
  )
  expect(names).toEqual({
    identity: ['identity policy one', 'identity policy two'],
    boundary: ['permissions boundary limit'],
    session: ['one'],
  })
  expect(policiesOfCaller(noIdentities, cache, caller)).toEqual({})
})

test('Who has no policy of its own is not limited', () => {
  const named = { name: 'own', document: documentOf('Allow') }
  expect(isUnlimited({})).toBe(true)
  expect(isUnlimited({ identity: [] })).toBe(false)
  expect(isUnlimited({ boundary: named })).toBe(false)
  expect(isUnlimited({ session: [named] })).toBe(false)
})

test('What is on nobody’s resource is a matter of the caller’s own policies, and of an administrator’s none', () => {
  const ruled = (document?: string) => {
    const identity = document === undefined ? undefined : [{ name: 'own', document }]
    return ruleByIdentity({ permissionsOf: () => ({ identity }) }, cache, request)
  }
  const { action, resource } = request
  const allowed = { action, resource, allowed: true, because: 'the identity policies allow it' }
  expect(ruled()).toMatchObject({ ...allowed, isAdministrator: true })
  expect(tell(ruled(documentOf('Allow')))).toMatchObject({
    ...allowed,
    isAdministrator: false,
    statements: [{ policy: 'identity policy own', outcome: 'principal' }],
  })
  const refused = ruled(documentOf('Allow', 's3:*'))
  const because = 'because no identity-based policy allows the iam:GetUser action'
  expect(refused).toMatchObject({ action, resource, allowed: false, because, isAdministrator: false })
  expect(refusalWords(caller.arn, refused)).toBe(
    `User: ${caller.arn} is not authorized to perform: iam:GetUser on resource: ${resource} ${because}`,
  )
})

test('Only an Allow that names the caller’s own ARN or id names the caller itself', () => {
  const isNamed = (Principal: object | string, more: object = {}) => {
    const principal = more && 'NotPrincipal' in more ? {} : { Principal }
    const policies = [
      cache.attach('bucket policy', documentOf('Allow', 'iam:*', { ...principal, ...more }), 'resource'),
    ]
    const { resource } = weighSides({ resource: policies }, request)
    return resource !== undefined && isNamedItself(policies, resource, caller)
  }
  expect(isNamed({ AWS: caller.arn })).toBe(true)
  expect(isNamed({ AWS: ['arn:aws:iam::111122223333:user/other', caller.arn] })).toBe(true)
  expect(isNamed({ AWS: caller.principalId })).toBe(true)
  expect(isNamed({ AWS: '*' })).toBe(false)
  expect(isNamed({ AWS: '111122223333' })).toBe(false)
  expect(isNamed({ AWS: 'arn:aws:iam::111122223333:user/other' })).toBe(false)
  expect(isNamed('', { NotPrincipal: { AWS: caller.arn } })).toBe(false)
  // Named, but for something else.
  expect(isNamed({ AWS: caller.arn }, { Action: 's3:*' })).toBe(false)
})
