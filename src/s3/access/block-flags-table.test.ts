import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { rootCaller, userCaller } from '../../aws/caller.ts'
import { accountId, openS3, owner, type S3Fixture } from '../s3.fixture.ts'
import { DeclaredIdentities, documentOf } from './identities.fixture.ts'

/*
 * Every request that puts an ACL or a policy × what it asks for × the flags that block × who owns objects × what the caller may, held
 * against a model of the table "Block public access settings" in the Amazon S3 User Guide.
 */

const app = userCaller(accountId, 'app')
const root = rootCaller(accountId)
let s3: S3Fixture
let identities: DeclaredIdentities

beforeEach(async () => {
  identities = new DeclaredIdentities()
  s3 = await openS3('classic', identities)
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/key', { body: 'x' })
})
afterEach(() => s3.close())

const allUsers = 'http://acs.amazonaws.com/groups/global/AllUsers'
const authenticated = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers'
/** What is asked for: whether it is public, and whether a bucket without ACLs takes it with a write. */
const asked: readonly { headers: Record<string, string>; isPublic: boolean; asksForNothing: boolean }[] = [
  { headers: { 'x-amz-acl': 'private' }, isPublic: false, asksForNothing: true },
  { headers: { 'x-amz-acl': 'bucket-owner-full-control' }, isPublic: false, asksForNothing: true },
  { headers: { 'x-amz-acl': 'aws-exec-read' }, isPublic: false, asksForNothing: false },
  { headers: { 'x-amz-acl': 'public-read' }, isPublic: true, asksForNothing: false },
  { headers: { 'x-amz-acl': 'authenticated-read' }, isPublic: true, asksForNothing: false },
  { headers: { 'x-amz-grant-read': `uri="${allUsers}"` }, isPublic: true, asksForNothing: false },
  { headers: { 'x-amz-grant-read': `uri=${authenticated}` }, isPublic: true, asksForNothing: false },
]

interface Put {
  action: string
  resource: string
  method: string
  target: string
  headers?: Record<string, string>
  /** Beside its object. */
  isWrite: boolean
}
const ofObject = { action: 's3:PutObjectAcl', resource: 'arn:aws:s3:::bucket/key' }
const puts: Record<string, Put> = {
  PutBucketAcl: {
    action: 's3:PutBucketAcl',
    resource: 'arn:aws:s3:::bucket',
    method: 'PUT',
    target: '/bucket?acl',
    isWrite: false,
  },
  PutObjectAcl: { ...ofObject, method: 'PUT', target: '/bucket/key?acl', isWrite: false },
  PutObject: { ...ofObject, method: 'PUT', target: '/bucket/key', isWrite: true },
  CopyObject: {
    ...ofObject,
    resource: 'arn:aws:s3:::bucket/copy',
    method: 'PUT',
    target: '/bucket/copy',
    headers: { 'x-amz-copy-source': 'bucket/key' },
    isWrite: true,
  },
  CreateMultipartUpload: { ...ofObject, method: 'POST', target: '/bucket/key?uploads', isWrite: true },
}

const blockedReason = 'because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.'

interface Case {
  isBlocked: boolean
  isEnforced: boolean
  mayPutAcl: boolean
}

/** What the model expects: a status, a code, and the end of the refusal's sentence. */
function expected({ action, isWrite }: Put, ask: (typeof asked)[number], { isBlocked, isEnforced, mayPutAcl }: Case) {
  if (!isEnforced && isBlocked && ask.isPublic) return [403, 'AccessDenied', blockedReason]
  if (!mayPutAcl) return [403, 'AccessDenied', `because no identity-based policy allows the ${action} action`]
  if (isEnforced && !(isWrite && ask.asksForNothing)) return [400, 'AccessControlListNotSupported', undefined]
  return [200, undefined, undefined]
}

async function setFlag(flag: string, isOn: boolean): Promise<void> {
  const body = `<PublicAccessBlockConfiguration><${flag}>${isOn}</${flag}></PublicAccessBlockConfiguration>`
  expect((await s3.call('PUT', '/bucket?publicAccessBlock', { body, caller: root })).status).toBe(200)
}

async function setOwnership(isEnforced: boolean): Promise<void> {
  const ownership = isEnforced ? 'BucketOwnerEnforced' : 'ObjectWriter'
  const body = `<OwnershipControls><Rule><ObjectOwnership>${ownership}</ObjectOwnership></Rule></OwnershipControls>`
  await s3.call('PUT', '/bucket?acl', { headers: { 'x-amz-acl': 'private' }, caller: root })
  expect((await s3.call('PUT', '/bucket?ownershipControls', { body, caller: root })).status).toBe(200)
}

const cases = [false, true].flatMap((isBlocked) =>
  [false, true].flatMap((isEnforced) => [false, true].map((mayPutAcl): Case => ({ isBlocked, isEnforced, mayPutAcl }))),
)

test.each(cases)('Every ACL by every operation that takes one: %j', async (given) => {
  await setOwnership(given.isEnforced)
  await setFlag('BlockPublicAcls', given.isBlocked)
  const actions = ['s3:PutObject', 's3:GetObject', ...(given.mayPutAcl ? ['s3:Put*Acl'] : [])]
  identities.policies.set(app.arn, [{ Effect: 'Allow', Action: actions, Resource: '*' }])
  const wrong: unknown[] = []
  for (const [name, put] of Object.entries(puts)) {
    for (const ask of asked) {
      const headers = { ...put.headers, ...ask.headers }
      const { status, code, text } = await s3.call(put.method, put.target, { headers, caller: app })
      const [wantedStatus, wantedCode, reason] = expected(put, ask, given)
      const sentence = `User: ${app.arn} is not authorized to perform: ${put.action} on resource: "${put.resource}" ${reason}`
      const isSaid = reason === undefined || text.replaceAll('&quot;', '"').includes(`<Message>${sentence}</Message>`)
      if (status !== wantedStatus || code !== wantedCode || !isSaid) wrong.push({ name, headers, status, code, text })
    }
  }
  expect(wrong).toEqual([])
})

test.each([
  ['everybody', { Principal: '*' }, true],
  ['an account', { Principal: { AWS: '111111111111' } }, false],
  ['everybody of a network', { Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }, false],
  ['everybody but some, denied', { Effect: 'Deny', Principal: '*' }, false],
])('A policy for %s, with and without BlockPublicPolicy, by who may put it', async (_who, more, isPublic) => {
  const body = documentOf([{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket/*', ...more }])
  for (const isBlocked of [false, true]) {
    await setFlag('BlockPublicPolicy', isBlocked)
    for (const caller of [root, owner]) {
      const { status, text } = await s3.call('PUT', '/bucket?policy', { body, caller })
      expect(status).toBe(isBlocked && isPublic ? 403 : 204)
      expect(text.includes('BlockPublicPolicy')).toBe(isBlocked && isPublic)
    }
  }
})
