import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Explanations } from '../../access/explanations.ts'
import { anonymousCaller, type Caller, canonicalUserId, userCaller } from '../../aws/caller.ts'
import { AwsError } from '../../aws/errors.ts'
import { knownByDocument } from '../needs.ts'
import type { AddressedRequest, S3Operation, S3Services } from '../operation.ts'
import { operations } from '../operations/index.ts'
import { allUsers, authenticatedUsers } from '../records/acl.ts'
import { BucketStore } from '../records/buckets.ts'
import { ConfigurationStore } from '../records/configurations.ts'
import { ObjectStore } from '../records/objects.ts'
import { UploadStore } from '../records/uploads.ts'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'
import { AccessControl } from './access-control.ts'
import { operationsByPermission } from './acl-mapping.fixture.ts'
import { checkAccess } from './admission.ts'
import { DeclaredIdentities } from './identities.fixture.ts'

/*
 * Every operation × what ACLs grant × to whom × who calls × what its identity policies say, held against the table of Amazon's
 * User Guide ("Mapping of ACL permissions and access policy permissions") as it stands here.
 */

const otherAccount = '111111111111'
const callers: Record<string, Caller> = {
  'a user of the account': userCaller(accountId, 'app'),
  'a user of the granted account': userCaller(otherAccount, 'partner'),
  'a user of another account': userCaller('999999999999', 'stranger'),
  nobody: anonymousCaller,
}
const grantees: Record<string, string> = {
  'an account': `id=${canonicalUserId(otherAccount)}`,
  everybody: `uri=${allUsers}`,
  'all with an account': `uri=${authenticatedUsers}`,
}

type Word = 'none' | 'silent' | 'allow' | 'deny'

/** What the model expects. */
function isLetIn(name: string, who: string, identity: Word, permission: string, grantee: string): boolean {
  const own = identity === 'none' || identity === 'allow'
  const isGranted = operationsByPermission[permission]?.includes(name) ?? false
  if (who === 'nobody') return isGranted && grantee === 'everybody' && name !== 'CreateMultipartUpload'
  if (identity === 'deny') return false
  if (who === 'a user of the account') return own || (isGranted && grantee !== 'an account')
  return own && isGranted && (grantee !== 'an account' || who === 'a user of the granted account')
}

let s3: S3Fixture
let identities: DeclaredIdentities
let services: Pick<S3Services, 'access' | 'buckets' | 'objects'>

beforeEach(async () => {
  identities = new DeclaredIdentities()
  s3 = await openS3('classic')
  const { database, blobs, ambient } = s3
  const buckets = new BucketStore(database)
  const configurations = new ConfigurationStore(database)
  const uploads = new UploadStore({ database, blobs, ambient })
  const objects = new ObjectStore({ database, blobs, buckets, ambient })
  const access = new AccessControl({
    identities,
    ambient,
    database,
    explanations: new Explanations(database),
    buckets,
    configurations,
    objects,
    uploads,
  })
  services = { access, buckets, objects }
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/key', { body: 'x' })
})
afterEach(() => s3.close())

async function grant(permission: string, grantee: string): Promise<void> {
  const headers = { [`x-amz-grant-${permission.toLowerCase().replace('_', '-')}`]: grantees[grantee] ?? '' }
  for (const target of ['/bucket?acl', '/bucket/key?acl']) {
    expect((await s3.call('PUT', target, { headers })).status).toBe(200)
  }
}

function setIdentity(word: Word): void {
  identities.policies.clear()
  if (word === 'none') return
  const statement = {
    Effect: word === 'deny' ? 'Deny' : 'Allow',
    Action: word === 'silent' ? 'kms:*' : 's3:*',
    Resource: '*',
  }
  const declared = Object.values(callers).filter(({ type }) => type !== 'Anonymous')
  for (const { arn } of declared) identities.policies.set(arn, [statement])
}

