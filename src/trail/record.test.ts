import { expect, test } from '@jest/globals'
import { anonymousCaller, type Caller, rootCaller, userCaller } from '../aws/caller.ts'
import type { CallOutcome } from './event.ts'
import { otherAccountOf, recordForOwner, recordOfServiceEvent, recordOf as recordWithId } from './record.ts'

const keyArn = 'arn:aws:kms:us-east-1:111122223333:key/2b6a1f6e-0000-4000-8000-000000000001'
const alice = userCaller('111122223333', 'Alice', 'AKIAEXAMPLE')

function outcomeOf(changes: Partial<CallOutcome> = {}): CallOutcome {
  return {
    caller: alice,
    time: Date.UTC(2026, 8, 21, 18, 53, 9, 700),
    service: 'kms',
    eventName: 'GenerateDataKey',
    region: 'us-east-1',
    clientAddress: '127.0.0.1',
    userAgent: 'aws-cli/2.0',
    hostHeader: '127.0.0.1:4566',
    secure: false,
    requestId: 'request',
    readOnly: true,
    requestParameters: { keyId: keyArn, keySpec: 'AES_256' },
    responseElements: null,
    additionalEventData: { keyMaterialId: 'a'.repeat(64) },
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: keyArn }],
    ...changes,
  }
}

const recordOf = (outcome: CallOutcome) => recordWithId(outcome, 'event')
const written = (record: unknown) => JSON.parse(JSON.stringify(record))

test('A record that S3 caused has the members of a delivered one, in their order', () => {
  const record = written(recordOf(outcomeOf({ via: 's3', secure: true })))
  expect(Object.keys(record)).toEqual([
    'eventVersion',
    'userIdentity',
    'eventTime',
    'eventSource',
    'eventName',
    'awsRegion',
    'sourceIPAddress',
    'userAgent',
    'requestParameters',
    'responseElements',
    'additionalEventData',
    'requestID',
    'eventID',
    'readOnly',
    'resources',
    'eventType',
    'managementEvent',
    'recipientAccountId',
    'eventCategory',
  ])
  expect(record).toMatchObject({
    eventVersion: '1.11',
    eventTime: '2026-09-21T18:53:09Z',
    eventSource: 'kms.amazonaws.com',
    sourceIPAddress: 'fas.s3.amazonaws.com',
    userAgent: 'fas.s3.amazonaws.com',
    responseElements: null,
    recipientAccountId: '111122223333',
  })
  expect(Object.entries(record.userIdentity)).toEqual([
    ['type', 'IAMUser'],
    ['principalId', alice.principalId],
    ['arn', 'arn:aws:iam::111122223333:user/Alice'],
    ['accountId', '111122223333'],
    ['accessKeyId', 'AKIAEXAMPLE'],
    ['userName', 'Alice'],
    ['invokedBy', 'fas.s3.amazonaws.com'],
  ])
})

test('A direct call shows the client, and tlsDetails only over TLS', () => {
  const plain = written(recordOf(outcomeOf()))
  expect(plain).toMatchObject({ sourceIPAddress: '127.0.0.1', userAgent: 'aws-cli/2.0' })
  expect(plain.userIdentity.invokedBy).toBeUndefined()
  expect(plain.tlsDetails).toBeUndefined()
  expect(recordOf(outcomeOf({ secure: true })).tlsDetails?.clientProvidedHostHeader).toBe('127.0.0.1:4566')
})

test('A failed call keeps its parameters, has no response, and AccessDeniedException is recorded as AccessDenied', () => {
  const error = { code: 'AccessDeniedException', message: 'User: … is not authorized' }
  const record = written(recordOf(outcomeOf({ error, responseElements: { keyId: 'x' } })))
  expect(record).toMatchObject({ errorCode: 'AccessDenied', errorMessage: error.message, responseElements: null })
  expect(record.requestParameters.keyId).toBe(keyArn)
  const silent = written(recordOf(outcomeOf({ error: { code: 'InvalidCiphertextException', message: '' } })))
  expect(silent.errorCode).toBe('InvalidCiphertextException')
  expect('errorMessage' in silent).toBe(false)
})

