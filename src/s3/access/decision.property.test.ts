import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { PolicyCache } from '../../access/policy-cache.ts'
import { policiesOfCaller, type SidePolicies, weighSides } from '../../access/sides.ts'
import { anonymousCaller, type Caller, rootCaller, userCaller } from '../../aws/caller.ts'
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

const conditions = fc.constantFrom(
  undefined,
  { StringEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
  { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
  { StringLikeIfExists: { 's3:prefix': 'a*' } },
  { Null: { 's3:x-amz-acl': 'true' } },
  { Bool: { 'aws:SecureTransport': 'true' } },
  { 'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['a', 'b'] } },
  { StringEquals: { 's3:RequestObjectTag/owner': `\${aws:username}` } },
  { NumericLessThan: { 's3:signatureAge': '1000' } },
)
const statements = fc.record({
  Effect: fc.constantFrom('Allow', 'Deny'),
  Principal: fc.constantFrom<unknown>('*', { AWS: accountId }, { AWS: '999999999999' }, { AWS: callers[0]?.arn }),
  Action: fc.constantFrom('*', 's3:*', 's3:Put*', 's3:PutObject', 's3:GetObject'),
  Resource: fc.constantFrom('*', 'arn:aws:s3:::b', 'arn:aws:s3:::b/*', `arn:aws:s3:::b/home/\${aws:username}/*`),
  Condition: conditions,
})
type Drawn = { Effect: string; Principal: unknown }
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
const withoutPrincipal = ({ Principal: _nobody, ...statement }: Drawn) => statement

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
  const silent = { acl: undefined, isNamedItself: false, isInitiator: false, isRestricted: false }
  return decide({ action, caller, bucket, sides, ...silent }).allowed
}

async function* none(): AsyncGenerator<Uint8Array> {}

const side = fc.constantFrom<keyof Sets>('resource', 'identity', 'boundary', 'session')
const added = (given: Sets, where: keyof Sets, more: Drawn): Sets => ({ ...given, [where]: [...given[where], more] })

test('Another Deny never lets anybody in', () => {
  fc.assert(
    fc.property(sets, side, statements, requests, (given, where, more, request) => {
      const after = isAllowed(added(given, where, { ...more, Effect: 'Deny' }), request)
      expect([isAllowed(given, request), after]).not.toEqual([false, true])
    }),
    { numRuns: 400 },
  )
})

test('Another Allow never keeps anybody out', () => {
  fc.assert(
    fc.property(sets, side, statements, requests, (given, where, more, request) => {
      const after = isAllowed(added(given, where, { ...more, Effect: 'Allow' }), request)
      expect([isAllowed(given, request), after]).not.toEqual([true, false])
    }),
    { numRuns: 400 },
  )
})
