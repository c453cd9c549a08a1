import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { anonymousCaller, type Caller, canonicalUserId, rootCaller, userCaller } from './caller.ts'
import { type AttachedPolicy, evaluate, globalContext } from './policy.ts'
import { conditionContext } from './policy-conditions.ts'
import { type PolicyKind, parsePolicy } from './policy-parse.ts'

const account = '111122223333'
const key = `arn:aws:kms:us-east-1:${account}:key/one`
const app = userCaller(account, 'team/app', 'app')
const session: Caller = {
  type: 'AssumedRole',
  arn: `arn:aws:sts::${account}:assumed-role/reader/me`,
  accountId: account,
  principalId: 'AROAABCDEFGHIJKLMNOPQ:me',
  role: {
    arn: `arn:aws:iam::${account}:role/reader`,
    principalId: 'AROAABCDEFGHIJKLMNOPQ',
    name: 'reader',
    issuedAt: 0,
  },
}

function attached(statement: object | object[], kind: PolicyKind = 'resource', version = '2012-10-17'): AttachedPolicy {
  return { name: 'policy', policy: parsePolicy(JSON.stringify({ Version: version, Statement: statement }), kind) }
}

function decide(
  statement: object | object[],
  { caller = app, action = 'kms:Decrypt', resource = key, context = {} } = {} as {
    caller?: Caller
    action?: string
    resource?: string
    context?: Record<string, string | string[]>
  },
  kind: PolicyKind = 'resource',
  version = '2012-10-17',
) {
  const request = { caller, action, resource, context: conditionContext(context) }
  return evaluate([attached(statement, kind, version)], request)
}

const variable = (name: string) => `\${${name}}`
const everybody = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }
const identity = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' }

test.each([
  ['everybody', '*', anonymousCaller, 'allow', true],
  ['everybody, in the other form', { AWS: '*' }, app, 'allow', true],
  ['its ARN', { AWS: app.arn }, app, 'allow', true],
  ['its unique id', { AWS: app.principalId }, app, 'allow', true],
  ['its account number: delegation', { AWS: account }, app, 'allow', false],
  ['its account root: delegation', { AWS: `arn:aws:iam::${account}:root` }, app, 'allow', false],
  ['root itself by the account root', { AWS: account }, rootCaller(account), 'allow', true],
  ['a session by its role', { AWS: `arn:aws:iam::${account}:role/reader` }, session, 'allow', true],
  ['a session by itself', { AWS: session.arn }, session, 'allow', true],
  ['another user', { AWS: `arn:aws:iam::${account}:user/other` }, app, 'no match', false],
  ['another account', { AWS: '444455556666' }, app, 'no match', false],
  ['nobody by an account', { AWS: account }, anonymousCaller, 'no match', false],
  ['a service only', { Service: 's3.amazonaws.com' }, app, 'no match', false],
  ['its account and then itself', { AWS: [account, app.arn] }, app, 'allow', true],
  ['itself and then its account', { AWS: [app.arn, account] }, app, 'allow', true],
  ['another account and then its own', { AWS: ['444455556666', account] }, app, 'allow', false],
  ['its account by its canonical id: delegation', { CanonicalUser: canonicalUserId(account) }, app, 'allow', false],
  ['root itself by the canonical id', { CanonicalUser: canonicalUserId(account) }, rootCaller(account), 'allow', true],
  ['another account by its canonical id', { CanonicalUser: canonicalUserId('444455556666') }, app, 'no match', false],
  ['an ARN as if it were a service', { Service: app.arn }, app, 'no match', false],
  ['a session by the unique id of its role', { AWS: 'AROAABCDEFGHIJKLMNOPQ' }, session, 'allow', true],
])('A principal element names %s', (_name, Principal, caller, decision, isDirect) => {
  expect(decide({ ...everybody, Principal }, { caller })).toMatchObject({ decision, isDirect })
})

test('NotPrincipal spares those it names', () => {
  const statement = { Effect: 'Deny', NotPrincipal: { AWS: app.arn }, Action: '*', Resource: '*' }
  expect(decide(statement).decision).toBe('no match')
  expect(decide(statement, { caller: session }).decision).toBe('deny')
  const several = { ...statement, NotPrincipal: { AWS: ['444455556666', app.arn] } }
  expect(decide(several).decision).toBe('no match')
  expect(decide(several, { caller: session }).decision).toBe('deny')
})

