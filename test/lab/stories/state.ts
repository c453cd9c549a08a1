import { ListBucketsCommand, PutBucketNotificationConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from '@jest/globals'
import { accountId, type Journey, region } from '../../emulator.ts'
import type { Story } from '../lab.ts'

export const stateStories: Story[] = [
  {
    name: 'What fixtures declare is made, and a reset takes it away, or leaves what was given at the start',
    async tell({ lab, journey }) {
      expect(await lab.seed({ buckets: [{ name: 'seeded' }] })).toEqual(['bucket seeded: made'])
      await lab.reset({ fixtures: true })
      expect(await buckets(journey)).toEqual(['kept'])
      await lab.reset({ fixtures: false })
      expect(await buckets(journey)).toEqual([])
    },
  },
  {
    name: 'What buckets told is shown, and is delivered once all that is due is done',
    async tell({ lab, journey, receiver }) {
      const Bucket = await journey.createBucket('telling')
      const QueueArn = `arn:aws:sqs:${region}:${accountId}:uploads`
      const NotificationConfiguration = { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*' as const] }] }
      await journey.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }))
      await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'one', Body: 'text' }))
      await lab.settle()
      expect(receiver.received.at(-1)?.body).toContain('ObjectCreated:Put')
      const { notifications, next } = await lab.notifications({ bucket: Bucket, limit: 10 })
      expect(notifications.at(-1)).toMatchObject({ bucket: Bucket, key: 'one', delivery: 'delivered', number: next })
      expect(await lab.notifications({ after: next })).toEqual({ notifications: [], next })
    },
  },
  {
    name: 'Whoever asks from without hears that it is well',
    through: ['the command line', 'HTTP'],
    async tell({ lab }) {
      expect(await lab.health()).toMatchObject({ status: 'ok', version: expect.any(String) })
    },
  },
]

async function buckets({ s3 }: Journey): Promise<(string | undefined)[]> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}))
  return Buckets.map(({ Name }) => Name)
}
