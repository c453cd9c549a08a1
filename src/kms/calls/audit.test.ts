import { expect, test } from '@jest/globals'
import { app, may } from '../access/policies.fixture.ts'
import { accountId, alice, openKms, refusal, region } from '../kms.fixture.ts'

/* What CloudTrail is told of a call: of what kind it was, what it touched, which members are shown, and how it ended. */

const keyResource = (ARN: string) => ({ accountId, type: 'AWS::KMS::Key', ARN })

test('An event names KMS, the Region, the caller and the one key that was touched; an output stays hidden', async () => {
  const { call, createKey, events } = await openKms()
  const { id, arn } = await createKey()
  await call('DescribeKey', { KeyId: id })
  const [event] = await events()
  expect(event).toMatchObject({
    eventSource: 'kms.amazonaws.com',
    eventName: 'DescribeKey',
    awsRegion: region,
    userIdentity: { arn: alice.arn },
    sourceIPAddress: '127.0.0.1',
    userAgent: 'test',
    readOnly: true,
    requestParameters: { keyId: id },
    responseElements: null,
    resources: [keyResource(arn)],
  })
  expect(event?.errorCode).toBeUndefined()
})

test('A call that touches nothing and was sent nothing shows none of it', async () => {
  const { call, events } = await openKms()
  await call('ListKeys')
  const [event] = await events()
  expect(event).toMatchObject({ eventName: 'ListKeys', requestParameters: null, responseElements: null })
  expect(event?.resources ?? []).toEqual([])
})

test('CreateGrant shows its grant and its key, not its token, and names that the caller chose stay as they are', async () => {
  const { call, createKey, events } = await openKms()
  const { id, arn } = await createKey()
  const Constraints = { EncryptionContextSubset: { Tenant: 'a' } }
  const input = { KeyId: id, GranteePrincipal: alice.arn, Operations: ['Encrypt', 'Decrypt'], Constraints }
  const { GrantId } = await call('CreateGrant', input)
  const [event] = await events()
  expect(event?.requestParameters).toEqual({
    keyId: id,
    granteePrincipal: alice.arn,
    operations: ['Encrypt', 'Decrypt'],
    constraints: { encryptionContextSubset: { Tenant: 'a' } },
  })
  expect(event?.responseElements).toEqual({ grantId: GrantId, keyId: arn })
})

test('An operation whose answer does not name its key shows no key beside it', async () => {
  const { call, createKey, events } = await openKms()
  const { id } = await createKey({ MultiRegion: true })
  await call('ReplicateKey', { KeyId: id, ReplicaRegion: 'eu-west-1', Tags: [{ TagKey: 'a', TagValue: 'b' }] })
  const [event] = await events()
  expect(Object.keys(event?.responseElements ?? {}).sort()).toEqual([
    'replicaKeyMetadata',
    'replicaPolicy',
    'replicaTags',
  ])
})

test('What is answered and listed to be shown is shown, dates as CloudTrail prints them', async () => {
  const { call, createKey, events } = await openKms()
  const { id, arn } = await createKey()
  await call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: 7 })
  const [event] = await events()
  expect(event?.requestParameters).toEqual({ keyId: id, pendingWindowInDays: 7 })
  expect(event?.responseElements).toEqual({
    keyId: arn,
    keyState: 'PendingDeletion',
    deletionDate: 'Jan 9, 2026, 3:04:05 AM',
  })
})

test('The alias that is changed is touched beside its key, a key used twice is touched once', async () => {
  const { call, createKey, events } = await openKms()
  const { id, arn } = await createKey()
  await call('CreateAlias', { AliasName: 'alias/one', TargetKeyId: id })
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext: Buffer.from('a') })
  await call('ReEncrypt', { CiphertextBlob, DestinationKeyId: id })
  const [reEncrypted, , aliased] = await events()
  const ARN = `arn:aws:kms:${region}:${accountId}:alias/one`
  expect(aliased?.resources).toEqual([keyResource(arn), { accountId, type: 'AWS::KMS::Alias', ARN }])
  expect(reEncrypted?.resources).toEqual([keyResource(arn)])
})

test('A refusal shows its code as CloudTrail has it and its message, and what is not valid is not shown', async () => {
  const { call, createKey, declare, events } = await openKms()
  const { id, arn } = await createKey()
  await declare(app.arn, may('kms:ListKeys'))
  const messages = [
    await refusal(call('DisableKey', { KeyId: id, Unknown: 1 }, { caller: app })),
    await refusal(call('CancelKeyDeletion', { KeyId: arn })),
    await refusal(call('DescribeKey', { KeyId: 7 })),
  ].map((words) => words.slice(words.indexOf(': ') + 2))
  const [invalid, pending, denied] = await events()
  expect(denied).toMatchObject({
    errorCode: 'AccessDenied',
    errorMessage: messages[0],
    requestParameters: { keyId: id },
  })
  expect(pending).toMatchObject({ errorCode: 'KMSInvalidStateException', errorMessage: messages[1], readOnly: false })
  expect(pending?.responseElements).toBeNull()
  expect(invalid).toMatchObject({ errorMessage: messages[2], requestParameters: null })
})
