import { expect, test } from '@jest/globals'
import { Explanations } from '../access/explanations.ts'
import { TurnableAmbient } from '../ambient.ts'
import { type Caller, rootCaller, userCaller } from '../aws/caller.ts'
import { openPrincipals, type Principal } from '../identity/principals.ts'
import { fetchFrom } from '../protocol/http.fixture.ts'
import { Database } from '../store/database.ts'
import { openTrail } from '../trail/trail.ts'
import { createStsEndpoint } from './endpoint.ts'

const accountId = '000000000000'
const roleArn = `arn:aws:iam::${accountId}:role/reader`
const app = userCaller(accountId, 'app', 'app')
const foreigner = userCaller('111122223333', 'Bob', 'bob')
const log = { debug() {}, info() {}, warn() {}, error() {} }

const trustOf = (Principal: object | string, Condition?: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition },
  })
const policyOf = (Effect: string, Action = 'sts:AssumeRole') => ({
  name: 'own',
  document: JSON.stringify({ Version: '2012-10-17', Statement: { Effect, Action, Resource: '*' } }),
})

async function openFixture(role: Partial<Principal> = {}, policies?: Principal['policies']) {
  const database = await Database.open({})
  const ambient = new TurnableAmbient(Date.UTC(2026, 0, 1))
  const principals = openPrincipals({ database, ambient, accountId, mode: 'strict' })
  const trail = openTrail({ database, ambient, retentionDays: 90 })
  const endpoint = createStsEndpoint({
    explanations: new Explanations(database),
    database,
    principals,
    trail,
    ambient,
    region: 'us-east-1',
    log,
  })
  await database.transact((transaction) => {
    principals.add(transaction, { arn: roleArn, accessKeys: [], ...role })
    principals.add(transaction, { arn: app.arn, accessKeys: [], policies })
  })
  const assume = async (parameters: Record<string, string> = {}, caller: Caller = app) => {
    const form = { Action: 'AssumeRole', Version: '2011-06-15', RoleArn: roleArn, RoleSessionName: 'me', ...parameters }
    const request = new Request('http://sts/', { method: 'POST', body: new URLSearchParams(form).toString() })
    const response = await fetchFrom(endpoint, request, { session: { caller, region: 'us-east-1', service: 's3' } })
    const text = await response.text()
    const element = (name: string) => new RegExp(`<${name}>([^<]*)<`).exec(text)?.[1] ?? ''
    return { status: response.status, code: element('Code'), message: element('Message'), element }
  }
  const declare = (arn: string, policies: Principal['policies']) =>
    database.transact((transaction) => principals.add(transaction, { arn, accessKeys: [], policies }))
  return { database, ambient, principals, assume, declare }
}

test('AssumeRole gives credentials that are found, with their token, until they expire', async () => {
  const { ambient, principals, assume } = await openFixture()
  const { status, element } = await assume({ DurationSeconds: '900' })
  expect(status).toBe(200)
  expect(element('Arn')).toBe('arn:aws:sts::000000000000:assumed-role/reader/me')
  expect(element('Expiration')).toBe('2026-01-01T00:15:00Z')
  const found = principals.find(element('AccessKeyId'))
  expect(found).toMatchObject({
    secretAccessKey: element('SecretAccessKey'),
    sessionToken: element('SessionToken'),
    isExpired: false,
    caller: { type: 'AssumedRole', role: { arn: roleArn } },
  })
  ambient.turn(900_000)
  expect(principals.find(element('AccessKeyId'))?.isExpired).toBe(true)
})

