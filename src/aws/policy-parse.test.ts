import { expect, test } from '@jest/globals'
import { type PolicyKind, parsePolicy } from './policy-parse.ts'

const account = '111122223333'
const everybody = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }
const identity = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' }

test.each<[string, string | object, PolicyKind?]>([
  ['This policy contains invalid Json', '{'],
  ['Policies must be valid JSON', '[]'],
  ['valid version string', { Version: '2020-01-01', Statement: [] }],
  ['Missing required field Statement', {}],
  ['Statement is empty', { Statement: [] }],
  ['Missing required field Effect', { Statement: { Principal: '*', Action: '*', Resource: '*' } }],
  ['Invalid effect: allow', { Statement: { ...everybody, Effect: 'allow' } }],
  ['Missing required field Principal', { Statement: identity }],
  ['should not specify a principal', { Statement: everybody }, 'identity'],
  ['Invalid principal in policy', { Statement: { ...everybody, Principal: { AWS: 'arn:aws:iam::1:user/x' } } }],
  [
    'Invalid principal in policy',
    { Statement: { ...everybody, Principal: { AWS: `arn:aws:iam::${account}:user/*` } } },
  ],
  ['Invalid principal in policy', { Statement: { ...everybody, Principal: { Robot: 'x' } } }],
  ['Policy has invalid action', { Statement: { ...everybody, Action: 'Decrypt' } }],
  ['Missing required field Action', { Statement: { Effect: 'Allow', Principal: '*', Resource: '*' } }],
  ['Invalid policy syntax', { Statement: { ...everybody, NotAction: '*' } }],
  ['Policy has invalid resource', { Statement: { ...everybody, Resource: 'bucket' } }],
  ['Has prohibited field Resource', { Statement: everybody }, 'trust'],
  ['Invalid Condition type : StringSame', { Statement: { ...everybody, Condition: { StringSame: { a: 'b' } } } }],
  ['Invalid Condition type : NullIfExists', { Statement: { ...everybody, Condition: { NullIfExists: { a: 'b' } } } }],
  ['Unknown field Effects', { Statement: { ...everybody, Effects: 'Allow' } }],
  [
    'must be unique',
    {
      Statement: [
        { ...everybody, Sid: 'a' },
        { ...everybody, Sid: 'a' },
      ],
    },
  ],
])('A document is refused: %s', (reason, document, kind = 'resource') => {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  expect(() => parsePolicy(text, kind)).toThrow(reason)
})