test.each([
  ['kms:Decrypt', 'allow'],
  ['KMS:decrypt', 'allow'],
  ['kms:De*', 'allow'],
  ['kms:Decryp?', 'allow'],
  ['*', 'allow'],
  ['kms:Encrypt', 'no match'],
  ['s3:*', 'no match'],
])('Action %s', (Action, decision) => {
  expect(decide({ ...identity, Action }, {}, 'identity').decision).toBe(decision)
})

test('NotAction and NotResource are what is left', () => {
  expect(decide({ Effect: 'Allow', NotAction: 'kms:Encrypt', Resource: '*' }, {}, 'identity').decision).toBe('allow')
  expect(decide({ Effect: 'Allow', NotAction: 'kms:D*', Resource: '*' }, {}, 'identity').decision).toBe('no match')
  const several = { Action: ['kms:Encrypt', 'kms:Decrypt'], Resource: ['arn:aws:s3:::b', key] }
  expect(decide({ Effect: 'Allow', ...several }, {}, 'identity').decision).toBe('allow')
  const none = { Effect: 'Allow', NotAction: ['kms:Encrypt', 'kms:Decrypt'], Resource: '*' }
  expect(decide(none, {}, 'identity').decision).toBe('no match')
  const spared = { Effect: 'Deny', Action: '*', NotResource: key }
  expect(decide(spared, {}, 'identity').decision).toBe('no match')
  expect(decide(spared, { resource: `${key}2` }, 'identity').decision).toBe('deny')
})

test('A statement whose Resource or NotResource names a variable without a value has no effect by it', () => {
  const mine = `arn:aws:s3:::b/${variable('aws:username')}`
  const resource = 'arn:aws:s3:::b/x'
  for (const Effect of ['Allow', 'Deny']) {
    const statement = { Effect, Action: '*' }
    const decision = (element: object, context = {}) =>
      decide({ ...statement, ...element }, { resource, context }, 'identity').decision
    expect(decision({ NotResource: mine })).toBe('no match')
    expect(decision({ NotResource: ['arn:aws:s3:::other', mine] })).toBe('no match')
    expect(decision({ NotResource: mine }, { 'aws:username': 'y' })).toBe(Effect.toLowerCase())
    expect(decision({ Resource: mine })).toBe('no match')
    expect(decision({ Resource: [mine, resource] })).toBe(Effect.toLowerCase())
  }
})

test('Resources are compared with case, wildcards and policy variables', () => {
  const allows = (Resource: string, resource: string, version?: string) =>
    decide({ ...identity, Resource }, { resource, context: { 'aws:username': 'a*b' } }, 'identity', version).decision
  expect(allows('arn:aws:s3:::b/*', 'arn:aws:s3:::b/x/y')).toBe('allow')
  expect(allows('arn:aws:s3:::b/*', 'arn:aws:s3:::B/x')).toBe('no match')
  expect(allows(`arn:aws:s3:::b/${variable('aws:username')}/*`, 'arn:aws:s3:::b/a*b/x')).toBe('allow')
  expect(allows(`arn:aws:s3:::b/${variable('AWS:UserName')}/*`, 'arn:aws:s3:::b/a*b/x')).toBe('allow')
  expect(allows(`arn:aws:s3:::b/${variable('AWS:UserName')}/*`, 'arn:aws:s3:::b/aXb/x')).toBe('no match')
  expect(allows(`arn:aws:s3:::b/${variable('*')}`, 'arn:aws:s3:::b/*')).toBe('allow')
  expect(allows(`arn:aws:s3:::b/${variable('*')}`, 'arn:aws:s3:::b/x')).toBe('no match')
  expect(allows(`arn:aws:s3:::b/${variable("aws:PrincipalTag/team, 'common'")}`, 'arn:aws:s3:::b/common')).toBe('allow')
  expect(allows(`arn:aws:s3:::b/${variable('aws:PrincipalTag/team')}`, 'arn:aws:s3:::b/')).toBe('no match')
  expect(
    allows(`arn:aws:s3:::b/${variable('aws:username')}`, `arn:aws:s3:::b/${variable('aws:username')}`, '2008-10-17'),
  ).toBe('allow')
})

