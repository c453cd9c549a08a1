import { expect, test } from '@jest/globals'
import { aliasArn, bucketArn, keyArn, objectArn, parseArn, rootArn } from './arn.ts'

test('An ARN is cut at its first five colons, and the rest is the resource', () => {
  expect(parseArn('arn:aws-cn:kms:us-east-1:111122223333:key/one:two\nthree')).toEqual({
    partition: 'aws-cn',
    service: 'kms',
    region: 'us-east-1',
    accountId: '111122223333',
    resource: 'key/one:two\nthree',
  })
  expect(parseArn('arn:aws:s3:::b')).toEqual({
    partition: 'aws',
    service: 's3',
    region: '',
    accountId: '',
    resource: 'b',
  })
})

test.each(['', 'arn', 'arn:aws:kms:us-east-1:1', 'arn:aws:s3:::', 'arn::s3:::b', 'arn:aws::::b', ' arn:aws:s3:::b'])(
  '%j is no ARN',
  (text) => {
    expect(parseArn(text)).toBeUndefined()
  },
)

test('The ARNs of keys, aliases, buckets, objects and accounts are as AWS writes them', () => {
  expect([
    keyArn('us-east-1', '111122223333', 'one'),
    aliasArn('us-east-1', '111122223333', 'alias/a'),
    bucketArn('b'),
    objectArn('b', 'k/l'),
    rootArn('111122223333'),
  ]).toEqual([
    'arn:aws:kms:us-east-1:111122223333:key/one',
    'arn:aws:kms:us-east-1:111122223333:alias/a',
    'arn:aws:s3:::b',
    'arn:aws:s3:::b/k/l',
    'arn:aws:iam::111122223333:root',
  ])
})
