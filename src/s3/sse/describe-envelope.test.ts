import { expect, test } from '@jest/globals'
import { describeEnvelope } from './describe-envelope.ts'

const target = { bucket: 'bucket', key: 'a/b', versionId: 'null' }
const keyArn = 'arn:aws:kms:us-east-1:000000000000:key/1'

test('An object of its own data key is described with the context that KMS is asked with', () => {
  const record = { scheme: 'SSE-KMS' as const, keyArn, context: { tenant: 'a' }, sealed: { dataKey: 'QQ==' } }
  expect(describeEnvelope(record, target)).toMatchObject({
    keyArn,
    encryptedDataKey: 'QQ==',
    layers: 1,
    segmentOverhead: 16,
    encryptionContext: { tenant: 'a', 'aws:s3:arn': 'arn:aws:s3:::bucket/a/b' },
  })
})

test('Under a bucket key KMS is asked in the bucket’s name', () => {
  const record = { scheme: 'SSE-KMS' as const, keyArn, bucketKeyEnabled: true, sealed: { dataKey: 'QQ==' } }
  expect(describeEnvelope(record, target).encryptionContext).toEqual({ 'aws:s3:arn': 'arn:aws:s3:::bucket' })
})

test.each([
  ['none', 0, 12],
  ['SSE-S3', 1, 16],
  ['SSE-C', 1, 16],
  ['DSSE-KMS', 2, 32],
] as const)('%s has %i layers, which add %i bytes to a segment', (scheme, layers, segmentOverhead) => {
  expect(describeEnvelope({ scheme }, target)).toMatchObject({ layers, segmentOverhead })
})

test('Nothing is told of what only S3 opens', () => {
  const description = describeEnvelope({ scheme: 'SSE-S3', sealed: { objectKey: 'secret', dataKey: 'none' } }, target)
  expect(JSON.stringify(description)).not.toMatch(/secret|none/)
})
