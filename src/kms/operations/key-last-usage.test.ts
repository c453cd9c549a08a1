import { expect, test } from '@jest/globals'
import { openKms, refusal, stranger } from '../kms.fixture.ts'

test('GetKeyLastUsage tells of the last use that succeeded, with the ids of its event', async () => {
  const { call, createKey, ambient, events } = await openKms()
  const { id } = await createKey()
  const KeyCreationDate = ambient.now() / 1000
  const unused = await call('GetKeyLastUsage', { KeyId: id })
  expect(unused).toEqual({ KeyId: id, KeyLastUsage: {}, TrackingStartDate: KeyCreationDate, KeyCreationDate })
  ambient.turn(5000)
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext: Buffer.of(1) })
  const [encrypted] = await events()
  await refusal(call('Decrypt', { CiphertextBlob, EncryptionContext: { wrong: 'one' } }))
  await call('DescribeKey', { KeyId: id })
  expect(await call('GetKeyLastUsage', { KeyId: id })).toMatchObject({
    KeyLastUsage: {
      Operation: 'Encrypt',
      Timestamp: KeyCreationDate + 5,
      CloudTrailEventId: encrypted?.eventID,
      KmsRequestId: encrypted?.requestID,
    },
  })
})

test('a use by another account counts, with the event of the owner’s account', async () => {
  const { call, createKey, events } = await openKms()
  const Principal = { AWS: ['arn:aws:iam::111122223333:root', stranger.arn] }
  const Statement = { Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }
  const { id, arn } = await createKey({ Policy: JSON.stringify({ Version: '2012-10-17', Statement }) })
  await call('GenerateDataKey', { KeyId: arn, KeySpec: 'AES_256' }, { caller: stranger })
  const [made] = await events()
  expect(await call('GetKeyLastUsage', { KeyId: id })).toMatchObject({
    KeyLastUsage: { Operation: 'GenerateDataKey', CloudTrailEventId: made?.eventID },
  })
})