/** WRITE is for keys that are new. */
function requestOf({ name }: S3Operation, caller: Caller): AddressedRequest {
  const request: Partial<AddressedRequest> = {
    operation: name,
    bucketName: 'bucket',
    key: operationsByPermission.WRITE?.includes(name) ? 'new' : 'key',
    query: new Map(),
    headers: {},
    call: { method: 'GET', path: '/', query: '', headers: {}, body: none(), clientAddress: '::1', secure: true },
    authentication: { caller, signature: 'none', method: 'none', region: 'us-east-1', payload: { coding: 'unsigned' } },
  }
  return request as AddressedRequest
}

async function* none(): AsyncGenerator<Uint8Array> {}

function outcomeOf(operation: S3Operation, caller: Caller): boolean {
  try {
    checkAccess(services, operation, requestOf(operation, caller))
    return true
  } catch (error) {
    if (error instanceof AwsError && error.code === 'AccessDenied') return false
    throw error
  }
}

/** On a bucket that is there, and decided before its document is read; a copy reads a source beside what it writes. */
const decided = operations.filter(
  ({ name, level, needs }) =>
    (level === 'bucket' || level === 'object') && needs !== knownByDocument && !/Copy/.test(name),
)
const cases = Object.keys(operationsByPermission).flatMap((permission) =>
  Object.keys(grantees).map((grantee) => [permission, grantee] as const),
)

test.each(cases)('%s to %s: every operation, every caller, every identity policy', async (permission, grantee) => {
  await grant(permission, grantee)
  const wrong: string[] = []
  for (const identity of ['none', 'silent', 'allow', 'deny'] as const) {
    setIdentity(identity)
    for (const operation of decided) {
      for (const [who, caller] of Object.entries(callers)) {
        const expected = isLetIn(operation.name, who, identity, permission, grantee)
        if (outcomeOf(operation, caller) !== expected) {
          wrong.push(`${operation.name} by ${who} (${identity}): not ${expected}`)
        }
      }
    }
  }
  expect(wrong).toEqual([])
})

test.each(['an account', 'everybody', 'all with an account'])(
  'WRITE to %s writes over no object of another account',
  async (grantee) => {
    await grant('FULL_CONTROL', grantee)
    const caller = userCaller(otherAccount, 'partner')
    expect((await s3.call('PUT', '/bucket/key', { body: 'y', caller })).code).toBe('AccessDenied')
    expect((await s3.call('PUT', '/bucket/new', { body: 'y', caller })).status).toBe(200)
    expect((await s3.call('PUT', '/bucket/new', { body: 'z', caller })).status).toBe(200)
  },
)

/* Measured at AWS: the bucket's owner, with all that its policies can give, and an object that another account wrote. */
test.each([
  ['GET', '/bucket/new', false],
  ['HEAD', '/bucket/new', false],
  ['GET', '/bucket/new?attributes', false],
  ['GET', '/bucket/new?acl', false],
  ['PUT', '/bucket/new?acl', false],
  ['GET', '/bucket?list-type=2', true],
  ['PUT', '/bucket/new', true],
  ['DELETE', '/bucket/new', true],
])('%s %s of an object that another account wrote, by the bucket’s owner: %p', async (method, target, isAllowed) => {
  await grant('WRITE', 'an account')
  await s3.call('PUT', '/bucket/new', { body: 'y', caller: userCaller(otherAccount, 'partner') })
  const resources = { Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::bucket', 'arn:aws:s3:::bucket/*'] }
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...resources }] })
  expect((await s3.call('PUT', '/bucket?policy', { body: policy })).status).toBe(204)
  await s3.call('PUT', '/bucket?acl', { headers: { 'x-amz-acl': 'private' } })
  const headers = { 'x-amz-object-attributes': 'ETag', 'x-amz-acl': 'private' }
  for (const _ of ['with a policy', 'without']) {
    const { status } = await s3.call(method, target, { headers })
    expect(status < 300).toBe(isAllowed)
    await s3.call('DELETE', '/bucket?policy')
  }
})

test('An object that another account wrote is no source for the copies of the bucket’s owner', async () => {
  await grant('WRITE', 'an account')
  await s3.call('PUT', '/bucket/new', { body: 'y', caller: userCaller(otherAccount, 'partner') })
  const headers = { 'x-amz-copy-source': '/bucket/new' }
  expect((await s3.call('PUT', '/bucket/copy', { headers })).code).toBe('AccessDenied')
})
