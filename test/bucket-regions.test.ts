import {
  CreateBucketCommand,
  GetBucketLocationCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from './emulator.ts'

/* The endpoint of us-east-1 is the global one: it makes buckets in every Region, and tells where they are. */

let journey: Journey
const clients: Record<string, S3Client> = {}

beforeAll(async () => {
  journey = await startJourney()
  for (const region of ['us-east-1', 'eu-west-1', 'US']) {
    clients[region] = new S3Client({ ...journey.configuration, region })
  }
})
afterAll(async () => {
  for (const client of Object.values(clients)) client.destroy()
  await journey.stop()
})

function signedFor(region: string): S3Client {
  const client = clients[region]
  if (!client) throw new Error(`There is no client for ${region}`)
  return client
}

test('a bucket that is made through us-east-1 lies in the Region of its constraint, with its tags', async () => {
  const Bucket = 'made-from-afar'
  const Tags = [{ Key: 'team', Value: 'blue' }]
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const, Tags }
  const created = await signedFor('us-east-1').send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }))
  expect(created.Location).toBe(`http://${Bucket}.s3.amazonaws.com/`)
  for (const region of ['us-east-1', 'eu-west-1']) {
    const { LocationConstraint } = await signedFor(region).send(new GetBucketLocationCommand({ Bucket }))
    expect(LocationConstraint).toBe('eu-west-1')
  }
  await signedFor('eu-west-1').send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
  const { TagSet } = await signedFor('eu-west-1').send(new GetBucketTaggingCommand({ Bucket }))
  expect(TagSet).toEqual(Tags)
})

test('us-east-1 serves nothing else of a bucket elsewhere, and no other Region tells where a bucket is', async () => {
  await journey.createBucket('here')
  const read = signedFor('us-east-1').send(new GetObjectCommand({ Bucket: 'made-from-afar', Key: 'k' }))
  expect(await failureOf(read)).toMatchObject({ code: 'AuthorizationHeaderMalformed', status: 400 })
  const asked = signedFor('eu-west-1').send(new GetBucketLocationCommand({ Bucket: 'here' }))
  expect(await failureOf(asked)).toMatchObject({ code: 'AuthorizationHeaderMalformed', status: 400 })
})

test('a constraint that is no Region is invalid at us-east-1 and incompatible elsewhere', async () => {
  const CreateBucketConfiguration = { LocationConstraint: 'nowhere-1' as 'eu-west-1' }
  const codes: (string | undefined)[] = []
  for (const region of ['us-east-1', 'eu-west-1']) {
    const made = signedFor(region).send(new CreateBucketCommand({ Bucket: 'nowhere', CreateBucketConfiguration }))
    codes.push((await failureOf(made)).code)
  }
  expect(codes).toEqual(['InvalidLocationConstraint', 'IllegalLocationConstraintException'])
})

test('a signature for US, as s3cmd makes it, is one for us-east-1', async () => {
  await journey.createBucket('standard')
  await signedFor('US').send(new PutObjectCommand({ Bucket: 'standard', Key: 'k', Body: 'x' }))
  const { Body } = await signedFor('US').send(new GetObjectCommand({ Bucket: 'standard', Key: 'k' }))
  expect(await Body?.transformToString()).toBe('x')
  const { Buckets } = await signedFor('us-east-1').send(new ListBucketsCommand({ BucketRegion: 'us-east-1' }))
  expect(Buckets?.map(({ Name }) => Name)).toEqual(['here', 'standard'])
})
