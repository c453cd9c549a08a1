import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, region } from '../emulator.ts'
import { describeWhere, startWorkplace, type Workplace } from './programs.ts'

/* A trail's files as the AWS CLI judges them: signatures, the chain of digests, and the hash of each log file. */

const Bucket = 'logs'
const trailArn = `arn:aws:cloudtrail:${region}:${accountId}:trail/all`
const Principal = { Service: 'cloudtrail.amazonaws.com' }
const policy = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${Bucket}` },
    { Effect: 'Allow', Principal, Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/AWSLogs/${accountId}/*` },
  ],
}
let place: Workplace

beforeAll(async () => {
  place = await startWorkplace()
  await place.journey.createBucket(Bucket)
  await writeFile(join(place.folder, 'policy.json'), JSON.stringify(policy))
})
afterAll(() => place.stop())

describeWhere('aws', (aws) => {
  const cli = (...parameters: string[]) => place.output(aws, parameters)
  const validation = () => {
    const times = ['--start-time', '2020-01-01T00:00:00Z', '--end-time', '2099-01-01T00:00:00Z']
    return place.output(aws, ['cloudtrail', 'validate-logs', '--trail-arn', trailArn, ...times])
  }
  const logFiles = async () => {
    const Prefix = `AWSLogs/${accountId}/CloudTrail/`
    const { Contents = [] } = await place.journey.s3.send(new ListObjectsV2Command({ Bucket, Prefix }))
    return Contents.map(({ Key }) => ({ Bucket, Key }))
  }

  test('validate-logs finds two digests and two log files valid', async () => {
    await cli('s3api', 'put-bucket-policy', '--bucket', Bucket, '--policy', 'file://policy.json')
    await cli('cloudtrail', 'create-trail', '--name', 'all', '--s3-bucket-name', Bucket, '--enable-log-file-validation')
    await cli('cloudtrail', 'start-logging', '--name', 'all')
    for (const _ of [1, 2]) {
      await place.journey.createKey()
      await place.journey.emulator.clock.advance('2h')
    }
    const words = await validation()
    expect(words).toContain('2/2 digest files valid')
    expect(words).toContain('2/2 log files valid')
  })

  test('validate-logs finds one that was changed, and one that was deleted', async () => {
    const [changed, deleted] = await logFiles()
    const other = { ContentEncoding: 'gzip', Body: Buffer.from('1f8b0800000000000003030000000000000000', 'hex') }
    await place.journey.s3.send(new PutObjectCommand({ Bucket, Key: changed?.Key, ...other }))
    await place.journey.s3.send(new DeleteObjectCommand({ Bucket, Key: deleted?.Key }))
    const times = ['--start-time', '2020-01-01T00:00:00Z', '--end-time', '2099-01-01T00:00:00Z']
    const words = await place.complaint(aws, ['cloudtrail', 'validate-logs', '--trail-arn', trailArn, ...times])
    expect(words).toContain(`${changed?.Key}\tINVALID`)
    expect(words).toContain(`${deleted?.Key}\tINVALID: not found`)
  })
})
