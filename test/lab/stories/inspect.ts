import { PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from '@jest/globals'
import { commandLine } from '../../process.ts'
import { refusalOf, type Story } from '../lab.ts'

export const inspectStories: Story[] = [
  {
    name: 'An object is told as it lies there, an older version by its id, without its content',
    async tell({ lab, journey }) {
      const Bucket = await journey.createBucket('inspected')
      const keyArn = await journey.createKey()
      const VersioningConfiguration = { Status: 'Enabled' as const }
      await journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
      const put = (Body: string, sealed = {}) =>
        journey.s3.send(new PutObjectCommand({ Bucket, Key: 'a b', Body, ...sealed }))
      const { VersionId } = await put('the plaintext', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
      await put('in clear')
      const older = await lab.inspect(`s3://${Bucket}/a b?versionId=${VersionId}`, { limit: 5 })
      expect(older).toMatchObject({ versionId: VersionId, isLatest: false, size: 13 })
      expect(older).toMatchObject({ envelope: { scheme: 'SSE-KMS', keyArn }, calls: [{ event: 'GenerateDataKey' }] })
      expect(older).toEqual(await journey.emulator.inspect(`s3://${Bucket}/a b?versionId=${VersionId}`))
      expect(JSON.stringify(older)).not.toContain(Buffer.from('the plaintext').toString('hex'))
      expect(await refusalOf(lab.inspect(`s3://${Bucket}/b`))).toBe(`There is no s3://${Bucket}/b`)
      expect(await refusalOf(lab.inspect('https://a/b'))).toBe('https://a/b is no s3://BUCKET/KEY')
    },
  },
  {
    name: 'People read what an object is sealed with, and who asked KMS for it',
    through: ['the command line'],
    async tell({ journey: { endpoint, ...journey } }) {
      const Bucket = await journey.createBucket('inspected')
      const SSEKMSKeyId = await journey.createKey()
      const sealed = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId }
      await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'one', Body: 'body', ...sealed }))
      const { stdout } = await commandLine(['inspect', `s3://${Bucket}/one`, '--endpoint', endpoint])
      expect(stdout).toContain(`  KMS key     ${SSEKMSKeyId}\n`)
      expect(stdout).toMatch(/\nKMS calls about it: 1\n {2}\S+ {2}GenerateDataKey {2}\S+user\/test {2}ok\n$/)
    },
  },
]
