import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { userCaller } from '../../aws/caller.ts'
import { Database } from '../../store/database.ts'
import { putGrant } from '../grants/grant-store.ts'
import type { KeyRecord } from '../keys/key.ts'
import { accountId, alice, region, stranger } from '../kms.fixture.ts'
import { Authorizer } from './authorization.ts'

/*
 * Random policies and grants over a small world, held against the rules in their shortest form. The small world makes
 * statements meet often; the table in authorization.test.ts holds the words.
 */

const app = userCaller(accountId, 'app', 'AKIAAPP')
const callers = [app, alice, stranger] as const
const actions = ['kms:Decrypt', 'kms:Encrypt'] as const
const principals = ['*', app.arn, alice.arn, stranger.arn, accountId, stranger.accountId] as const
const tenants = ['a', 'b', undefined] as const

const said = fc.record({
  effect: fc.oneof({ weight: 4, arbitrary: fc.constant('Allow') }, { weight: 1, arbitrary: fc.constant('Deny') }),
  action: fc.constantFrom(...actions, 'kms:*'),
  tenant: fc.constantFrom(...tenants),
})
const keyStatement = fc.record({ said, principal: fc.constantFrom(...principals) })
const grant = fc.record({
  grantee: fc.constantFrom(app.arn, alice.arn, stranger.arn),
  operation: fc.constantFrom('Decrypt', 'Encrypt'),
  tenant: fc.constantFrom(...tenants),
})
const world = fc.record({
  keyStatements: fc.array(keyStatement, { maxLength: 3 }),
  identityStatements: fc.option(fc.array(said, { maxLength: 3 }), { nil: undefined }),
  boundaryStatements: fc.option(fc.array(said, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 2 }),
  sessionStatements: fc.option(fc.array(said, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 4 }),
  grants: fc.array(grant, { maxLength: 2 }),
  caller: fc.constantFrom(...callers),
  action: fc.constantFrom(...actions),
  tenant: fc.constantFrom(...tenants),
})

type World = typeof world extends fc.Arbitrary<infer Type> ? Type : never
type Said = World['keyStatements'][number]['said']

/** The rules, without words. */
function isAllowed(given: World): boolean {
  const { keyStatements, identityStatements, boundaryStatements, sessionStatements, grants, caller, ...asked } = given
  const fits = ({ action, tenant }: Pick<Said, 'action' | 'tenant'>) =>
    (action === 'kms:*' || action === asked.action) && (tenant === undefined || tenant === asked.tenant)
  const names = (principal: string) => principal === '*' || principal === caller.arn
  const onKey = keyStatements.filter(
    ({ said, principal }) => fits(said) && (names(principal) || principal === caller.accountId),
  )
  const ofIdentity = identityStatements?.filter(fits)
  const ofBoundary = boundaryStatements?.filter(fits)
  const ofSession = sessionStatements?.filter(fits)
  const denies = [...onKey.map(({ said }) => said), ...(ofIdentity ?? []), ...(ofBoundary ?? []), ...(ofSession ?? [])]
  if (denies.some(({ effect }) => effect === 'Deny')) return false
  if (ofSession && ofSession.length === 0) return false
  const identityAllows = (!ofIdentity || ofIdentity.length > 0) && (!ofBoundary || ofBoundary.length > 0)
  const isOwn = caller.accountId === accountId
  const isDirect = onKey.some(({ principal }) => names(principal))
  if (onKey.length > 0 && ((isOwn && isDirect) || identityAllows)) return true
  const isGranted = grants.some(
    ({ grantee, operation, tenant }) => grantee === caller.arn && fits({ action: `kms:${operation}`, tenant }),
  )
  return isGranted && (isOwn || identityAllows)
}

function documentOf(statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

function statementOf({ effect, action, tenant }: Said): object {
  const Condition = tenant === undefined ? undefined : { StringEquals: { 'kms:EncryptionContext:tenant': tenant } }
  return { Effect: effect, Action: action, Resource: '*', Condition }
}

/** A policy may not be without statements: this one is about something else. */
const elsewhere = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }

async function ruled(given: World): Promise<boolean> {
  const { keyStatements, identityStatements, boundaryStatements, sessionStatements, grants, caller, action, tenant } =
    given
  const database = await Database.open({})
  const said = keyStatements.map(({ said, principal }) => ({ ...statementOf(said), Principal: { AWS: principal } }))
  const key: KeyRecord = {
    ...{ keyId: 'k', accountId, region, description: '', creationDate: 0, enabled: true, tags: [] },
    ...{ keySpec: 'SYMMETRIC_DEFAULT', keyUsage: 'ENCRYPT_DECRYPT', origin: 'AWS_KMS', keyManager: 'CUSTOMER' },
    policy: documentOf([{ ...elsewhere, Principal: '*' }, ...said]),
  }
  await database.transact((transaction) => {
    for (const [index, { grantee, operation, tenant: wanted }] of grants.entries()) {
      const constraints = wanted === undefined ? undefined : { EncryptionContextEquals: { Tenant: wanted } }
      const common = { region, keyId: key.keyId, issuingAccount: accountId, creationDate: 0 }
      putGrant(transaction, {
        ...common,
        grantId: `${index}`,
        granteePrincipal: grantee,
        operations: [operation],
        constraints,
      })
    }
  })
  const named = (name: string, statements: readonly Said[]) => {
    return { name, document: documentOf([elsewhere, ...statements.map(statementOf)]) }
  }
  const permissionsOf = () => ({
    identity: identityStatements && [named('own', identityStatements)],
    boundary: boundaryStatements && named('limit', boundaryStatements),
    session: sessionStatements && [named('session policy', sessionStatements)],
  })
  const context = { caller, region, requestId: '', clientAddress: '127.0.0.1', userAgent: '', secure: true }
  const encryptionContext = tenant === undefined ? undefined : { tenant }
  const question = {
    context,
    now: 0,
    input: {},
    action,
    resource: 'arn:k',
    key,
    encryptionContext,
  }
  const ruling = await new Authorizer({ permissionsOf }).rule(database, question)
  await database.close()
  return ruling.allowed
}

test('what is allowed follows the rules, whatever policies and grants there are', async () => {
  let allowed = 0
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const wanted = isAllowed(given)
      if (wanted) allowed++
      expect(await ruled(given)).toBe(wanted)
    }),
    { numRuns: 1500 },
  )
  // The small world is no trivial one.
  expect(allowed).toBeGreaterThan(100)
})
