import { expect, test } from '@jest/globals'
import { callerOf } from './caller.ts'

test.each([
  [{ caller: 'alice' }, 'alice'],
  [{ caller: 'alice', via: 'fas.s3.amazonaws.com' }, 'S3 for alice'],
  [{ caller: 'alice', via: 'fas.backup.amazonaws.com' }, 'backup for alice'],
  [{ caller: 'AWSService', via: 'cloudtrail.amazonaws.com' }, 'CloudTrail'],
  [{ caller: 'AWSService', via: 'logging.s3.amazonaws.com' }, 'logging.s3'],
  [{ caller: 'nobody', via: 'AWS Internal' }, 'AWS Internal'],
])('%j is %s', (row, words) => {
  expect(callerOf(row)).toBe(words)
})
