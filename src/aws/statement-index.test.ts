import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { app, attached } from './policy.fixture.ts'
import { type AttachedPolicy, evaluate } from './policy.ts'
import { type ConditionContext, conditionContext } from './policy-conditions.ts'
import { StatementIndex } from './statement-index.ts'

const variable = (name: string) => `\${${name}}`
const statements = fc.array(
  fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    element: fc.constantFrom('Resource', 'NotResource'),
    negatesAction: fc.boolean(),
    actions: fc.array(fc.constantFrom('s3:Get*', 's3:GetObject', 's3:Put*', '*', 'kms:*'), {
      minLength: 1,
      maxLength: 2,
    }),
    resources: fc.array(
      fc.constantFrom(
        '*',
        'arn:aws:s3:::a/*',
        'arn:aws:s3:::a/k',
        'arn:aws:s3:::a/?',
        'arn:aws:s3:::ab/*',
        'arn:*',
        `arn:aws:s3:::${variable('name')}/*`,
        `arn:aws:s3:::a/${variable('twice')}`,
        `arn:aws:s3:::a/${variable('none')}`,
      ),
      { minLength: 1, maxLength: 3 },
    ),
    Condition: fc.constantFrom({}, { StringEquals: { name: 'a' } }, { StringEquals: { name: 'b' } }),
  }),
  { minLength: 1, maxLength: 12 },
)

function policyOf(drawn: readonly object[]): AttachedPolicy {
  return attached([...drawn], 'identity')
}

test('What the index finds and what it passes over comes to what every statement alone says', () => {
  const context = conditionContext({ name: 'a', twice: ['k', 'l'] })
  fc.assert(
    fc.property(
      statements,
      fc.constantFrom('s3:GetObject', 's3:PutObject', 'kms:Decrypt'),
      fc.constantFrom('arn:aws:s3:::a/k', 'arn:aws:s3:::a/kk', 'arn:aws:s3:::ab/k', 'arn:aws:s3:::a', '*'),
      (drawn, action, resource) => {
        const written = drawn.map(({ Effect, element, negatesAction, actions, resources, Condition }) => ({
          Effect,
          [negatesAction ? 'NotAction' : 'Action']: actions,
          [element]: resources,
          Condition,
        }))
        const request = { action, resource, caller: app, context }
        const alone = written.map((statement) => evaluate([policyOf([statement])], request))
        const verdict = evaluate([policyOf(written)], request)
        const decided = alone.map(({ decision }) => decision)
        const expected = ['deny', 'allow', 'no match'].find((word) => decided.some((one) => one === word))
        expect(verdict.decision).toBe(expected)
        expect(verdict.weighed.map(({ outcome }) => outcome)).toEqual(alone.map(({ weighed: [one] }) => one?.outcome))
        expect(verdict.statements.map(({ index }) => index)).toEqual(
          decided.flatMap((one, index) => (one === expected && one !== 'no match' ? [index] : [])),
        )
      },
    ),
    { numRuns: 1000 },
  )
})

const thousand = Array.from({ length: 1000 }, (_, index) => ({
  Effect: index % 2 === 0 ? 'Allow' : 'Deny',
  Action: index % 3 === 0 ? 's3:Get*' : 's3:Put*',
  Resource: `arn:aws:s3:::bucket-${index}/*`,
  Condition: { StringEquals: { [`key-${index}`]: 'x' } },
}))

test('Of a thousand statements only those are looked at that are about the action and the resource', () => {
  const { policy } = policyOf(thousand)
  const index = new StatementIndex(policy)
  expect(index.find('s3:getobject', 'arn:aws:s3:::bucket-300/key')).toEqual([300])
  expect(index.find('s3:getobject', 'arn:aws:s3:::bucket-301/key')).toEqual([])
  expect(index.find('s3:putobject', 'arn:aws:s3:::bucket-301/key')).toEqual([301])
})

test('Only the conditions of statements about the action and the resource are read', () => {
  const read: string[] = []
  const context: ConditionContext = {
    get(key) {
      read.push(key)
      return undefined
    },
  }
  const request = { action: 's3:GetObject', resource: 'arn:aws:s3:::bucket-300/key', caller: app, context }
  expect(evaluate([policyOf(thousand)], request).decision).toBe('no match')
  // Once to compare it, once to show what the request had.
  expect(read).toEqual(['key-300', 'key-300'])
})

test('However many actions are asked for, what is kept of them stays small', () => {
  const { policy } = policyOf(thousand)
  const index = new StatementIndex(policy)
  const asked = Array.from({ length: 200 }, (_, action) => `s3:get${action}`)
  for (const action of [...asked, ...asked]) {
    expect(index.find(action, 'arn:aws:s3:::bucket-300/key')).toEqual([300])
  }
})
