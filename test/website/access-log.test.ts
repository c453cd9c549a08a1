import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketLoggingCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3'
import { expect, test } from '@jest/globals'
import { startJourney } from '../emulator.ts'
import { openWebsite, upload, visit } from './visitor.ts'

test('visits stand in the access log of their bucket, and in no other', async () => {
  const journey = await startJourney()
  try {
    const { s3 } = journey
    await journey.createBucket('logs')
    const allowed = { Principal: { Service: 'logging.s3.amazonaws.com' }, Action: 's3:PutObject' }
    const Statement = [{ Effect: 'Allow', ...allowed, Resource: 'arn:aws:s3:::logs/*' }]
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'logs', Policy }))
    for (const Bucket of ['site', 'other']) {
      await openWebsite(journey, Bucket, { IndexDocument: { Suffix: 'index.html' } })
      const LoggingEnabled = { TargetBucket: 'logs', TargetPrefix: `${Bucket}/` }
      await upload(journey, Bucket, 'docs/index.html', '<h1>Docs</h1>')
      await s3.send(new PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: { LoggingEnabled } }))
    }
    const get = (path: string) =>
      visit(journey, 'site.s3-website.localhost', path, { headers: { 'x-amz-copy-source': 'other/docs/index.html' } })
    for (const path of ['/docs/?a', '/docs', '/none']) await get(path)
    await journey.settle()

    const linesOf = async (Prefix: string) => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'logs', Prefix }))
      const texts = await Promise.all(
        Contents.map(async ({ Key }) => {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'logs', Key }))
          return (await Body?.transformToString()) ?? ''
        }),
      )
      const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line.includes(' WEBSITE.'))
      return lines.map((line) =>
        line.match(/\[[^\]]*\]|"[^"]*"|\S+/g)?.filter((_, index) => [4, 6, 7, 8, 9, 10].includes(index)),
      )
    }
    expect(await linesOf('site/')).toEqual([
      ['-', 'WEBSITE.GET.OBJECT', 'docs/index.html', '"GET /docs/?a HTTP/1.1"', '200', '-'],
      ['-', 'WEBSITE.GET.OBJECT', 'docs', '"GET /docs HTTP/1.1"', '302', 'Found'],
      ['-', 'WEBSITE.GET.OBJECT', 'none', '"GET /none HTTP/1.1"', '403', 'AccessDenied'],
    ])
    expect(await linesOf('other/')).toEqual([])
  } finally {
    await journey.stop()
  }
})
