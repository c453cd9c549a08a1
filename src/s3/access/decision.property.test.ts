import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { PolicyCache } from '../../access/policy-cache.ts'
import { isNamedItself, policiesOfCaller, type SidePolicies, weighSides } from '../../access/sides.ts'
import { anonymousCaller, type Caller, rootCaller, userCaller } from '../../aws/caller.ts'
import { parsePolicy } from '../../aws/policy-parse.ts'
import { accountId } from '../s3.fixture.ts'
import { contextOf } from './condition-keys.ts'
import { decide } from './decision.ts'
import { documentOf } from './identities.fixture.ts'

/* Whatever policies say: another Deny lets in nobody, another Allow keeps out nobody. */

const callers: Caller[] = [
  userCaller(accountId, 'app'),
  rootCaller(accountId),
  userCaller('999999999999', 'stranger'),
  anonymousCaller,
]
const bucket = {
  name: 'b',
  region: 'us-east-1',
  ownerAccountId: accountId,
  creationDate: 0,
  objectOwnership: 'BucketOwnerEnforced' as const,
}

const operators = fc
  .tuple(
    fc.constantFrom('', '', 'ForAnyValue:', 'ForAllValues:'),
    fc.constantFrom(
      ...[
        'StringEquals',
        'StringNotEquals',
        'StringEqualsIgnoreCase',
        'StringLike',
        'StringNotLike',
        'Bool',
        'BinaryEquals',
      ],
      ...['NumericEquals', 'NumericLessThan', 'NumericGreaterThanEquals', 'DateGreaterThan', 'DateLessThanEquals'],
      ...['IpAddress', 'NotIpAddress', 'ArnLike', 'ArnNotEquals'],
    ),
    fc.constantFrom('', '', 'IfExists'),
  )
  .map((parts) => parts.join(''))
const keys = fc.oneof(
  fc.constantFrom(
    ...['s3:x-amz-server-side-encryption', 's3:prefix', 's3:max-keys', 's3:x-amz-acl', 's3:RequestObjectTagKeys'],
    ...['s3:RequestObjectTag/owner', 's3:ExistingObjectTag/owner', 's3:signatureAge', 's3:if-match', 's3:versionid'],
    ...['aws:SourceIp', 'aws:PrincipalArn', 'aws:CurrentTime', 'aws:SecureTransport', 'aws:username', 'aws:userid'],
    ...['aws:MultiFactorAuthAge', 'aws:PrincipalTag/team', 'AWS:TOKENISSUETIME', 's3:nothing', '', '/', '__proto__'],
  ),
  fc.string({ maxLength: 8 }),
)
const variable = fc.constantFrom(
  'aws:username',
  's3:prefix',
  "s3:x-amz-acl, 'none'",
  's3:RequestObjectTag/owner',
  '*',
  '',
)
const values = fc.oneof(
  fc.constantFrom(
    'aws:kms',
    'private',
    'owner',
    'app',
    'ana',
    'true',
    '10',
    '2026-11-29T12:00:00Z',
    '127.0.0.0/8',
    '::/0',
  ),
  fc.constantFrom(`arn:aws:iam::${accountId}:*`, 'a*', '*', '?', '**a?*', '$' + '{', ''),
  variable.map((name) => `\${${name}}/*`),
  fc.string({ maxLength: 6 }),
)
const tests = fc.dictionary(keys, fc.oneof(values, fc.array(values, { maxLength: 12 })), { maxKeys: 2 })
const conditions = fc.oneof(
  fc.constantFrom(
    undefined,
    { StringEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
    { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
    { Null: { 's3:x-amz-acl': 'true' } },
    { StringEquals: { 's3:RequestObjectTag/owner': `\${aws:username}` } },
  ),
  fc.dictionary(operators, tests, { maxKeys: 2 }),
)
const principals = fc.constantFrom<unknown>(
  '*',
  { AWS: accountId },
  { AWS: '999999999999' },
  { AWS: callers[0]?.arn },
  { AWS: callers.flatMap(({ arn }) => arn || []) },
  { Service: 'logging.s3.amazonaws.com' },
)
const actions = fc.constantFrom<unknown>('*', 's3:*', 's3:Put*', 's3:PutObject', ['s3:GetObject', 's3:List*'])
const resources = fc.constantFrom<unknown>(
  '*',
  'arn:aws:s3:::b',
  ['arn:aws:s3:::b/*', 'arn:aws:s3:::other/*'],
  `arn:aws:s3:::b/home/\${aws:username}/*`,
  `arn:aws:s3:::b/\${s3:prefix}`,
)
const statements = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    principal: fc.tuple(fc.constantFrom('Principal', 'NotPrincipal'), principals),
    action: fc.tuple(fc.constantFrom('Action', 'NotAction'), actions),
    resource: fc.tuple(fc.constantFrom('Resource', 'NotResource'), resources),
    Condition: conditions,
  })
  .map(({ Effect, principal, action, resource, Condition }) => ({
    Effect,
    ...Object.fromEntries([principal, action, resource]),
    Condition,
  }))
