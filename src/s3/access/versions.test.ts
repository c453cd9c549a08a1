import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'
import { DeclaredIdentities } from './identities.fixture.ts'

/* Versions have actions of their own: who may read an object, or delete it, may not touch what lies behind it. */

const app = userCaller(accountId, 'app')
const object = 'arn:aws:s3:::bucket/key'

let s3: S3Fixture
let identities: DeclaredIdentities
let old: string

beforeEach(async () => {
  identities = new DeclaredIdentities()
  s3 = await openS3('classic', identities)
  await s3.call('PUT', '/bucket')
  const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  await s3.call('PUT', '/bucket?versioning', { body })
  old = (await s3.call('PUT', '/bucket/key', { body: 'old' })).headers.get('x-amz-version-id') ?? ''
  await s3.call('PUT', '/bucket/key', { body: 'new' })
})
afterEach(() => s3.close())

function allow(...Action: string[]): void {
  identities.policies.set(app.arn, [{ Effect: 'Allow', Action, Resource: '*' }])
}

async function answer(method: string, target: string, headers: Record<string, string> = {}, body?: string) {
  const { status, text } = await s3.call(method, target.replace('OLD', old), { caller: app, headers, body })
  return [status, /perform: (\S+) on/.exec(text)?.[1]]
}

test.each([
  ['GET', '/bucket/key', 's3:GetObject', 's3:GetObjectVersion', {}],
  ['GET', '/bucket/key?acl', 's3:GetObjectAcl', 's3:GetObjectVersionAcl', {}],
  ['PUT', '/bucket/key?acl', 's3:PutObjectAcl', 's3:PutObjectVersionAcl', { 'x-amz-acl': 'private' }],
  ['DELETE', '/bucket/key', 's3:DeleteObject', 's3:DeleteObjectVersion', {}],
])('%s %s needs %s, and of a version %s', async (method, target, ofObject, ofVersion, headers) => {
  const versionTarget = `${target}${target.includes('?') ? '&' : '?'}versionId=OLD`
  allow(ofObject)
  expect(await answer(method, versionTarget, headers)).toEqual([403, ofVersion])
  allow(ofVersion)
  expect(await answer(method, target, headers)).toEqual([403, ofObject])
  expect((await answer(method, versionTarget, headers))[0]).toBeLessThan(300)
})

test('A copy of an old version needs to read that version', async () => {
  const headers = { 'x-amz-copy-source': `bucket/key?versionId=${old}` }
  allow('s3:PutObject', 's3:GetObject')
  expect(await answer('PUT', '/bucket/copy', headers)).toEqual([403, 's3:GetObjectVersion'])
  allow('s3:PutObject', 's3:GetObjectVersion')
  expect(await answer('PUT', '/bucket/copy', headers)).toEqual([200, undefined])
})

test('DeleteObjects weighs each version by itself', async () => {
  const named = `<Object><Key>key</Key><VersionId>${old}</VersionId></Object>`
  const body = `<Delete><Object><Key>key</Key></Object>${named}</Delete>`
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  allow('s3:DeleteObject')
  const { text } = await s3.call('POST', '/bucket?delete', { caller: app, headers, body })
  expect(text).toMatch(/<Deleted><Key>key<\/Key><DeleteMarker>true</)
  expect(text).toContain(`<Error><Key>key</Key><VersionId>${old}</VersionId><Code>AccessDenied</Code>`)
  expect((await s3.call('GET', `/bucket/key?versionId=${old}`)).text).toBe('old')
})

test('s3:VersionId names the version that may be read', async () => {
  const Condition = { StringEquals: { 's3:VersionId': old } }
  identities.policies.set(app.arn, [{ Effect: 'Allow', Action: 's3:GetObjectVersion', Resource: object, Condition }])
  expect(await answer('GET', '/bucket/key?versionId=OLD')).toEqual([200, undefined])
  expect(await answer('GET', '/bucket/key?versionId=null')).toEqual([403, 's3:GetObjectVersion'])
})

test('Who may not list the bucket learns of no delete marker', async () => {
  await s3.call('DELETE', '/bucket/key')
  allow('s3:GetObject')
  const reply = await s3.call('GET', '/bucket/key', { caller: app })
  expect([reply.status, reply.code, reply.headers.get('x-amz-delete-marker')]).toEqual([403, 'AccessDenied', null])
  allow('s3:GetObject', 's3:ListBucket')
  expect((await s3.call('GET', '/bucket/key', { caller: app })).headers.get('x-amz-delete-marker')).toBe('true')
})

test('Who lists versions needs a permission of its own', async () => {
  allow('s3:ListBucket')
  expect(await answer('GET', '/bucket?versions')).toEqual([403, 's3:ListBucketVersions'])
})
