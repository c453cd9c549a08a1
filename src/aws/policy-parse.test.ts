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
    'Invalid Condition type : ForAllValues:Null',
    { Statement: { ...everybody, Condition: { 'ForAllValues:Null': {} } } },
  ],
  ['Unknown field Statements', { Statement: everybody, Statements: [] }],
  ['Invalid policy syntax', { Id: 1, Statement: everybody }],
  ['Invalid policy syntax', { Statement: { ...everybody, Sid: 1 } }],
  ['Invalid policy syntax', { Statement: ['text'] }],
  ['Invalid policy syntax', { Statement: { ...everybody, NotPrincipal: '*' } }],
  ['Invalid policy syntax', { Statement: { ...everybody, NotResource: '*' } }],
  ['Missing required field Resource', { Statement: { Effect: 'Allow', Principal: '*', Action: '*' } }],
  ['Policy has invalid resource', { Statement: { ...everybody, Resource: ['*', 'bucket'] } }],
  ['Policy has invalid resource', { Statement: { ...everybody, Resource: [] } }],
  ['Policy has invalid resource', { Statement: { ...everybody, NotResource: 1, Resource: undefined } }],
  ['Policy has invalid action', { Statement: { ...everybody, Action: ['kms:Decrypt', 'Decrypt'] } }],
  ['Policy has invalid action', { Statement: { ...everybody, Action: [] } }],
  ['Invalid principal in policy', { Statement: { ...everybody, Principal: {} } }],
  ['Invalid principal in policy', { Statement: { ...everybody, Principal: { AWS: [account, '1'] } } }],
  ['Invalid principal in policy', { Statement: { ...everybody, Principal: { Service: '' } } }],
  ['Invalid principal in policy', { Statement: { ...everybody, Principal: account } }],
  ['Invalid Condition', { Statement: { ...everybody, Condition: [] } }],
  ['Invalid Condition', { Statement: { ...everybody, Condition: { Bool: 'aws:SecureTransport' } } }],
  ['Invalid Condition', { Statement: { ...everybody, Condition: { Bool: { a: {} } } } }],
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

test('What a document may leave out, and both forms of a list', () => {
  const policy = parsePolicy(JSON.stringify({ Id: 'one', Statement: everybody }), 'resource')
  expect(policy).toMatchObject({ version: '2008-10-17', id: 'one', statements: [{ effect: 'Allow', conditions: [] }] })
  const both = { ...everybody, Principal: { AWS: account, Service: ['s3.amazonaws.com', 'sns.amazonaws.com'] } }
  const [first, second] = parsePolicy(JSON.stringify({ Statement: [everybody, both] }), 'resource').statements
  expect(first?.principal).toEqual({ negated: false, named: [{ type: 'AWS', value: '*' }] })
  expect(second?.principal?.named).toEqual([
    { type: 'AWS', value: account },
    { type: 'Service', value: 's3.amazonaws.com' },
    { type: 'Service', value: 'sns.amazonaws.com' },
  ])
  const trust = { Effect: 'Allow', NotPrincipal: { AWS: account }, Action: 'sts:AssumeRole' }
  const [statement] = parsePolicy(JSON.stringify({ Statement: trust }), 'trust').statements
  expect(statement).toMatchObject({ principal: { negated: true }, action: { negated: false } })
  expect(statement?.resource).toBeUndefined()
})

test('Numbers and booleans in conditions are read as text', () => {
  const Condition = { NumericEquals: { a: [1, '2'] }, Bool: { b: true } }
  const [statement] = parsePolicy(JSON.stringify({ Statement: { ...everybody, Condition } }), 'resource').statements
  expect(statement?.conditions.map(({ values }) => values)).toEqual([['1', '2'], ['true']])
})
