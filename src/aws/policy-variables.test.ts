import { expect, test } from '@jest/globals'
import { userCaller } from './caller.ts'
import { type AttachedPolicy, evaluate } from './policy.ts'
import { parsePolicy } from './policy-parse.ts'

/* Policy variables of which the request has several values. */

const app = userCaller('111122223333', 'app', 'AKIAAPP')
const variable = (name: string) => `\${${name}}`

function attached(statement: object): AttachedPolicy {
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statement })
  return { name: 'policy', policy: parsePolicy(document, 'identity') }
}

test.each([
  ['a condition', { Resource: '*', Condition: { StringEquals: { owner: variable('tenant') } } }],
  ['a negated condition', { Resource: '*', Condition: { StringNotEquals: { owner: variable('tenant') } } }],
  ['a condition with a default', { Resource: '*', Condition: { StringLike: { owner: variable("tenant, 'c'") } } }],
  ['Resource', { Resource: `arn:aws:s3:::b/${variable('tenant')}` }],
  ['NotResource', { NotResource: `arn:aws:s3:::b/${variable('tenant')}` }],
])('A variable that the request names twice never narrows a Deny in %s, and never widens an Allow', (_where, more) => {
  const values = new Map([
    ['tenant', ['a', 'b']],
    ['owner', ['c']],
  ])
  const decision = (Effect: string) => {
    const policies = [attached({ Effect, Action: '*', ...more })]
    return evaluate(policies, { caller: app, action: 'kms:Decrypt', resource: 'arn:aws:s3:::b/c', context: values })
      .decision
  }
  expect(decision('Deny')).toBe('deny')
  expect(decision('Allow')).toBe('no match')
})

test('A condition on what the request has not is not met, whatever its variables are', () => {
  const context = new Map([['tenant', ['a', 'b']]])
  const deny = {
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: { StringEquals: { owner: variable('tenant') } },
  }
  const request = { caller: app, action: 'kms:Decrypt', resource: 'arn:aws:s3:::b/c', context }
  expect(evaluate([attached(deny)], request).decision).toBe('no match')
})