const here = {
  ...{
    text: 'Blue',
    star: 'B*',
    blank: ' ',
    number: '10',
    date: '2026-01-01T00:00:00Z',
    epoch: '1767225600',
    flag: 'true',
    arn: key,
  },
  ...{ ip: '203.0.113.7', ip6: '2001:db8::7' },
}
const many = { many: ['a', 'b'] }
const midnight = '2026-01-01T00:00:00Z'

test.each<[string, string, string | string[], boolean]>([
  ['StringEquals', 'TEXT', ['Red', 'Blue'], true],
  ['StringEquals', 'text', 'blue', false],
  ['StringEquals', 'text', 'B*', false],
  ['StringEquals', 'star', 'B*', true],
  ['StringEqualsIgnoreCase', 'text', 'blue', true],
  ['StringNotEquals', 'text', 'Blue', false],
  ['StringNotEquals', 'text', ['Red', 'Green'], true],
  ['StringNotEqualsIgnoreCase', 'text', 'blue', false],
  ['StringLike', 'text', 'B*e', true],
  ['StringNotLike', 'text', 'B*e', false],
  ['StringEquals', 'missing', 'x', false],
  ['StringNotEquals', 'missing', 'x', true],
  ['StringEqualsIfExists', 'missing', 'x', true],
  ['StringEqualsIfExists', 'text', 'x', false],
  ['NumericEquals', 'number', '10.0', true],
  ['NumericNotEquals', 'number', '10', false],
  ['NumericLessThan', 'number', '11', true],
  ['NumericLessThan', 'number', '10', false],
  ['NumericLessThanEquals', 'number', '10', true],
  ['NumericLessThanEquals', 'number', '9', false],
  ['NumericGreaterThan', 'number', '9', true],
  ['NumericGreaterThan', 'number', '10', false],
  ['NumericGreaterThanEquals', 'number', '10', true],
  ['NumericGreaterThanEquals', 'number', '11', false],
  ['NumericLessThan', 'text', '11', false],
  ['NumericLessThan', 'number', 'many', false],
  ['NumericLessThan', 'blank', '11', false],
  ['DateEquals', 'date', '1767225600', true],
  ['DateNotEquals', 'date', '2026-01-01T00:00:00Z', false],
  ['DateNotEquals', 'date', '2026-01-01T00:00:01Z', true],
  ['DateLessThan', 'date', '2026-01-01T00:00:01Z', true],
  ['DateLessThan', 'date', midnight, false],
  ['DateLessThanEquals', 'date', midnight, true],
  ['DateLessThanEquals', 'date', '2025-12-31T23:59:59Z', false],
  ['DateGreaterThan', 'date', '2025-12-31T23:59:59Z', true],
  ['DateGreaterThan', 'date', midnight, false],
  ['DateGreaterThanEquals', 'date', midnight, true],
  ['DateGreaterThanEquals', 'date', '2026-01-01T00:00:01Z', false],
  ['DateLessThan', 'date', 'tomorrow', false],
  ['DateEquals', 'date', '1767225600.5', false],
  ['DateLessThan', 'date', '1767225600.5', true],
  ['DateGreaterThan', 'date', '1767225599.25', true],
  ['DateGreaterThan', 'date', '99999', true],
  ['DateEquals', 'epoch', midnight, true],
  ['DateGreaterThan', 'date', '1999', true],
  ['DateLessThan', 'date', '2027', true],
  ['DateLessThan', 'date', '1767225601x', false],
  ['DateLessThan', 'date', 'x1767225601', false],
  ['DateLessThan', 'date', '1767225601.', false],
  ['Bool', 'flag', 'True', true],
  ['Bool', 'flag', 'false', false],
  ['BinaryEquals', 'text', 'Blue', true],
  ['BinaryEquals', 'text', 'Blud', false],
  ['IpAddress', 'ip', '203.0.113.0/24', true],
  ['IpAddress', 'ip', '203.0.114.0/24', false],
  ['IpAddress', 'ip', '203.0.113.7', true],
  ['IpAddress', 'ip', '203.0.113.8', false],
  ['IpAddress', 'ip', '203.0.113.7/32', true],
  ['IpAddress', 'ip', '203.0.113.7/33', false],
  ['IpAddress', 'ip', '203.0.113.7/x', false],
  ['IpAddress', 'ip', '203.0.113.7/', false],
  ['IpAddress', 'ip', 'nonsense', false],
  ['IpAddress', 'text', '203.0.113.0/24', false],
  ['IpAddress', 'ip', '2001:db8::/32', false],
  ['IpAddress', 'ip6', '2001:db8::/32', true],
  ['IpAddress', 'ip6', '2001:db8::7/128', true],
  ['IpAddress', 'ip6', '2001:db8::8/128', false],
  ['IpAddress', 'ip6', '2001:db8::7/129', false],
  ['NotIpAddress', 'ip', '203.0.113.7', false],
  ['NotIpAddress', 'ip', '203.0.113.8', true],
  ['ArnEquals', 'arn', 'arn:aws:kms:*:111122223333:key/*', true],
  ['ArnLike', 'arn', 'arn:aws:kms:*', false],
  ['ArnLike', 'arn', 'arn:*:key/one', false],
  ['ArnLike', 'arn', '*', true],
  ['ArnLike', 'arn', '**', false],
  ['ArnLike', 'arn', 'a', false],
  ['ArnLike', 'text', 'arn:aws:kms:*:*:*', false],
  ['ArnEquals', 'arn', 'arn:aws:kms:eu-west-1:111122223333:key/one', false],
  ['ArnEquals', 'arn', ':aws:kms:us-east-1:111122223333:key/one', false],
  ['ArnNotLike', 'arn', 'arn:aws:kms:us-east-1:*:key/two', true],
  ['ArnNotEquals', 'arn', key, false],
  ['Null', 'missing', 'true', true],
  ['Null', 'text', 'false', true],
  ['Null', 'text', 'true', false],
  ['Null', 'missing', 'TRUE', true],
  ['Null', 'missing', ['false', 'true'], true],
  ['ForAllValues:StringEquals', 'many', ['a', 'b', 'c'], true],
  ['ForAllValues:StringEquals', 'many', ['a'], false],
  ['ForAllValues:StringEquals', 'missing', ['a'], true],
  ['ForAnyValue:StringEquals', 'many', ['b', 'z'], true],
  ['ForAnyValue:StringEquals', 'many', ['z'], false],
  ['ForAnyValue:StringEquals', 'missing', ['a'], false],
  ['ForAnyValue:StringNotEquals', 'missing', ['a'], false],
  ['ForAnyValue:StringNotEqualsIfExists', 'missing', ['a'], true],
  ['ForAllValues:StringNotEquals', 'missing', ['a'], true],
  ['StringNotEquals', 'many', ['a'], false],
  ['StringNotEquals', 'many', ['c'], true],
  ['ForAnyValue:StringNotEquals', 'many', ['a'], true],
  ['ForAnyValue:StringNotEquals', 'many', ['a', 'b'], false],
  ['ForAllValues:StringNotEquals', 'many', ['a'], false],
  ['ForAllValues:StringLikeIfExists', 'many', ['?'], true],
])('Condition %s of %s with %j is %s', (operator, name, values, met) => {
  const statement = { ...identity, Condition: { [operator]: { [name]: values } } }
  expect(decide(statement, { context: { ...here, ...many } }, 'identity').decision).toBe(met ? 'allow' : 'no match')
})

