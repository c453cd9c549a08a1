import { ListKeysCommand } from '@aws-sdk/client-kms'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from '@jest/globals'
import type { Story } from '../lab.ts'

export const trailStories: Story[] = [
  {
    name: 'The trail is taken out of the emulator, data events and all',
    async tell({ lab, journey }) {
      await journey.createBucket('uploads')
      await journey.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'one', Body: 'text' }))
      await journey.kms.send(new ListKeysCommand({}))
      const names = (await lab.trailRecords()).map(({ eventName }) => eventName)
      expect(names.sort()).toEqual(['CreateBucket', 'ListKeys', 'PutObject'])
    },
  },
  {
    name: 'What S3 did with objects is shown, and why a call ended as it did',
    async tell({ lab, journey }) {
      await journey.createBucket('uploads')
      for (const Key of ['one', 'two'])
        await journey.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body: 'text' }))
      const KeyId = await journey.createKey()
      const puts = (await lab.dataEvents()).filter(({ eventName }) => eventName === 'PutObject')
      expect(puts).toHaveLength(2)
      expect(await lab.explain('last')).toMatchObject([{ operation: 'CreateKey' }])
      expect(await lab.keys()).toMatchObject([{ Arn: KeyId, Aliases: [] }])
    },
  },
]
