import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { anonymousCaller, type Caller, canonicalUserId, rootCaller, serviceCaller } from './caller.ts'
import { account, app, attached, decide, everybody, identity, key, session, variable } from './policy.fixture.ts'
import { evaluate, globalContext } from './policy.ts'
import { conditionContext } from './policy-conditions.ts'
import { principalRelation } from './policy-principals.ts'

const service = serviceCaller('s3.amazonaws.com', { arn: 'arn:aws:s3:::source', accountId: account })

test('A service is known by its name and by what it acts for, and has no principal of its own', () => {
  const context = globalContext({ caller: service, now: 0, sourceIp: '127.0.0.1', secure: true, region: 'us-east-1' })
  expect(context.get('aws:principalisawsservice')).toEqual(['true'])
  expect(context.get('aws:principalservicename')).toEqual(['s3.amazonaws.com'])
  expect(context.get('aws:sourcearn')).toEqual(['arn:aws:s3:::source'])
  expect(context.get('aws:sourceaccount')).toEqual([account])
  expect(context.get('aws:principalarn')).toBeUndefined()
})

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
  ['a service by its principal', { Service: 's3.amazonaws.com' }, service, 'allow', true],
  ['a service among others', { Service: ['sns.amazonaws.com', 's3.amazonaws.com'] }, service, 'allow', true],
  ['another service', { Service: 'logging.s3.amazonaws.com' }, service, 'no match', false],
  ['a service among everybody', '*', service, 'allow', true],
  ['no service by its source’s account', { AWS: account }, service, 'no match', false],
  ['no service by a canonical id', { CanonicalUser: canonicalUserId('') }, service, 'no match', false],
  ['an ARN as if it were a service', { Service: app.arn }, app, 'no match', false],
  ['a session by the unique id of its role', { AWS: 'AROAABCDEFGHIJKLMNOPQ' }, session, 'allow', true],
])('A principal element names %s', (_name, Principal, caller, decision, isDirect) => {
  expect(decide({ ...everybody, Principal }, { caller })).toMatchObject({ decision, isDirect })
})

test('Nobody is named by what an account without a number would be', () => {
  for (const value of ['', 'ANONYMOUS', 'arn:aws:iam:::root'])
    expect(principalRelation(value, anonymousCaller)).toBeUndefined()
  const Principal = { CanonicalUser: canonicalUserId('') }
  expect(decide({ ...everybody, Principal }, { caller: anonymousCaller }).decision).toBe('no match')
  expect(principalRelation('*', anonymousCaller)).toBe('principal')
})

const root = rootCaller(account)
const reader = `arn:aws:iam::${account}:role/reader`

test.each<[string, string | object, Caller, string]>([
  ['a user that is named with its account', { AWS: [account, app.arn] }, app, 'no match'],
  ['a user by its unique id', { AWS: [`arn:aws:iam::${account}:root`, app.principalId] }, app, 'no match'],
  ['its account by canonical id', { CanonicalUser: canonicalUserId(account), AWS: app.arn }, app, 'no match'],
  ['no user without its account', { AWS: app.arn }, app, 'deny'],
  ['no user by its account alone', { AWS: account }, app, 'deny'],
  ['no user by another account', { AWS: ['444455556666', app.arn] }, app, 'deny'],
  ['the root by its account', { AWS: account }, root, 'no match'],
  ['a session with its role and account', { AWS: [account, reader, session.arn] }, session, 'no match'],
  ['no session without its role', { AWS: [account, session.arn] }, session, 'deny'],
  ['no session by its role', { AWS: [account, reader] }, session, 'deny'],
  ['everybody', '*', app, 'no match'],
  ['nobody by an account', { AWS: account }, anonymousCaller, 'deny'],
  ['a service', { Service: 's3.amazonaws.com' }, service, 'no match'],
  ['no other service', { Service: 'sns.amazonaws.com' }, service, 'deny'],
])('A Deny with NotPrincipal spares %s', (_name, NotPrincipal, caller, decision) => {
  const statement = { Effect: 'Deny', NotPrincipal, Action: '*', Resource: '*' }
  expect(decide(statement, { caller }).decision).toBe(decision)
})

test('A Deny with NotPrincipal spares nobody who has a permissions boundary', () => {
  const statement = { Effect: 'Deny', NotPrincipal: { AWS: [account, app.arn] }, Action: '*', Resource: '*' }
  expect(decide(statement, { hasBoundary: true }).decision).toBe('deny')
  expect(decide({ ...statement, NotPrincipal: '*' }, { hasBoundary: true }).decision).toBe('deny')
})

test('An Allow with NotPrincipal lets nobody in whom it names in any way', () => {
  const statement = { Effect: 'Allow', NotPrincipal: { AWS: account }, Action: '*', Resource: '*' }
  expect(decide(statement).decision).toBe('no match')
  expect(decide({ ...statement, NotPrincipal: { AWS: '444455556666' } }).decision).toBe('allow')
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
  expect(allows(`arn:aws:s3:::b/${variable('?')}`, 'arn:aws:s3:::b/?')).toBe('allow')
  expect(allows(`arn:aws:s3:::b/${variable('?')}`, 'arn:aws:s3:::b/x')).toBe('no match')
  expect(allows(`arn:aws:s3:::b/${variable('$')}`, 'arn:aws:s3:::b/$')).toBe('allow')
  expect(allows(`arn:aws:s3:::b/${variable('')}`, 'arn:aws:s3:::b/')).toBe('no match')
  expect(allows(`arn:aws:s3:::b/${variable("aws:PrincipalTag/team, 'common'")}`, 'arn:aws:s3:::b/common')).toBe('allow')
  expect(allows(`arn:aws:s3:::b/${variable('aws:PrincipalTag/team')}`, 'arn:aws:s3:::b/')).toBe('no match')
  expect(
    allows(`arn:aws:s3:::b/${variable('aws:username')}`, `arn:aws:s3:::b/${variable('aws:username')}`, '2008-10-17'),
  ).toBe('allow')
})

test('Of a statement about others a verdict tells the element that does not fit, as it is written, and the first few it names', () => {
  const actions = ['kms:Encrypt', 'kms:ReEncrypt*', 'kms:Sign', 'kms:Verify', 'kms:GenerateMac', 'kms:VerifyMac']
  const { weighed } = decide([
    { ...everybody, Principal: { AWS: [account, app.arn], Service: 's3.amazonaws.com' }, Action: actions },
    { Effect: 'Allow', NotPrincipal: { AWS: app.arn }, Action: '*', Resource: '*' },
    { Effect: 'Allow', Principal: '*', NotAction: 'kms:De*', Resource: '*' },
    { ...everybody, Resource: [`${key}2`, `arn:aws:kms:*:*:key/${variable('aws:username')}`] },
    everybody,
  ])
  expect(weighed.map(({ element }) => element)).toEqual([
    { name: 'Action', values: actions.slice(0, 5), count: 6 },
    { name: 'NotPrincipal', values: [app.arn], count: 1 },
    { name: 'NotAction', values: ['kms:De*'], count: 1 },
    { name: 'Resource', values: [`${key}2`, `arn:aws:kms:*:*:key/${variable('aws:username')}`], count: 2 },
    undefined,
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
  expect(evaluate([], request)).toMatchObject({ decision: 'no match', isDirect: false, statements: [], weighed: [] })
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
      'aws:userid': 'anonymous',
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