test('Policy variables stand in conditions too, and one without a value meets none, negated or not', () => {
  const decision = (Condition: object, context: Record<string, string>, version?: string) =>
    decide({ ...identity, Condition }, { context }, 'identity', version).decision
  const path = { StringLike: { path: `${variable('aws:username')}/*` } }
  expect(decision(path, { path: 'a*/x', 'aws:username': 'a*' })).toBe('allow')
  expect(decision(path, { path: 'ab/x', 'aws:username': 'a*' })).toBe('no match')
  expect(decision(path, { path: `${variable('aws:username')}/x`, 'aws:username': 'a' }, '2008-10-17')).toBe('allow')
  const owner = { owner: ['nobody', variable('aws:username')] }
  expect(decision({ StringEquals: owner }, { owner: 'me', 'aws:username': 'me' })).toBe('allow')
  expect(decision({ StringNotEquals: owner }, { owner: 'you', 'aws:username': 'me' })).toBe('allow')
  for (const operator of ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike']) {
    expect(decision({ [operator]: owner }, { owner: 'you' })).toBe('no match')
    expect(decision({ [operator]: owner }, { owner: 'nobody' })).toBe('no match')
  }
})

test('Of two values for a key that has one, an Allow wants both to pass, and one is enough for a Deny', () => {
  const context = { get: () => ['a', 'b'], hasOneValue: () => true }
  const decision = (Effect: string, operator: string, value: string | string[]) => {
    const statement = { ...identity, Effect, Condition: { [operator]: { owner: value } } }
    return evaluate([attached(statement, 'identity')], { caller: app, action: 'kms:Decrypt', resource: key, context })
      .decision
  }
  for (const operator of ['StringEquals', 'StringNotEquals', 'ForAnyValue:StringLike', 'ForAllValues:StringLike']) {
    expect(decision('Allow', operator, 'a')).toBe('no match')
    expect(decision('Deny', operator, 'a')).toBe('deny')
  }
  expect(decision('Allow', 'StringEquals', ['a', 'b'])).toBe('allow')
  expect(decision('Allow', 'StringNotEquals', 'c')).toBe('allow')
  expect(decision('Deny', 'StringEquals', 'c')).toBe('no match')
})

