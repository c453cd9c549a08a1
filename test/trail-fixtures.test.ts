import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeTrailsCommand, GetEventSelectorsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'

/* Trails that a fixture file declares: they log what is done once all is there, and again after a reset. */

const minute = 60_000
const Principal = { Service: 'cloudtrail.amazonaws.com' }
const Statement = [
  { Effect: 'Allow', Principal, Action: 's3:GetBucketAcl', Resource: 'arn:aws:s3:::logs' },
  { Effect: 'Allow', Principal, Action: 's3:PutObject', Resource: 'arn:aws:s3:::logs/AWSLogs/*' },
]
const fixtures = {
  buckets: [{ name: 'logs', policy: { Version: '2012-10-17', Statement } }],
  trails: [
    {
      name: 'all',
      bucket: 'logs',
      multiRegion: true,
      logFileValidation: true,
      advancedEventSelectors: [{ FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] }],
    },
  ],
}
let folder: string
let journey: Journey

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trail-fixtures-'))
  const file = join(folder, 'fixtures.json')
  await writeFile(file, JSON.stringify(fixtures))
  journey = await startJourney({ fixtures: [file] })
})

afterAll(async () => {
  await journey.stop()
  await rm(folder, { recursive: true })
})

/** The keys of its log files, after what was done is delivered. */
async function delivered(): Promise<string[]> {
  await journey.createKey()
  journey.turn(6 * minute)
  await journey.settle()
  const { Contents = [] } = await journey.s3.send(new ListObjectsV2Command({ Bucket: 'logs' }))
  return Contents.map(({ Key = '' }) => Key)
}

test('A declared trail is made as it says, and logs', async () => {
  const { trailList } = await journey.cloudTrail.send(new DescribeTrailsCommand({}))
  expect(trailList).toMatchObject([
    { Name: 'all', S3BucketName: 'logs', IsMultiRegionTrail: true, LogFileValidationEnabled: true },
  ])
  expect(await journey.cloudTrail.send(new GetTrailStatusCommand({ Name: 'all' }))).toMatchObject({ IsLogging: true })
  const { AdvancedEventSelectors } = await journey.cloudTrail.send(new GetEventSelectorsCommand({ TrailName: 'all' }))
  expect(AdvancedEventSelectors).toHaveLength(1)
  expect(await delivered()).toContainEqual(expect.stringContaining('/CloudTrail/us-east-1/'))
})

test('A reset that applies fixtures makes it again, over an empty bucket', async () => {
  await journey.emulator.reset({ fixtures: true })
  const { Contents } = await journey.s3.send(new ListObjectsV2Command({ Bucket: 'logs' }))
  expect(Contents).toBeUndefined()
  expect(await delivered()).toContainEqual(expect.stringContaining('/CloudTrail/us-east-1/'))
})

test('What CloudTrail or S3 refuses is said with its place, and what is there is left', async () => {
  const { emulator } = journey
  await expect(emulator.seed({ trails: [{ name: 'new', bucket: 'nowhere' }] })).rejects.toThrow(
    /trails\[0\]: .*nowhere/,
  )
  await expect(emulator.seed({ buckets: [{ name: 'other', policy: { Statement: [] } }] })).rejects.toThrow(
    /buckets\[0\]/,
  )
  await expect(
    emulator.seed({ trails: [{ name: 'new', bucket: 'logs', eventSelectors: [{ ReadWriteType: 'No' }] }] }),
  ).rejects.toThrow(/trails\[0\]: .*readWriteType/)
  expect(await emulator.seed({ trails: [{ name: 'all', bucket: 'logs' }] })).toEqual([
    'trail all: exists already, left as it is',
  ])
})
