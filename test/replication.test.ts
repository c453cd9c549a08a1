import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type ReplicationRule,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, type Journey, startJourney } from './emulator.ts'

/* Replication through SDK v3. */

let journey: Journey
beforeAll(async () => {
  journey = await startJourney()
})
afterAll(() => journey.stop())

const Role = `arn:aws:iam::${accountId}:role/replicator`

async function createVersioned(name: string): Promise<string> {
  await journey.createBucket(name)
  await journey.s3.send(
    new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }),
  )
  return name
}

function replicate(Bucket: string, ...Rules: ReplicationRule[]) {
  return journey.s3.send(new PutBucketReplicationCommand({ Bucket, ReplicationConfiguration: { Role, Rules } }))
}

const all = (destination: string): ReplicationRule => ({
  ID: 'all',
  Priority: 0,
  Filter: {},
  Status: 'Enabled',
  Destination: { Bucket: `arn:aws:s3:::${destination}` },
  DeleteMarkerReplication: { Status: 'Enabled' },
})

test('A version is replicated', async () => {
  const [source, target] = [await createVersioned('a-source'), await createVersioned('a-target')]
  await replicate(source, all(target))
  const { VersionId } = await journey.s3.send(
    new PutObjectCommand({ Bucket: source, Key: 'k', Body: 'hello', Metadata: { a: 'b' }, Tagging: 't=u' }),
  )
  await journey.settle()
  const head = await journey.s3.send(new HeadObjectCommand({ Bucket: source, Key: 'k' }))
  expect(head.ReplicationStatus).toBe('COMPLETED')
  const got = await journey.s3.send(new GetObjectCommand({ Bucket: target, Key: 'k' }))
  expect(got).toMatchObject({
    VersionId,
    ReplicationStatus: 'REPLICA',
    Metadata: { a: 'b' },
    TagCount: 1,
    LastModified: head.LastModified,
  })
  expect(await got.Body?.transformToString()).toBe('hello')
  const { Versions } = await journey.s3.send(new ListObjectVersionsCommand({ Bucket: target }))
  expect(Versions).toMatchObject([{ VersionId, IsLatest: true }])
})