test('Every condition of a statement must be met, and the verdict names the one that was not', () => {
  const Condition = { StringEquals: { text: 'Blue', 'kms:EncryptionContext:tenant': 'a' } }
  const context = { text: 'Blue', 'kms:EncryptionContext:Tenant': 'b' }
  const verdict = decide({ ...identity, Sid: 'OnlyA', Condition }, { context }, 'identity')
  expect(verdict.decision).toBe('no match')
  expect(verdict.weighed).toEqual([
    {
      policy: 'policy',
      index: 0,
      sid: 'OnlyA',
      effect: 'Allow',
      outcome: 'condition not met',
      condition: { operator: 'StringEquals', key: 'kms:EncryptionContext:tenant', values: ['a'], actual: ['b'] },
    },
  ])
})

test('A verdict tells of every statement of every policy where it stands and what became of it', () => {
  const first = attached([
    { ...everybody, Principal: { AWS: `arn:aws:iam::${account}:user/other` } },
    { ...everybody, Action: 'kms:Encrypt' },
    { ...everybody, Resource: `${key}2` },
    { ...everybody, Sid: 'Account', Principal: { AWS: account } },
  ])
  const second = { ...attached(identity, 'identity'), name: 'identity policy' }
  const request = { caller: app, action: 'kms:Decrypt', resource: key, context: conditionContext({}) }
  const { decision, isDirect, statements, weighed } = evaluate([first, second], request)
  expect({ decision, isDirect }).toEqual({ decision: 'allow', isDirect: true })
  expect(weighed.map(({ policy, index, outcome }) => [policy, index, outcome])).toEqual([
    ['policy', 0, 'other principal'],
    ['policy', 1, 'other action'],
    ['policy', 2, 'other resource'],
    ['policy', 3, 'account'],
    ['identity policy', 0, 'principal'],
  ])
  expect(statements).toEqual(weighed.slice(3))
  expect(evaluate([first], request)).toMatchObject({ decision: 'allow', isDirect: false })
  expect(evaluate([], request)).toEqual({ decision: 'no match', isDirect: false, statements: [], weighed: [] })
})

test('A condition on a key that the request has not is shown with nothing', () => {
  const Condition = { StringEquals: { missing: 'a' } }
  const [weighed] = decide({ ...identity, Condition }, {}, 'identity').weighed
  expect(weighed?.condition).toEqual({ operator: 'StringEquals', key: 'missing', values: ['a'], actual: [] })
})

test('A policy variable has no value where the request has several', () => {
  const Resource = `arn:aws:s3:::b/${variable('aws:many')}`
  const decision = (values: string[]) =>
    decide({ ...identity, Resource }, { resource: 'arn:aws:s3:::b/a', context: { 'aws:many': values } }, 'identity')
      .decision
  expect(decision(['a'])).toBe('allow')
  expect(decision(['a', 'a'])).toBe('no match')
  expect(decision([])).toBe('no match')
})