test('A trust policy that names the caller is enough in its own account, one that names the account is not', async () => {
  const policies = [policyOf('Allow', 's3:*')]
  const direct = await openFixture({ trustPolicy: trustOf({ AWS: app.arn }) }, policies)
  expect((await direct.assume()).status).toBe(200)
  const delegated = await openFixture({ trustPolicy: trustOf({ AWS: accountId }) }, policies)
  expect(await delegated.assume()).toMatchObject({
    status: 403,
    code: 'AccessDenied',
    message: `User: ${app.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
  })
  const allowed = await openFixture({ trustPolicy: trustOf({ AWS: accountId }) }, [policyOf('Allow')])
  expect((await allowed.assume()).status).toBe(200)
  const denied = await openFixture({ trustPolicy: trustOf({ AWS: app.arn }) }, [policyOf('Deny')])
  expect((await denied.assume()).status).toBe(403)
})

test('Another account needs to be trusted, and without a trust policy is not', async () => {
  expect((await (await openFixture()).assume({}, foreigner)).status).toBe(403)
  const trusting = await openFixture({ trustPolicy: trustOf({ AWS: foreigner.accountId }) })
  expect((await trusting.assume({}, foreigner)).status).toBe(200)
})

test('Another account that is trusted by the name of its user still asks that user’s own policies', async () => {
  for (const trusted of [foreigner.arn, foreigner.accountId]) {
    const { assume, declare } = await openFixture({ trustPolicy: trustOf({ AWS: trusted }) })
    const status = async () => (await assume({}, foreigner)).status
    expect(await status()).toBe(200)
    await declare(foreigner.arn, [policyOf('Allow', 's3:*')])
    expect(await status()).toBe(403)
    await declare(foreigner.arn, [policyOf('Deny'), { ...policyOf('Allow'), name: 'more' }])
    expect(await status()).toBe(403)
    await declare(foreigner.arn, [policyOf('Allow')])
    expect(await status()).toBe(200)
  }
})

test('A deny in the trust policy refuses, and a trust policy of others refuses the own account', async () => {
  const { assume } = await openFixture({ trustPolicy: trustOf({ AWS: foreigner.arn }) }, [policyOf('Allow')])
  expect((await assume()).status).toBe(403)
  const Statement = ['Allow', 'Deny'].map((Effect) => ({ Effect, Principal: '*', Action: 'sts:AssumeRole' }))
  const denying = await openFixture({ trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement }) })
  expect((await denying.assume()).status).toBe(403)
})

test('An external id is asked for by the trust policy', async () => {
  const { assume } = await openFixture({
    trustPolicy: trustOf({ AWS: app.arn }, { StringEquals: { 'sts:ExternalId': 'secret' } }),
  })
  expect((await assume()).status).toBe(403)
  expect((await assume({ ExternalId: 'other' })).status).toBe(403)
  expect((await assume({ ExternalId: 'secret' })).status).toBe(200)
})

test('A role that does not exist and a root caller are refused', async () => {
  const { assume } = await openFixture()
  expect((await assume({ RoleArn: `${roleArn}2` })).code).toBe('AccessDenied')
  expect((await assume({ RoleArn: app.arn })).code).toBe('AccessDenied')
  expect((await assume({}, rootCaller(accountId))).message).toBe('Roles may not be assumed by root accounts.')
})

test('DurationSeconds is 900 to 43200, the role’s longest session at most, and an hour for a session of a session', async () => {
  const { assume, principals } = await openFixture({ maxSessionDuration: 7200 })
  for (const DurationSeconds of ['899', '43201', 'x', '-1', '7201']) {
    expect(await assume({ DurationSeconds })).toMatchObject({ status: 400, code: 'ValidationError' })
  }
  const { status, element } = await assume({ DurationSeconds: '7200' })
  expect(status).toBe(200)
  expect((await assume({ DurationSeconds: '900' })).status).toBe(200)
  const caller = principals.find(element('AccessKeyId'))?.caller
  expect((await assume({ DurationSeconds: '3600' }, caller)).status).toBe(200)
  const longest = await openFixture({ maxSessionDuration: 43_200 })
  expect((await longest.assume({ DurationSeconds: '43200' })).status).toBe(200)
  expect((await assume({ DurationSeconds: '3601' }, caller)).message).toContain('role chaining')
})

test('A session policy is kept with the session, and one that is malformed refused', async () => {
  const { assume, principals } = await openFixture()
  const Policy = policyOf('Allow', 'kms:Decrypt').document
  const { element } = await assume({ Policy })
  const caller = principals.find(element('AccessKeyId'))?.caller
  expect(caller && principals.permissionsOf(caller).session).toEqual([{ name: 'session policy', document: Policy }])
  expect((await assume({}, caller)).code).toBe('AccessDenied')
  expect((await assume({ Policy: '{}' })).code).toBe('MalformedPolicyDocument')
})

test('A trust policy may ask who calls, whence, and under which name of the session', async () => {
  const asking = async (Condition: object, parameters: Record<string, string> = {}) => {
    const { assume } = await openFixture({ trustPolicy: trustOf({ AWS: app.arn }, Condition) })
    return (await assume(parameters)).status
  }
  expect(await asking({ StringEquals: { 'aws:PrincipalArn': app.arn } })).toBe(200)
  expect(await asking({ StringEquals: { 'aws:PrincipalArn': foreigner.arn } })).toBe(403)
  expect(await asking({ DateGreaterThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } })).toBe(403)
  expect(await asking({ DateGreaterThanEquals: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } })).toBe(200)
  const named = { StringEquals: { 'sts:RoleSessionName': 'app-1' } }
  expect(await asking(named)).toBe(403)
  expect(await asking(named, { RoleSessionName: 'app-1' })).toBe(200)
})

test('The lengths of names and external ids are those of the model, on both sides', async () => {
  const { assume } = await openFixture()
  const status = async (parameters: Record<string, string>) => (await assume(parameters)).status
  expect(await status({ RoleSessionName: 'a' })).toBe(400)
  expect(await status({ RoleSessionName: 'ab' })).toBe(200)
  expect(await status({ RoleSessionName: 'a'.repeat(64) })).toBe(200)
  expect(await status({ RoleSessionName: 'a'.repeat(65) })).toBe(400)
  expect(await status({ ExternalId: 'a' })).toBe(400)
  expect(await status({ ExternalId: 'ab' })).toBe(200)
  expect(await status({ ExternalId: 'a'.repeat(1224) })).toBe(200)
  expect(await status({ ExternalId: 'a'.repeat(1225) })).toBe(400)
  const { document } = policyOf('Allow')
  expect(await status({ Policy: document.padEnd(2048) })).toBe(200)
  expect(await status({ Policy: document.padEnd(2049) })).toBe(400)
})

test('Missing, wrong and unknown parameters are refused', async () => {
  const { assume } = await openFixture()
  expect((await assume({ RoleSessionName: 'a b' })).code).toBe('ValidationError')
  expect((await assume({ RoleArn: 'short' })).code).toBe('ValidationError')
  expect((await assume({ 'ProvidedContexts.member.1.ProviderArn': 'x' })).code).toBe('NotImplemented')
  expect((await assume({ TokenCode: '123456', SerialNumber: 'arn:aws:iam::1:mfa/x' })).code).toBe('AccessDenied')
  expect((await assume({ RoleArn: 'nothing-valid-in-here' })).message).toBe('nothing-valid-in-here is invalid')
})

test('Why a role may not be assumed is explained, though the answer does not say', async () => {
  const { database, assume } = await openFixture({ trustPolicy: trustOf({ AWS: accountId }) }, [policyOf('Deny')])
  const { message } = await assume()
  expect(message).not.toContain('because')
  expect(await new Explanations(database).find('last')).toMatchObject([
    {
      service: 'sts',
      operation: 'AssumeRole',
      error: { code: 'AccessDenied', message },
      rulings: [
        {
          action: 'sts:AssumeRole',
          resource: roleArn,
          allowed: false,
          because: 'with an explicit deny in an identity-based policy',
          statements: [
            { policy: 'trust policy', outcome: 'account' },
            { policy: 'identity policy own', outcome: 'principal' },
          ],
        },
      ],
    },
  ])
})
