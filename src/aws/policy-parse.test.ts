import { expect, test } from '@jest/globals'
import { type PolicyKind, PolicyMalformed, parsePolicy } from './policy-parse.ts'

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

test.each(['kms:*', '*', 's3-outposts:Get?bject-x*', 'KMS:decrypt'])('%s is an action', (Action) => {
  const [statement] = parsePolicy(JSON.stringify({ Statement: { ...identity, Action } }), 'identity').statements
  expect(statement?.action).toMatchObject({ negated: false, patterns: [Action] })
})

test.each(['', ':Decrypt', 'kms:', 'kms', 'kms:a:b', ' kms:a', 'kms:a ', '**', 'k*s:a', 'kms:a.b'])(
  '%j is no action',
  (Action) => {
    const document = JSON.stringify({ Statement: { ...identity, Principal: '*', Action } })
    expect(() => parsePolicy(document, 'resource')).toThrow('Policy has invalid action')
  },
)

test.each(['arn:aws:s3:::b', 'arn:::::x', 'arn:*:*:*:*:*', 'arn:aws:s3:::b/a:b\nc'])('%j is a resource', (Resource) => {
  const [statement] = parsePolicy(JSON.stringify({ Statement: { ...identity, Resource } }), 'identity').statements
  expect(statement?.resource).toMatchObject({ negated: false, patterns: [Resource] })
})

test.each(['', '**', 'arn:aws:s3:::', 'arn:aws:s3::b', ' arn:aws:s3:::b', 'arm:aws:s3:::b'])(
  '%j is no resource',
  (Resource) => {
    const document = JSON.stringify({ Statement: { ...identity, Principal: '*', Resource } })
    expect(() => parsePolicy(document, 'resource')).toThrow('Policy has invalid resource')
  },
)

test.each([{ Action: 'my-service.x:Do' }, { Resource: 'arn:aws:x' }, { Condition: { Sometimes: {} } }])(
  'an identity policy may be as strange as IAM lets it be: %j',
  (strange) => {
    const { statements } = parsePolicy(JSON.stringify({ Statement: { ...identity, ...strange } }), 'identity')
    expect(statements).toHaveLength(1)
    const resourcePolicy = JSON.stringify({ Statement: { ...identity, Principal: '*', ...strange } })
    expect(() => parsePolicy(resourcePolicy, 'resource')).toThrow(PolicyMalformed)
  },
)

const user = `arn:aws:iam::${account}:user/division/a+b=c,d.e@f-g_h`
test.each([
  account,
  'AIDAABCDEFGHIJKLMN234',
  'AROAABCDEFGHIJKLMN234',
  `arn:aws:iam::${account}:root`,
  user,
  `arn:aws:iam::${account}:role/r`,
  `arn:aws:sts::${account}:assumed-role/r/s`,
  `arn:aws:sts::${account}:federated-user/f`,
])('%s is a principal', (AWS) => {
  const document = JSON.stringify({ Statement: { ...everybody, Principal: { AWS } } })
  expect(parsePolicy(document, 'resource').statements[0]?.principal?.named).toEqual([{ type: 'AWS', value: AWS }])
})

test.each([
  '',
  `${account}1`,
  `x${account}`,
  '11112222333a',
  'AIDAABCDEFGHIJKLMN23',
  'AIDAABCDEFGHIJKLMN2345',
  'AKIAABCDEFGHIJKLMN234',
  'AIDAABCDEFGHIJKLMN231',
  `arn:aws:iam::${account}:rooted`,
  `arn:aws:iam::${account}:user/`,
  `arn:aws:iam::${account}:group/g`,
  `arn:aws:s3::${account}:user/u`,
  `arn:aws:iam::${account}1:user/u`,
  `arn:aws:iam::${account.slice(1)}:user/u`,
  `arn:aws:iam::${account}:user/a b`,
  ` ${user}`,
  `${user}*`,
])('%j is no principal', (AWS) => {
  const document = JSON.stringify({ Statement: { ...everybody, Principal: { AWS } } })
  expect(() => parsePolicy(document, 'resource')).toThrow(/^Invalid principal in policy$/)
})

test.each(['AWS', 'Service', 'Federated', 'CanonicalUser'])('Principals have the type %s', (type) => {
  const value = type === 'AWS' ? account : 'x'
  const document = JSON.stringify({ Statement: { ...everybody, Principal: { [type]: value } } })
  expect(parsePolicy(document, 'resource').statements[0]?.principal?.named).toEqual([{ type, value }])
})

test('Every member of a document and of a statement may stand in it, with conditions', () => {
  const Condition = { StringLike: { a: 'b' }, 'ForAnyValue:StringEqualsIfExists': { c: ['d', `\${e}`] } }
  const statement = { Sid: 's', Effect: 'Deny', NotPrincipal: '*', NotAction: 'kms:*', NotResource: '*', Condition }
  const document = { Version: '2012-10-17', Id: 'one', Statement: [statement, { ...everybody, Sid: 't' }] }
  const { version, id, statements } = parsePolicy(JSON.stringify(document), 'resource')
  expect({ version, id, sids: statements.map(({ sid }) => sid) }).toEqual({
    version: '2012-10-17',
    id: 'one',
    sids: ['s', 't'],
  })
  expect(statements[0]).toMatchObject({
    effect: 'Deny',
    principal: { negated: true, named: [{ type: 'AWS', value: '*' }] },
    action: { negated: true, patterns: ['kms:*'] },
    resource: { negated: true, patterns: ['*'] },
    conditions: [
      { operator: 'StringLike', name: 'StringLike', set: undefined, ifExists: false, key: 'a', values: ['b'] },
      {
        operator: 'ForAnyValue:StringEqualsIfExists',
        name: 'StringEquals',
        set: 'ForAnyValue',
        ifExists: true,
        key: 'c',
        values: ['d', `\${e}`],
        fits: undefined,
      },
    ],
  })
})

test('Sids that are empty need not be unique', () => {
  const twice = { Statement: [everybody, everybody, { ...everybody, Sid: '' }, { ...everybody, Sid: '' }] }
  expect(parsePolicy(JSON.stringify(twice), 'resource').statements).toHaveLength(4)
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