test('The statements that decided are named', () => {
  const deny = { Sid: 'Never', Effect: 'Deny', Action: 'kms:*', Resource: '*' }
  const verdict = decide([{ ...identity, Sid: 'Yes' }, deny], {}, 'identity')
  expect(verdict.decision).toBe('deny')
  expect(verdict.statements.map(({ sid }) => sid)).toEqual(['Never'])
})

test('The global context tells who, when, whence and how', () => {
  const context = globalContext({ caller: session, now: 0, sourceIp: '127.0.0.1', secure: false, region: 'us-east-1' })
  expect(context.get('aws:principalarn')).toEqual([`arn:aws:iam::${account}:role/reader`])
  expect(context.get('aws:currenttime')).toEqual(['1970-01-01T00:00:00.000Z'])
  expect(context.has('aws:username')).toBe(false)
  expect(context.get('aws:securetransport')).toEqual(['false'])
  expect(context.get('aws:sourceip')).toEqual(['127.0.0.1'])
  expect(context.get('aws:requestedregion')).toEqual(['us-east-1'])
  expect(context.has('aws:useragent')).toBe(false)
  const agent = { userAgent: 'aws-cli', secure: true, now: 0, sourceIp: '::1', region: '' }
  expect(globalContext({ caller: session, ...agent }).get('aws:useragent')).toEqual(['aws-cli'])
  expect(globalContext({ caller: session, ...agent }).get('aws:securetransport')).toEqual(['true'])
})

test.each<[string, Caller, Record<string, string | undefined>]>([
  [
    'a user',
    app,
    {
      'aws:PrincipalType': 'User',
      'aws:PrincipalArn': app.arn,
      'aws:PrincipalAccount': account,
      'aws:userid': app.principalId,
      'aws:username': 'app',
    },
  ],
  [
    'an account',
    rootCaller(account),
    { 'aws:PrincipalType': 'Account', 'aws:PrincipalAccount': account, 'aws:username': undefined },
  ],
  ['a session', session, { 'aws:PrincipalType': 'AssumedRole', 'aws:userid': session.principalId }],
  [
    'nobody',
    anonymousCaller,
    {
      'aws:PrincipalType': 'Anonymous',
      'aws:PrincipalArn': undefined,
      'aws:PrincipalAccount': undefined,
      'aws:userid': undefined,
      'aws:username': undefined,
    },
  ],
])('The global context says of %s who it is', (_case, caller, expected) => {
  const context = globalContext({ caller, now: 1999, sourceIp: '::1', secure: true, region: 'eu-west-1' })
  expect(context.get('aws:epochtime')).toEqual(['1'])
  for (const [name, value] of Object.entries(expected)) {
    expect(context.get(name.toLowerCase())).toEqual(value === undefined ? undefined : [value])
  }
})

const statements = fc.record({
  Effect: fc.constantFrom('Allow', 'Deny'),
  Principal: fc.constantFrom('*', { AWS: account }, { AWS: app.arn }, { AWS: session.arn }),
  Action: fc.constantFrom('*', 'kms:*', 'kms:Decrypt', 'kms:Encrypt'),
  Resource: fc.constantFrom('*', key, `${key}2`),
})

test('A Deny that matches always wins, wherever it stands', () => {
  fc.assert(
    fc.property(fc.array(statements), fc.nat(), (list, at) => {
      const deny = { ...everybody, Effect: 'Deny' }
      const index = at % (list.length + 1)
      expect(decide([...list.slice(0, index), deny, ...list.slice(index)]).decision).toBe('deny')
    }),
  )
})

test('Adding an Allow never turns allow into deny, nor deny into allow', () => {
  fc.assert(
    fc.property(fc.array(statements, { minLength: 1 }), statements, (list, more) => {
      const before = decide(list).decision
      const after = decide([...list, { ...more, Effect: 'Allow' }]).decision
      const possible = before === 'no match' ? ['no match', 'allow'] : [before]
      expect(possible).toContain(after)
    }),
  )
})