test('Each kind of caller has the userIdentity CloudTrail gives it', () => {
  const session: Caller = {
    type: 'AssumedRole',
    arn: 'arn:aws:sts::111122223333:assumed-role/reader/me',
    accountId: '111122223333',
    principalId: 'AROAEXAMPLE:me',
    userName: 'me',
    accessKeyId: 'ASIAEXAMPLE',
    role: { arn: 'arn:aws:iam::111122223333:role/reader', principalId: 'AROAEXAMPLE', name: 'reader', issuedAt: 0 },
  }
  expect(written(recordOf(outcomeOf({ caller: session })).userIdentity)).toEqual({
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE:me',
    arn: 'arn:aws:sts::111122223333:assumed-role/reader/me',
    accountId: '111122223333',
    accessKeyId: 'ASIAEXAMPLE',
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: 'AROAEXAMPLE',
        arn: 'arn:aws:iam::111122223333:role/reader',
        accountId: '111122223333',
        userName: 'reader',
      },
      attributes: { creationDate: '1970-01-01T00:00:00Z', mfaAuthenticated: 'false' },
    },
  })
  expect(written(recordOf(outcomeOf({ caller: rootCaller('111122223333', 'AKIAROOT') })).userIdentity)).toEqual({
    type: 'Root',
    principalId: '111122223333',
    arn: 'arn:aws:iam::111122223333:root',
    accountId: '111122223333',
    accessKeyId: 'AKIAROOT',
  })
  const anonymous = recordOf(outcomeOf({ caller: anonymousCaller }))
  expect(anonymous.userIdentity.accountId).toBe('ANONYMOUS_PRINCIPAL')
  expect(anonymous.recipientAccountId).toBe('111122223333')
})

test('What is longer than CloudTrail keeps is cut or left out', () => {
  const record = recordOf(
    outcomeOf({ userAgent: 'x'.repeat(5000), requestParameters: { policy: 'x'.repeat(110_000) } }),
  )
  expect(record.userAgent).toHaveLength(1024)
  expect(record.requestParameters).toMatchObject({ omitted: true })
})

test('S3 writes the agent in brackets', () => {
  expect(recordOf(outcomeOf({ service: 's3', userAgent: 'curl/8' })).userAgent).toBe('[curl/8]')
})

test('The owner of a foreign key gets a record that knows the caller by account alone, unless access was denied', () => {
  const bob = userCaller('444455556666', 'Bob', 'AKIABOB')
  const outcome = outcomeOf({ caller: bob })
  expect(otherAccountOf(outcome)).toBe('111122223333')
  expect(otherAccountOf(outcomeOf())).toBeUndefined()
  expect(otherAccountOf({ ...outcome, error: { code: 'AccessDeniedException', message: '' } })).toBeUndefined()
  expect(written(recordForOwner(recordOf(outcome), bob, '111122223333', 'second'))).toMatchObject({
    userIdentity: { type: 'AWSAccount', principalId: bob.principalId, accountId: '444455556666' },
    eventID: 'second',
    recipientAccountId: '111122223333',
  })
})

test('What KMS did by itself has neither a caller nor a request id', () => {
  const record = written(
    recordOfServiceEvent(
      {
        time: Date.UTC(2026, 8, 21, 18, 53, 9, 700),
        service: 'kms',
        eventName: 'DeleteKey',
        region: 'us-east-1',
        accountId: '111122223333',
        resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: keyArn }],
      },
      'event',
    ),
  )
  expect(record).toEqual({
    eventVersion: '1.11',
    userIdentity: { accountId: '111122223333', invokedBy: 'AWS Internal' },
    eventTime: '2026-09-21T18:53:09Z',
    eventSource: 'kms.amazonaws.com',
    eventName: 'DeleteKey',
    awsRegion: 'us-east-1',
    sourceIPAddress: 'AWS Internal',
    userAgent: 'AWS Internal',
    requestParameters: null,
    responseElements: null,
    eventID: 'event',
    readOnly: false,
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: keyArn }],
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
  })
})
