import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { canonicalUserId, userCaller } from '../../aws/caller.ts'
import { DeclaredIdentities } from '../access/identities.fixture.ts'
import { openS3, type S3Fixture } from '../s3.fixture.ts'
import { configure, createVersioned, role, ruleTo, statusOf, versionsIn } from './replication.fixture.ts'

let s3: S3Fixture
let identities: DeclaredIdentities
beforeEach(async () => {
  identities = new DeclaredIdentities()
  s3 = await openS3('classic', identities)
  for (const bucket of ['source', 'target', 'third']) await createVersioned(s3, bucket)
})
afterEach(() => s3.close())

test('A bucket of another account is replicated to where its policy lets the role in; the replica is the source’s, or given away', async () => {
  const other = userCaller('111122223333', 'other')
  await createVersioned(s3, 'theirs', { caller: other, headers: { 'x-amz-object-ownership': 'ObjectWriter' } })
  await configure(s3, 'source', ruleTo('theirs'))
  await s3.call('PUT', '/source/refused', { body: 'x' })
  await s3.settle()
  expect(await statusOf(s3, '/source/refused')).toBe('FAILED')
  const allow = (...Action: string[]) => ({
    Effect: 'Allow',
    Principal: { AWS: role },
    Action,
    Resource: 'arn:aws:s3:::theirs/*',
  })
  const policy = (...actions: string[]) =>
    s3.call('PUT', '/theirs?policy', {
      caller: other,
      body: JSON.stringify({ Version: '2012-10-17', Statement: [allow(...actions)] }),
    })
  const ownerOf = async (key: string) =>
    /<ID>(.*?)</.exec((await s3.call('GET', `/theirs?versions&prefix=${key}`, { caller: other })).text)?.[1]
  await policy('s3:ReplicateObject', 's3:ReplicateTags')
  await s3.call('PUT', '/source/ours', { body: 'x' })
  await s3.settle()
  expect(await statusOf(s3, '/source/ours')).toBe('COMPLETED')
  expect(await ownerOf('ours')).toBe(canonicalUserId('000000000000'))
  const destination =
    '<Account>111122223333</Account><AccessControlTranslation><Owner>Destination</Owner></AccessControlTranslation>'
  await configure(s3, 'source', ruleTo('theirs', { destination }))
  await s3.call('PUT', '/source/kept', { body: 'x' })
  await s3.settle()
  expect(await statusOf(s3, '/source/kept')).toBe('FAILED')
  await policy('s3:ReplicateObject', 's3:ObjectOwnerOverrideToBucketOwner')
  await s3.call('PUT', '/source/given', { body: 'x', headers: { 'x-amz-acl': 'public-read' } })
  await s3.settle()
  expect(await ownerOf('given')).toBe(canonicalUserId('111122223333'))
  expect((await s3.call('GET', '/theirs/given?acl', { caller: other })).text).not.toContain('AllUsers')
})

const statement = (Action: string | string[], Resource: string, more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})
const [source, target] = ['arn:aws:s3:::source', 'arn:aws:s3:::target']
const needed = {
  configuration: statement('s3:GetReplicationConfiguration', source),
  list: statement('s3:ListBucket', source),
  read: statement('s3:GetObjectVersionForReplication', `${source}/*`),
  acl: statement('s3:GetObjectVersionAcl', `${source}/*`),
  readTags: statement('s3:GetObjectVersionTagging', `${source}/*`),
  write: statement('s3:ReplicateObject', `${target}/*`),
  erase: statement('s3:ReplicateDelete', `${target}/*`),
  tags: statement('s3:ReplicateTags', `${target}/*`),
}

test('A role with all that AWS documents replicates versions, tags and delete markers', async () => {
  identities.policies.set(role, Object.values(needed))
  await configure(s3, 'source', ruleTo('target'))
  await s3.call('PUT', '/source/key', { body: 'x', headers: { 'x-amz-tagging': 'k=v' } })
  await s3.call('DELETE', '/source/gone')
  await s3.settle()
  expect((await versionsIn(s3, 'target')).map((line) => line.split(' ')[1])).toEqual(['DeleteMarker', 'Version'])
  expect((await s3.call('GET', '/target/key?tagging')).text).toContain('<Key>k</Key>')
})

test.each(['configuration', 'read', 'acl', 'write'] as const)('Without %s nothing is replicated', async (left) => {
  const { [left]: _, ...others } = needed
  identities.policies.set(role, Object.values(others))
  await configure(s3, 'source', ruleTo('target'))
  await s3.call('PUT', '/source/key', { body: 'x' })
  await s3.settle()
  expect(await statusOf(s3, '/source/key')).toBe('FAILED')
  expect(await versionsIn(s3, 'target')).toEqual([])
  // It is final.
  identities.policies.set(role, Object.values(needed))
  s3.ambient.turn(86_400_000)
  await s3.settle()
  expect(await statusOf(s3, '/source/key')).toBe('FAILED')
})

test.each(['list', 'erase'] as const)('Without %s no delete marker is replicated', async (left) => {
  const { [left]: _, ...others } = needed
  identities.policies.set(role, Object.values(others))
  await configure(s3, 'source', ruleTo('target'))
  await s3.call('DELETE', '/source/key')
  await s3.settle()
  expect(await versionsIn(s3, 'target')).toEqual([])
})

test.each(['readTags', 'tags'] as const)('Without %s all but the tags is replicated', async (left) => {
  const { [left]: _, ...others } = needed
  identities.policies.set(role, Object.values(others))
  await configure(s3, 'source', ruleTo('target'))
  await s3.call('PUT', '/source/key', { body: 'x', headers: { 'x-amz-tagging': 'k=v' } })
  await s3.settle()
  expect(await statusOf(s3, '/source/key')).toBe('COMPLETED')
  expect((await s3.call('GET', '/target/key?tagging')).text).not.toContain('<Key>k</Key>')
})

test('Policies of the destination see the encryption of the replica', async () => {
  const condition = (value: string) => ({ Condition: { StringEquals: { 's3:x-amz-server-side-encryption': value } } })
  const { write: _, ...others } = needed
  identities.policies.set(role, [
    ...Object.values(others),
    statement('s3:ReplicateObject', `${target}/*`, condition('AES256')),
  ])
  await configure(s3, 'source', ruleTo('target'))
  await s3.call('PUT', '/source/plain', { body: 'x' })
  await s3.call('PUT', '/source/sealed', { body: 'x', headers: { 'x-amz-server-side-encryption': 'AES256' } })
  await s3.settle()
  expect([await statusOf(s3, '/source/plain'), await statusOf(s3, '/source/sealed')]).toEqual(['FAILED', 'COMPLETED'])
})

test('What refused the role is explained', async () => {
  const { write: _, ...others } = needed
  identities.policies.set(role, Object.values(others))
  await configure(s3, 'source', ruleTo('target'))
  await s3.call('PUT', '/source/key', { body: 'x' })
  await s3.settle()
  const [explanation] = await s3.explanations.find('last')
  expect(explanation).toMatchObject({
    operation: 'ReplicateObject',
    error: { code: 'AccessDenied' },
    caller: { arn: 'arn:aws:sts::000000000000:assumed-role/replicator/s3-replication' },
  })
  expect(explanation?.rulings.map(({ action, allowed }) => [action, allowed])).toContainEqual([
    's3:ReplicateObject',
    false,
  ])
})
