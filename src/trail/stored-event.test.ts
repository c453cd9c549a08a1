import { expect, test } from '@jest/globals'
import { anonymousCaller, rootCaller, userCaller } from '../aws/caller.ts'
import type { CallOutcome, TrailRecord } from './event.ts'
import { recordForOwner, recordOf, recordOfServiceEvent } from './record.ts'
import { recordOfStored, storedEventOf } from './stored-event.ts'

const time = Date.UTC(2026, 8, 21, 18, 53, 9, 700)
const alice = userCaller('111122223333', 'Alice', 'AKIAEXAMPLE')
const resources = [{ accountId: '111122223333', type: 'AWS::KMS::Key' as const, ARN: 'arn:aws:kms:…' }]

function recordWith(changes: Partial<CallOutcome>): TrailRecord {
  return recordOf(
    {
      caller: alice,
      time,
      service: 'kms',
      eventName: 'GenerateDataKey',
      region: 'us-east-1',
      clientAddress: '127.0.0.1',
      userAgent: 'aws-cli/2.0',
      secure: false,
      requestId: 'request',
      readOnly: true,
      requestParameters: { keySpec: 'AES_256' },
      responseElements: null,
      resources,
      ...changes,
    },
    'event',
  )
}

const serviceEvent = {
  time,
  service: 'kms',
  eventName: 'RotateKey',
  region: 'us-east-1',
  accountId: '111122223333',
} as const

test.each<[string, TrailRecord]>([
  ['a call', recordWith({ additionalEventData: { keyMaterialId: 'a' } })],
  ['a call that S3 forwards', recordWith({ via: 's3', caller: rootCaller('111122223333') })],
  ['a refusal, over TLS', recordWith({ secure: true, error: { code: 'DisabledException', message: 'disabled' } })],
  [
    'a call without parameters that changed something',
    recordWith({ requestParameters: null, responseElements: { a: 1 } }),
  ],
  ['a call from nobody', recordWith({ caller: anonymousCaller })],
  [
    'a call as the owner’s account sees it',
    { ...recordForOwner(recordWith({}), alice, '444455556666', 'other'), sharedEventID: 's' },
  ],
  ['what a service did', recordOfServiceEvent({ ...serviceEvent, resources, serviceEventDetails: { b: 2 } }, 'e')],
])('The record of %s comes back from the store as it was', (_, record) => {
  const stored = JSON.parse(JSON.stringify(storedEventOf(record)))
  const place = { accountId: record.recipientAccountId, region: record.awsRegion, time }
  expect(JSON.stringify(recordOfStored(stored, place))).toBe(JSON.stringify(record))
})
