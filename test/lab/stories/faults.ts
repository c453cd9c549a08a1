import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from '@jest/globals'
import { failureOf } from '../../emulator.ts'
import { refusalOf, type Story } from '../lab.ts'

export const faultStories: Story[] = [
  {
    name: 'A throttled KMS and a slow S3 strike until they are cleared, one by its id and then all',
    async tell({ lab, journey: { s3, ...journey } }) {
      const Bucket = await journey.createBucket('uploads')
      const sealed = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: await journey.createKey() }
      const put = () => s3.send(new PutObjectCommand({ Bucket, Key: 'one', Body: 'text', ...sealed }))
      const get = () => s3.send(new GetObjectCommand({ Bucket, Key: 'one' }))
      await put()
      const throttled = {
        service: 'kms',
        operation: 'GenerateDataKey',
        error: 'ThrottlingException',
        onlyForS3: true,
      } as const
      const { id } = await lab.faults.add(throttled)
      await lab.faults.add({ service: 's3', operation: 'GetObject', bucket: Bucket, error: 'InternalError', every: 1 })
      expect(await failureOf(put())).toMatchObject({ code: 'SlowDown', status: 503 })
      expect(await failureOf(get())).toMatchObject({ code: 'InternalError', status: 500 })
      expect(await lab.faults.list()).toMatchObject([
        { ...throttled, id, matched: 1, struck: 1 },
        { service: 's3', bucket: Bucket, every: 1, struck: 1 },
      ])
      await lab.faults.clear(id)
      await put()
      expect(await failureOf(get())).toMatchObject({ code: 'InternalError' })
      expect(await refusalOf(lab.faults.clear(id))).toBe(`There is no fault ${id}: it was cleared, or is over`)
      await lab.faults.clear()
      await get()
      expect(await lab.faults.list()).toEqual([])
    },
  },
  {
    name: 'A rule that cannot be is refused in words',
    async tell({ lab }) {
      const misspelt = { operation: 'GetObjects', error: 'SlowDown' }
      expect(await refusalOf(lab.faults.add(misspelt))).toBe('operation: KMS or S3 has no "GetObjects" here')
    },
  },
]