type Drawn = { Effect: string; Principal?: unknown; NotPrincipal?: unknown }
type Sets = { resource: Drawn[]; identity: Drawn[]; boundary: Drawn[]; session: Drawn[] }
const few = fc.array(statements, { maxLength: 4 })
const sets = fc.record({ resource: few, identity: few, boundary: few, session: few })
const headers = fc.constantFrom<Record<string, string>>(
  {},
  { 'x-amz-server-side-encryption': 'aws:kms' },
  { 'x-amz-acl': 'private', 'x-amz-tagging': 'owner=app&Owner=ana' },
)
const requests = fc.record({
  caller: fc.constantFrom(...callers),
  action: fc.constantFrom('s3:PutObject', 's3:GetObject', 's3:ListBucket'),
  headers,
})

const cache = new PolicyCache()
const withoutPrincipal = ({ Principal: _nobody, NotPrincipal: _all, ...statement }: Drawn) => statement

function isAllowed(
  given: Sets,
  { caller, action, headers }: { caller: Caller; action: string; headers: Record<string, string> },
) {
  const resource = action === 's3:ListBucket' ? 'arn:aws:s3:::b' : 'arn:aws:s3:::b/home/app/key'
  const own = (drawn: Drawn[]) => ({ name: 'own', document: documentOf(drawn.map(withoutPrincipal)) })
  const isRoot = caller.type === 'Root'
  const identities = {
    permissionsOf: () => ({
      identity: isRoot ? undefined : [own(given.identity)],
      boundary: own(given.boundary),
      session: [own(given.session)],
    }),
  }
  const policies: SidePolicies = {
    ...(caller.type === 'Anonymous' ? {} : policiesOfCaller(identities, cache, caller)),
    resource: [cache.attach('bucket policy', documentOf(given.resource), 'resource')],
  }
  const call = { method: 'GET', path: '/', query: '', headers, body: none(), clientAddress: '127.0.0.1', secure: false }
  const payload = { coding: 'unsigned' as const }
  const authentication = { caller, signature: 'none' as const, method: 'none' as const, region: 'us-east-1', payload }
  const request = { operation: 'PutObject', query: new Map(), headers, call, authentication, requestId: '' }
  const need = { action, resource }
  const context = contextOf({
    request,
    need,
    bucket,
    now: 0,
    findBucketTags: () => undefined,
    findUpload: () => undefined,
    findObject: () => undefined,
  })
  const sides = weighSides(policies, { action, resource, caller, context })
  const isAllowed = sides.resource?.decision === 'allow'
  const itself =
    isAllowed && policies.resource && sides.resource && isNamedItself(policies.resource, sides.resource, caller)
  const silent = { acl: undefined, isInitiator: false, isRestricted: false }
  return decide({ action, caller, bucket, sides, isNamedItself: itself === true, ...silent }).allowed
}

async function* none(): AsyncGenerator<Uint8Array> {}

const side = fc.constantFrom<keyof Sets>('resource', 'identity', 'boundary', 'session')
const added = (given: Sets, where: keyof Sets, more: Drawn): Sets => ({ ...given, [where]: [...given[where], more] })

test('What is drawn is read as policies, and neither lets everybody in nor nobody', () => {
  const outcomes = new Set<boolean>()
  fc.assert(
    fc.property(sets, requests, statements, (given, request, statement) => {
      parsePolicy(documentOf([statement]), 'resource')
      outcomes.add(isAllowed(given, request))
    }),
    { numRuns: 400 },
  )
  expect(outcomes.size).toBe(2)
})

test('Another Deny never lets anybody in', () => {
  fc.assert(
    fc.property(sets, side, statements, requests, (given, where, more, request) => {
      const after = isAllowed(added(given, where, { ...more, Effect: 'Deny' }), request)
      expect([isAllowed(given, request), after]).not.toEqual([false, true])
    }),
    { numRuns: 1000 },
  )
})

test('Another Allow never keeps anybody out', () => {
  fc.assert(
    fc.property(sets, side, statements, requests, (given, where, more, request) => {
      const after = isAllowed(added(given, where, { ...more, Effect: 'Allow' }), request)
      expect([isAllowed(given, request), after]).not.toEqual([true, false])
    }),
    { numRuns: 1000 },
  )
})
