import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, region, startJourney } from './emulator.ts'

const elsewhere = 'eu-west-1'
const Plaintext = Buffer.from('read on both sides of the ocean')
let journey: Journey
let europe: KMSClient
let KeyId: string

beforeAll(async () => {
  journey = await startJourney()
  europe = new KMSClient({ ...journey.configuration, region: elsewhere })
  const { KeyMetadata } = await journey.kms.send(new CreateKeyCommand({ MultiRegion: true }))
  KeyId = KeyMetadata?.KeyId ?? ''
})

afterAll(() => journey.stop())

test('a key is replicated, and each Region decrypts what the other encrypted', async () => {
  expect(await failureOf(europe.send(new DescribeKeyCommand({ KeyId })))).toMatchObject({ code: 'NotFoundException' })
  const replicated = await journey.kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: elsewhere }))
  expect(replicated.ReplicaKeyMetadata).toMatchObject({ KeyId, MultiRegion: true, KeyState: 'Creating' })
  const { CiphertextBlob } = await journey.kms.send(new EncryptCommand({ KeyId, Plaintext }))
  const opened = await europe.send(new DecryptCommand({ CiphertextBlob }))
  expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext)
  expect(opened.KeyId).toBe(replicated.ReplicaKeyMetadata?.Arn)
  const back = await europe.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext: { a: 'b' } }))
  const context = { CiphertextBlob: back.CiphertextBlob, EncryptionContext: { a: 'b' } }
  expect((await journey.kms.send(new DecryptCommand(context))).Plaintext).toEqual(opened.Plaintext)
})

test('a replica cannot be replicated, until it is the primary key', async () => {
  const ReplicateAgain = () => new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'ap-southeast-2' })
  const failure = await failureOf(europe.send(ReplicateAgain()))
  expect(failure).toMatchObject({ code: 'UnsupportedOperationException', status: 400 })
  expect(failure.message).toMatch(/^arn:aws:kms:eu-west-1:.* is not a multi-region primary key\.$/)
  await journey.kms.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: elsewhere }))
  await europe.send(ReplicateAgain())
  const { KeyMetadata } = await journey.kms.send(new DescribeKeyCommand({ KeyId }))
  expect(KeyMetadata?.MultiRegionConfiguration).toMatchObject({
    MultiRegionKeyType: 'REPLICA',
    PrimaryKey: { Region: elsewhere },
    ReplicaKeys: [{ Region: region }, { Region: 'ap-southeast-2' }],
  })
})

test('the primary key is not deleted before its replicas', async () => {
  const scheduled = await europe.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  expect(scheduled).toMatchObject({ KeyState: 'PendingReplicaDeletion', PendingWindowInDays: 7 })
  expect(scheduled.DeletionDate).toBeUndefined()
})
