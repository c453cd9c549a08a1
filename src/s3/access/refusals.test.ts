import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Permissions } from '../../access/sides.ts'
import { type Caller, rootCaller, userCaller } from '../../aws/caller.ts'
import { sessionCaller } from '../../identity/sessions.ts'
import { accountId, type CallOptions, openS3, owner, type S3Fixture } from '../s3.fixture.ts'
import { DeclaredIdentities, documentOf } from './identities.fixture.ts'

/* The words in which S3 refuses, and what it tells nobody. */

const app = userCaller(accountId, 'division/app')
const session = sessionCaller(`arn:aws:iam::${accountId}:role/path/worker`, 'job', 'ASIA', 0)
const stranger = userCaller('999999999999', 'stranger')
const root = rootCaller(accountId)
const object = 'arn:aws:s3:::bucket/a/key'
const allowAll = { Effect: 'Allow', Action: '*', Resource: '*' }

let s3: S3Fixture
let identities: DeclaredIdentities

beforeEach(async () => {
  identities = new DeclaredIdentities()
  s3 = await openS3('classic', identities)
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/a/key', { body: 'x' })
})
afterEach(() => s3.close())

async function answer(
  caller: CallOptions['caller'],
  method: string,
  target: string,
  headers: Record<string, string> = {},
) {
  const { status, code, text } = await s3.call(method, target, { caller, headers })
  const message = /<Message>(.*?)<\/Message>/.exec(text)?.[1]?.replaceAll('&quot;', '"')
  return [status, code, message]
}

async function putPolicy(...statements: object[]) {
  const resources = { Resource: ['arn:aws:s3:::bucket', 'arn:aws:s3:::bucket/*'] }
  const body = documentOf(statements.map((statement) => ({ Principal: '*', ...resources, ...statement })))
  expect((await s3.call('PUT', '/bucket?policy', { body, caller: root })).text).toBe('')
}

function sentence({ arn }: Caller, action: string, resource: string, reason: string) {
  return [
    403,
    'AccessDenied',
    `User: ${arn} is not authorized to perform: ${action} on resource: "${resource}" ${reason}`,
  ]
}

test('Nothing allows: the user and the session are named as AWS names them', async () => {
  identities.policies.set(app.arn, [])
  identities.policies.set(session.role?.arn ?? '', [])
  for (const caller of [app, session]) {
    expect(await answer(caller, 'GET', '/bucket/a/key')).toEqual(
      sentence(caller, 's3:GetObject', object, 'because no identity-based policy allows the s3:GetObject action'),
    )
  }
  expect(session.arn).toBe(`arn:aws:sts::${accountId}:assumed-role/worker/job`)
  expect(await answer(app, 'GET', '/bucket?list-type=2')).toEqual(
    sentence(
      app,
      's3:ListBucket',
      'arn:aws:s3:::bucket',
      'because no identity-based policy allows the s3:ListBucket action',
    ),
  )
  expect(await answer(app, 'GET', '/')).toEqual([
    403,
    'AccessDenied',
    `User: ${app.arn} is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action`,
  ])
  expect((await answer(app, 'PUT', '/another'))[2]).toContain(
    'perform: s3:CreateBucket on resource: "arn:aws:s3:::another"',
  )
})

test('An explicit deny of each side', async () => {
  const deny = { Effect: 'Deny', Action: 's3:GetObject', Resource: '*' }
  identities.policies.set(app.arn, [allowAll, deny])
  const denied = (side: string) => sentence(app, 's3:GetObject', object, `with an explicit deny in ${side}`)
  expect(await answer(app, 'GET', '/bucket/a/key')).toEqual(denied('an identity-based policy'))
  identities.policies.set(app.arn, [allowAll])
  identities.boundaries.set(app.arn, [allowAll, deny])
  expect(await answer(app, 'GET', '/bucket/a/key')).toEqual(denied('a permissions boundary'))
  identities.boundaries.clear()
  identities.sessions.set(app.arn, [allowAll, deny])
  expect(await answer(app, 'GET', '/bucket/a/key')).toEqual(denied('a session policy'))
  identities.sessions.clear()
  await putPolicy({ Effect: 'Deny', Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket/*' })
  expect(await answer(app, 'GET', '/bucket/a/key')).toEqual(denied('a resource-based policy'))
})

test('An explicit deny of a managed policy names it, that of an inline one and of a bucket policy does not', async () => {
  const arn = `arn:aws:iam::${accountId}:policy/limits`
  const deny = documentOf([{ Effect: 'Deny', Action: 's3:GetObject', Resource: '*' }])
  const all = { name: 'all', document: documentOf([allowAll]) }
  const managed = { name: 'limits', document: deny, arn }
  const told = async (permissions: Permissions) => {
    const of = await openS3('classic', { permissionsOf: ({ type }) => (type === 'IAMUser' ? permissions : {}) })
    await of.call('PUT', '/bucket', { caller: root })
    const { text } = await of.call('GET', '/bucket/a/key', { caller: app })
    await of.close()
    return / (with an explicit deny[^<]*)</.exec(text)?.[1]
  }
  expect(await told({ identity: [all, managed] })).toBe(`with an explicit deny in an identity-based policy: ${arn}`)
  expect(await told({ boundary: managed })).toBe(`with an explicit deny in a permissions boundary: ${arn}`)
  expect(await told({ session: [all, managed] })).toBe(`with an explicit deny in a session policy: ${arn}`)
  const inline = { name: 'limits', document: deny }
  expect(await told({ identity: [all, inline] })).toBe('with an explicit deny in an identity-based policy')
  expect(await told({ identity: [inline, managed] })).toBe('with an explicit deny in an identity-based policy')
})

test('Who began an upload stops it and lists its parts without any policy, others of the account do not', async () => {
  const begin = async (caller: Caller) => {
    identities.policies.set(caller.arn, [{ Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }])
    const { text } = await s3.call('POST', '/bucket/big?uploads', { caller })
    return /<UploadId>(.*?)</.exec(text)?.[1]
  }
  const id = await begin(app)
  const other = userCaller(accountId, 'other')
  identities.policies.set(other.arn, [{ Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }])
  const resource = 'arn:aws:s3:::bucket/big'
  const missing = (action: string) =>
    sentence(other, action, resource, `because no identity-based policy allows the ${action} action`)
  expect(await answer(other, 'GET', `/bucket/big?uploadId=${id}`)).toEqual(missing('s3:ListMultipartUploadParts'))
  expect(await answer(other, 'DELETE', `/bucket/big?uploadId=${id}`)).toEqual(missing('s3:AbortMultipartUpload'))
  expect((await answer(app, 'GET', `/bucket/big?uploadId=${id}`))[0]).toBe(200)
  await putPolicy({ Effect: 'Deny', Action: 's3:AbortMultipartUpload', Resource: 'arn:aws:s3:::bucket/*' })
  const denied = 'with an explicit deny in a resource-based policy'
  expect(await answer(app, 'DELETE', `/bucket/big?uploadId=${id}`)).toEqual(
    sentence(app, 's3:AbortMultipartUpload', resource, denied),
  )
  await putPolicy({
    Effect: 'Allow',
    Principal: { AWS: '999999999999' },
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::bucket/*',
  })
  expect((await answer(app, 'DELETE', `/bucket/big?uploadId=${id}`))[0]).toBe(204)
  const theirs = await begin(stranger)
  expect((await answer(rootCaller('999999999999'), 'GET', `/bucket/big?uploadId=${theirs}`))[0]).toBe(200)
  expect((await answer(stranger, 'DELETE', `/bucket/big?uploadId=${theirs}`))[0]).toBe(204)
})

test('That public ACLs are blocked is told to who may put none, too', async () => {
  await s3.call('PUT', '/bucket?publicAccessBlock', {
    body: '<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>',
  })
  identities.policies.set(app.arn, [{ Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }])
  const blocked = 'because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.'
  const group = 'uri=http://acs.amazonaws.com/groups/global/AllUsers'
  const asked: Record<string, string>[] = [{ 'x-amz-acl': 'public-read' }, { 'x-amz-grant-read': group }]
  for (const headers of asked) {
    const ofObject = sentence(app, 's3:PutObjectAcl', object, blocked)
    expect(await answer(app, 'PUT', '/bucket/a/key?acl', headers)).toEqual(ofObject)
    expect(await answer(app, 'PUT', '/bucket/a/key', headers)).toEqual(ofObject)
    expect(await answer(app, 'PUT', '/bucket?acl', headers)).toEqual(
      sentence(app, 's3:PutBucketAcl', 'arn:aws:s3:::bucket', blocked),
    )
  }
  expect(await answer(app, 'PUT', '/bucket/a/key?acl', { 'x-amz-acl': 'private' })).toEqual(
    sentence(app, 's3:PutObjectAcl', object, 'because no identity-based policy allows the s3:PutObjectAcl action'),
  )
})

test('Which fields an inventory may tell is a matter of policies', async () => {
  const fields = { 'ForAllValues:StringEquals': { 's3:InventoryAccessibleOptionalFields': ['Size', 'ETag'] } }
  const action = 's3:PutInventoryConfiguration'
  identities.policies.set(app.arn, [{ Effect: 'Allow', Action: action, Resource: '*', Condition: fields }])
  const put = async (...names: string[]) => {
    const optional = names.map((name) => `<Field>${name}</Field>`).join('')
    const body =
      '<InventoryConfiguration><Destination><S3BucketDestination><Bucket>arn:aws:s3:::bucket</Bucket><Format>CSV</Format>' +
      '</S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Id>i</Id><IncludedObjectVersions>Current</IncludedObjectVersions>' +
      `<OptionalFields>${optional}</OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>`
    return (await s3.call('PUT', '/bucket?inventory&id=i', { caller: app, body })).status
  }
  expect([await put('Size'), await put('Size', 'StorageClass')]).toEqual([204, 403])
})

test('A boundary and a session policy that do not allow', async () => {
  identities.policies.set(app.arn, [allowAll])
  identities.boundaries.set(app.arn, [])
  const missing = (kind: string) =>
    sentence(app, 's3:GetObject', object, `because no ${kind} allows the s3:GetObject action`)
  expect(await answer(app, 'GET', '/bucket/a/key')).toEqual(missing('permissions boundary'))
  identities.boundaries.clear()
  identities.sessions.set(app.arn, [])
  expect(await answer(app, 'GET', '/bucket/a/key')).toEqual(missing('session policy'))
})

test('A bucket policy that names the user itself needs no boundary, one that names everybody does; of a role only the session', async () => {
  const reads = async (caller: Caller, principal: unknown) => {
    await putPolicy({
      Effect: 'Allow',
      Principal: principal,
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::bucket/*',
    })
    return (await answer(caller, 'GET', '/bucket/a/key'))[0]
  }
  identities.policies.set(app.arn, [])
  identities.boundaries.set(app.arn, [])
  expect(await reads(app, { AWS: app.arn })).toBe(200)
  expect(await reads(app, '*')).toBe(403)
  identities.boundaries.clear()
  expect(await reads(app, '*')).toBe(200)
  expect(await reads(app, { AWS: accountId })).toBe(403)
  const role = session.role?.arn ?? ''
  identities.policies.set(role, [])
  identities.sessions.set(session.arn, [])
  expect(await reads(session, { AWS: role })).toBe(403)
  expect(await reads(session, { AWS: session.arn })).toBe(200)
})

test('HEAD is a bare 403; refused HeadBucket and lists name the Region, refused objects do not', async () => {
  identities.policies.set(app.arn, [])
  const region = async (method: string, target: string) => {
    const { status, headers, text } = await s3.call(method, target, { caller: app })
    return [status, method === 'HEAD' ? text : '', headers.get('x-amz-bucket-region')]
  }
  expect(await region('HEAD', '/bucket')).toEqual([403, '', 'us-east-1'])
  expect(await region('GET', '/bucket')).toEqual([403, '', 'us-east-1'])
  expect(await region('HEAD', '/bucket/a/key')).toEqual([403, '', null])
  expect(await region('GET', '/bucket/a/key')).toEqual([403, '', null])
})

test('Other accounts and nobody are told nothing', async () => {
  for (const caller of [stranger, 'anonymous'] as const) {
    expect(await answer(caller, 'GET', '/bucket/a/key')).toEqual([403, 'AccessDenied', 'Access Denied'])
    expect(await answer(caller, 'GET', '/bucket/none')).toEqual([403, 'AccessDenied', 'Access Denied'])
    expect((await answer(caller, 'GET', '/no-such-bucket/key'))[1]).toBe('NoSuchBucket')
  }
})

test('That a key is missing is told only to who may list the bucket', async () => {
  const list = { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::bucket' }
  const read = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket/*' }
  const noList = 'because no identity-based policy allows the s3:ListBucket action'
  identities.policies.set(app.arn, [read])
  expect(await answer(app, 'GET', '/bucket/none')).toEqual(
    sentence(app, 's3:ListBucket', 'arn:aws:s3:::bucket', noList),
  )
  expect((await answer(app, 'HEAD', '/bucket/none'))[0]).toBe(403)
  expect((await answer(app, 'GET', '/bucket/a/key'))[0]).toBe(200)
  identities.policies.set(app.arn, [read, list])
  expect((await answer(app, 'GET', '/bucket/none')).slice(0, 2)).toEqual([404, 'NoSuchKey'])
  expect((await answer(app, 'HEAD', '/bucket/none'))[0]).toBe(404)
  identities.policies.set(app.arn, [list])
  for (const key of ['none', 'a/key']) {
    expect((await answer(app, 'GET', `/bucket/${key}`))[2]).toContain('perform: s3:GetObject on')
  }
  await putPolicy({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket/*' })
  expect((await answer('anonymous', 'GET', '/bucket/a/key'))[0]).toBe(200)
  expect(await answer('anonymous', 'GET', '/bucket/none')).toEqual([403, 'AccessDenied', 'Access Denied'])
})

test('That a version is missing is told only to who may list the bucket', async () => {
  const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  await s3.call('PUT', '/bucket?versioning', { body: versioning })
  const written = await s3.call('PUT', '/bucket/key', { body: 'x' })
  const missing = `/bucket/key?versionId=${written.headers.get('x-amz-version-id')}`
  await s3.call('DELETE', missing)
  const read = { Effect: 'Allow', Action: 's3:GetObject*', Resource: 'arn:aws:s3:::bucket/*' }
  const list = { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::bucket' }
  identities.policies.set(app.arn, [read])
  const noList = 'because no identity-based policy allows the s3:ListBucket action'
  const refused = sentence(app, 's3:ListBucket', 'arn:aws:s3:::bucket', noList)
  for (const target of [missing, missing.replace('?', '?tagging&')]) {
    expect(await answer(app, 'GET', target)).toEqual(refused)
  }
  expect((await answer(app, 'HEAD', missing))[0]).toBe(403)
  identities.policies.set(app.arn, [read, list])
  expect((await answer(app, 'GET', missing)).slice(0, 2)).toEqual([404, 'NoSuchVersion'])
  expect((await answer(app, 'HEAD', missing))[0]).toBe(404)
})

test('The first need that is refused is named, those that headers add too', async () => {
  const put = { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }
  identities.policies.set(app.arn, [put])
  const tagged = await answer(app, 'PUT', '/bucket/a/key', { 'x-amz-tagging': 'a=b' })
  expect(tagged[2]).toContain('perform: s3:PutObjectTagging on')
  const versioned = await answer(app, 'GET', '/bucket/a/key?versionId=null')
  expect(versioned[2]).toContain('perform: s3:GetObjectVersion on')
})

test('A writer of another account may send an ACL along, one of the own needs a permission for it', async () => {
  await putPolicy({ Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::bucket/*' })
  const headers = { 'x-amz-acl': 'bucket-owner-full-control' }
  expect((await answer(stranger, 'PUT', '/bucket/theirs', headers))[0]).toBe(200)
  identities.policies.set(app.arn, [])
  expect((await answer(app, 'PUT', '/bucket/ours', headers))[2]).toContain('perform: s3:PutObjectAcl on')
})

test('A copy is weighed in both buckets, each with its own policy and owner', async () => {
  await s3.call('PUT', '/theirs', { caller: stranger })
  await s3.call('PUT', '/theirs/key', { caller: stranger, body: 'x' })
  const headers = { 'x-amz-copy-source': 'theirs/key' }
  expect(await answer(owner, 'PUT', '/bucket/copy', headers)).toEqual([403, 'AccessDenied', 'Access Denied'])
  const body = documentOf([
    { Effect: 'Allow', Principal: { AWS: accountId }, Action: 's3:GetObject', Resource: 'arn:aws:s3:::theirs/*' },
  ])
  await s3.call('PUT', '/theirs?policy', { caller: stranger, body })
  expect((await answer(owner, 'PUT', '/bucket/copy', headers))[0]).toBe(200)
  const missing = { 'x-amz-copy-source': 'theirs/none' }
  expect(await answer(owner, 'PUT', '/bucket/copy', missing)).toEqual([403, 'AccessDenied', 'Access Denied'])
  const others = { ...headers, 'x-amz-source-expected-bucket-owner': accountId }
  expect(await answer(owner, 'PUT', '/bucket/copy', others)).toEqual([403, 'AccessDenied', 'Access Denied'])
  identities.policies.set(app.arn, [{ Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }])
  await s3.call('PUT', '/bucket/a/key', { body: 'x' })
  expect(await answer(app, 'PUT', '/bucket/copy', { 'x-amz-copy-source': 'bucket/a/key' })).toEqual(
    sentence(app, 's3:GetObject', object, 'because no identity-based policy allows the s3:GetObject action'),
  )
})

test('A header that names a source where nothing is copied changes nothing of what is told', async () => {
  await s3.call('PUT', '/own')
  const readAll = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
  const listOwn = { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::own' }
  identities.policies.set(app.arn, [readAll, listOwn])
  const words = sentence(
    app,
    's3:ListBucket',
    'arn:aws:s3:::bucket',
    'because no identity-based policy allows the s3:ListBucket action',
  )
  for (const source of ['own/key', '/own/key', 'own', '%', 'own/%zz', '']) {
    expect(await answer(app, 'GET', '/bucket/none', { 'x-amz-copy-source': source })).toEqual(words)
  }
})

test('DeleteObjects decides every key by itself, with the words of DeleteObject', async () => {
  await s3.call('PUT', '/bucket/b', { body: 'x' })
  identities.policies.set(app.arn, [
    { Effect: 'Allow', Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::bucket/a/*' },
  ])
  const body =
    '<Delete><Object><Key>a/key</Key></Object><Object><Key>b</Key></Object>' +
    '<Object><Key>a/key</Key><VersionId>null</VersionId></Object></Delete>'
  const { createHash } = await import('node:crypto')
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  const { status, text } = await s3.call('POST', '/bucket?delete', { caller: app, body, headers })
  expect(status).toBe(200)
  const told = text.replaceAll('&quot;', '"')
  expect(told).toContain('<Deleted><Key>a/key</Key></Deleted>')
  const reason = (action: string) => `because no identity-based policy allows the ${action} action`
  expect(told).toContain(
    `<Error><Key>b</Key><Code>AccessDenied</Code><Message>User: ${app.arn} is not authorized to perform: s3:DeleteObject on resource: "arn:aws:s3:::bucket/b" ${reason('s3:DeleteObject')}</Message></Error>`,
  )
  expect(told).toContain(`perform: s3:DeleteObjectVersion on resource: "${object}" ${reason('s3:DeleteObjectVersion')}`)
})

test('Root cannot be locked out of the policy of its bucket, but of all else', async () => {
  await putPolicy({ Effect: 'Deny', Action: 's3:*' })
  expect((await answer(root, 'GET', '/bucket/a/key'))[2]).toContain('with an explicit deny in a resource-based policy')
  expect((await answer(root, 'GET', '/bucket?policyStatus'))[0]).toBe(403)
  expect((await answer(owner, 'DELETE', '/bucket?policy'))[0]).toBe(403)
  expect((await answer(root, 'GET', '/bucket?policy'))[0]).toBe(200)
  expect((await answer(root, 'DELETE', '/bucket?policy'))[0]).toBe(204)
  expect((await answer(owner, 'GET', '/bucket/a/key'))[0]).toBe(200)
})

test('The policy of a bucket is no other account’s to see or change, whatever it allows; its status is', async () => {
  await putPolicy({ Effect: 'Allow', Action: 's3:*' })
  for (const method of ['GET', 'PUT', 'DELETE']) {
    expect((await answer(stranger, method, '/bucket?policy')).slice(0, 2)).toEqual([405, 'MethodNotAllowed'])
  }
  expect((await answer(stranger, 'GET', '/bucket?policyStatus'))[0]).toBe(200)
})

test('A public policy is refused where the public access block says so, to root too', async () => {
  const current = await openS3('current', identities)
  await current.call('PUT', '/bucket')
  const body = documentOf([
    { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket/*' },
  ])
  const put = async (caller: Caller) => {
    const { status, text } = await current.call('PUT', '/bucket?policy', { caller, body })
    return [status, /<Message>(.*?)<\/Message>/.exec(text)?.[1]?.replaceAll('&quot;', '"')]
  }
  const reason = 'because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.'
  expect(await put(root)).toEqual([403, sentence(root, 's3:PutBucketPolicy', 'arn:aws:s3:::bucket', reason)[2]])
  expect((await current.call('DELETE', '/bucket?publicAccessBlock')).status).toBe(204)
  expect(await put(owner)).toEqual([204, undefined])
  expect((await current.call('GET', '/bucket/none', { caller: 'anonymous' })).code).toBe('AccessDenied')
  expect((await (await current.call('GET', '/bucket?policyStatus')).xml('PolicyStatus')).IsPublic).toBe('true')
  await current.close()
})
