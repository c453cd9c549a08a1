import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { openKms, refusal } from '../kms.fixture.ts'

const day = 24 * 3600 * 1000
const Plaintext = Buffer.from('a secret')
const here = 'us-east-1'
const there = { region: 'eu-west-1' }
type Metadata = Record<string, unknown>

async function openReplicated() {
  const kms = await openKms()
  const primary = await kms.createKey({ MultiRegion: true })
  const answer = await kms.call('ReplicateKey', { KeyId: primary.id, ReplicaRegion: there.region })
  const describe = async (context: object = {}) => {
    const { KeyMetadata } = await kms.call('DescribeKey', { KeyId: primary.id }, context)
    return KeyMetadata as Metadata
  }
  const replicaArn = primary.arn.replace(here, there.region)
  return { ...kms, ...primary, replicaArn, answer, describe }
}

test('a multi-Region key is a primary key until it is replicated', async () => {
  const { call, createKey } = await openKms()
  const { id, arn } = await createKey({ MultiRegion: true })
  expect(id).toMatch(/^mrk-[0-9a-f]{32}$/)
  const { KeyMetadata } = await call('DescribeKey', { KeyId: id })
  expect(KeyMetadata).toMatchObject({
    MultiRegion: true,
    MultiRegionConfiguration: {
      MultiRegionKeyType: 'PRIMARY',
      PrimaryKey: { Arn: arn, Region: here },
      ReplicaKeys: [],
    },
  })
  const elsewhere = arn.replace(here, there.region)
  const outcome = await refusal(call('DescribeKey', { KeyId: id }, there))
  expect(outcome).toBe(`NotFoundException: Key '${elsewhere}' does not exist`)
})

test('a replica has id and material of its primary key, and a policy, tags and description of its own', async () => {
  const { id, arn, replicaArn, answer, describe, call } = await openReplicated()
  const MultiRegionConfiguration = {
    PrimaryKey: { Arn: arn, Region: here },
    ReplicaKeys: [{ Arn: replicaArn, Region: there.region }],
  }
  expect(answer).toMatchObject({
    ReplicaKeyMetadata: {
      KeyId: id,
      Arn: replicaArn,
      KeyState: 'Creating',
      MultiRegionConfiguration: { ...MultiRegionConfiguration, MultiRegionKeyType: 'REPLICA' },
    },
  })
  expect(await describe()).toMatchObject({
    MultiRegionConfiguration: { ...MultiRegionConfiguration, MultiRegionKeyType: 'PRIMARY' },
  })
  expect(await describe(there)).toMatchObject({ KeyState: 'Enabled', Arn: replicaArn })
  await call('DisableKey', { KeyId: id })
  expect(await describe(there)).toMatchObject({ KeyState: 'Enabled' })
})

test('the answer of ReplicateKey leaves out what is empty, and what a key in the making does not know yet', async () => {
  const { answer } = await openReplicated()
  expect(Object.keys(JSON.parse(JSON.stringify(answer))).sort()).toEqual(['ReplicaKeyMetadata', 'ReplicaPolicy'])
  const { ReplicaKeyMetadata } = answer
  expect(Object.keys(JSON.parse(JSON.stringify(ReplicaKeyMetadata))).sort()).toEqual([
    'AWSAccountId',
    'Arn',
    'CreationDate',
    'CustomerMasterKeySpec',
    'Description',
    'Enabled',
    'EncryptionAlgorithms',
    'KeyId',
    'KeyManager',
    'KeySpec',
    'KeyState',
    'KeyUsage',
    'MultiRegion',
    'MultiRegionConfiguration',
    'Origin',
  ])
})

test('what was encrypted in one Region is decrypted in the other, also after rotations', async () => {
  const { call, id, arn, replicaArn, ambient } = await openReplicated()
  await call('EnableKeyRotation', { KeyId: id, RotationPeriodInDays: 90 })
  for (const turn of [0, 91, 91]) {
    ambient.turn(turn * day)
    const made = await call('Encrypt', { KeyId: id, Plaintext })
    const opened = await call('Decrypt', { CiphertextBlob: made.CiphertextBlob }, there)
    expect(opened).toMatchObject({ Plaintext, KeyId: replicaArn })
    const back = await call('Encrypt', { KeyId: id, Plaintext }, there)
    expect(await call('Decrypt', { CiphertextBlob: back.CiphertextBlob })).toMatchObject({ Plaintext, KeyId: arn })
  }
  const status = await call('GetKeyRotationStatus', { KeyId: id }, there)
  expect(status).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 })
})

test('only the primary key is replicated and rotated', async () => {
  const { call, id, replicaArn, createKey } = await openReplicated()
  const words = (arn: string) => `UnsupportedOperationException: ${arn} is not a multi-region primary key.`
  const again = { KeyId: id, ReplicaRegion: 'ap-south-1' }
  expect(await refusal(call('ReplicateKey', again, there))).toBe(words(replicaArn))
  expect(await refusal(call('EnableKeyRotation', { KeyId: id }, there))).toBe(words(replicaArn))
  expect(await refusal(call('RotateKeyOnDemand', { KeyId: id }, there))).toBe(words(replicaArn))
  const single = await createKey()
  const outcome = await refusal(call('ReplicateKey', { KeyId: single.id, ReplicaRegion: there.region }))
  expect(outcome).toBe(words(single.arn))
  const twice = await refusal(call('ReplicateKey', { KeyId: id, ReplicaRegion: there.region }))
  expect(twice).toContain('AlreadyExistsException')
  const nowhere = await refusal(call('ReplicateKey', { KeyId: id, ReplicaRegion: 'Nowhere' }))
  expect(nowhere).toContain("ValidationException: 1 validation error detected: Value 'Nowhere' at 'replicaRegion'")
})

test('a primary key waits for its replicas before its own days begin', async () => {
  const { call, id, arn, describe, ambient } = await openReplicated()
  const scheduled = await call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: 7 })
  expect(scheduled).toEqual({ KeyId: arn, KeyState: 'PendingReplicaDeletion', PendingWindowInDays: 7 })
  ambient.turn(30 * day)
  expect(await describe()).toMatchObject({ KeyState: 'PendingReplicaDeletion', PendingDeletionWindowInDays: 7 })
  const use = await refusal(call('Encrypt', { KeyId: id, Plaintext }))
  expect(use).toBe(`KMSInvalidStateException: ${arn} is pending deletion.`)
  await call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: 10 }, there)
  const begins = ambient.now() + 10 * day
  ambient.turn(11 * day)
  const pending = await describe()
  expect(pending).toMatchObject({ KeyState: 'PendingDeletion', DeletionDate: (begins + 7 * day) / 1000 })
  expect(pending).toMatchObject({ MultiRegionConfiguration: { ReplicaKeys: [] } })
  await call('CancelKeyDeletion', { KeyId: id })
  expect(await describe()).toMatchObject({ KeyState: 'Disabled' })
})

test('cancelling the deletion of a replica keeps it in the set', async () => {
  const { call, id, describe, ambient } = await openReplicated()
  await call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: 7 }, there)
  await call('CancelKeyDeletion', { KeyId: id }, there)
  ambient.turn(8 * day)
  expect(await describe(there)).toMatchObject({ KeyState: 'Disabled' })
  expect(await describe()).toMatchObject({ MultiRegionConfiguration: { ReplicaKeys: [{ Region: there.region }] } })
})

test('the sweeper keeps the material while a key of the set is left', async () => {
  const { call, id, service, ambient, describe } = await openReplicated()
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext })
  await call('CreateAlias', { AliasName: 'alias/there', TargetKeyId: id }, there)
  await call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: 7 }, there)
  ambient.turn(7 * day)
  await service.sweep()
  expect(await call('Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext })
  await call('ReplicateKey', { KeyId: id, ReplicaRegion: there.region })
  expect(await refusal(call('DescribeKey', { KeyId: 'alias/there' }, there))).toContain('NotFoundException')
  expect(await describe(there)).toMatchObject({ KeyState: 'Enabled' })
})

test('another Region becomes the primary one', async () => {
  const { call, id, replicaArn, arn, describe } = await openReplicated()
  await call('UpdatePrimaryRegion', { KeyId: id, PrimaryRegion: there.region })
  expect(await describe()).toMatchObject({
    MultiRegionConfiguration: {
      MultiRegionKeyType: 'REPLICA',
      PrimaryKey: { Arn: replicaArn, Region: there.region },
      ReplicaKeys: [{ Arn: arn, Region: here }],
    },
  })
  await call('ReplicateKey', { KeyId: id, ReplicaRegion: 'ap-south-1' }, there)
  expect(await describe()).toMatchObject({ MultiRegionConfiguration: { ReplicaKeys: [{}, {}] } })
  const back = await refusal(call('UpdatePrimaryRegion', { KeyId: id, PrimaryRegion: here }))
  expect(back).toBe(`UnsupportedOperationException: ${arn} is not a multi-region primary key.`)
  const unknown = await refusal(call('UpdatePrimaryRegion', { KeyId: id, PrimaryRegion: 'sa-east-1' }, there))
  expect(unknown).toContain("' does not exist")
})

test('the replica’s own policy has a say in who makes it the primary key', async () => {
  const { call, id, replicaArn } = await openReplicated()
  const statements = ['Allow', 'Deny'].map((Effect) => ({
    Effect,
    Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    Action: Effect === 'Allow' ? 'kms:*' : 'kms:UpdatePrimaryRegion',
    Resource: '*',
  }))
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  await call('PutKeyPolicy', { KeyId: id, Policy }, there)
  const outcome = await refusal(call('UpdatePrimaryRegion', { KeyId: id, PrimaryRegion: there.region }))
  expect(outcome).toContain(`is not authorized to perform: kms:UpdatePrimaryRegion on resource: ${replicaArn}`)
})

test('a replica of a key with imported material is given it too, and both rotate together', async () => {
  const { call, createKey, ambient } = await openKms()
  const { id } = await createKey({ MultiRegion: true, Origin: 'EXTERNAL' })
  const replicate = () => call('ReplicateKey', { KeyId: id, ReplicaRegion: there.region })
  expect(await refusal(replicate())).toContain('is pending import.')
  const first = randomBytes(32)
  const bring = async (material: Buffer, context: object = {}, ImportType = 'EXISTING_KEY_MATERIAL') => {
    const wrapping = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' }
    const { ImportToken, PublicKey } = await call('GetParametersForImport', { KeyId: id, ...wrapping }, context)
    const key = createPublicKey({ key: PublicKey as Buffer, format: 'der', type: 'spki' })
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    const EncryptedKeyMaterial = publicEncrypt({ key, padding, oaepHash: 'sha256' }, material)
    const ExpirationModel = 'KEY_MATERIAL_DOES_NOT_EXPIRE'
    const input = { KeyId: id, ImportToken, EncryptedKeyMaterial, ExpirationModel, ImportType }
    return call('ImportKeyMaterial', input, context)
  }
  await bring(first, {}, 'NEW_KEY_MATERIAL')
  await replicate()
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext })
  expect(await refusal(call('Decrypt', { CiphertextBlob }, there))).toContain('is pending import.')
  expect(await refusal(bring(randomBytes(32), there))).toContain('IncorrectKeyMaterialException')
  await bring(first, there)
  expect(await call('Decrypt', { CiphertextBlob }, there)).toMatchObject({ Plaintext })
  const second = randomBytes(32)
  expect(await refusal(bring(second, there, 'NEW_KEY_MATERIAL'))).toContain('is not a multi-region primary key.')
  await bring(second, {}, 'NEW_KEY_MATERIAL')
  const pending = async () => {
    const listed = await call('ListKeyRotations', { KeyId: id, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' })
    return (listed.Rotations as Metadata[]).at(-1)?.KeyMaterialState
  }
  expect(await pending()).toBe('PENDING_MULTI_REGION_IMPORT_AND_ROTATION')
  expect(await refusal(call('RotateKeyOnDemand', { KeyId: id }))).toContain('No available key material pending')
  await bring(second, there)
  expect(await pending()).toBe('PENDING_ROTATION')
  await call('RotateKeyOnDemand', { KeyId: id })
  ambient.turn(2000)
  const made = await call('Encrypt', { KeyId: id, Plaintext })
  const opened = await call('Decrypt', { CiphertextBlob: made.CiphertextBlob }, there)
  const old = await call('Decrypt', { CiphertextBlob }, there)
  expect(opened.KeyMaterialId).not.toBe(old.KeyMaterialId)
})

test('the trail tells of the replication in the primary key’s Region, and of a new key in the replica’s', async () => {
  const { events, trail, id, replicaArn } = await openReplicated()
  const elsewhere = await trail.lookup({ accountId: '111122223333', ...there, limit: 10 })
  expect(elsewhere.records).toMatchObject([
    {
      eventName: 'CreateKey',
      awsRegion: there.region,
      requestParameters: { multiRegion: true },
      responseElements: {
        keyMetadata: { arn: replicaArn, multiRegionConfiguration: { replicaKeys: [{ arn: replicaArn, ...there }] } },
      },
      resources: [{ ARN: replicaArn }],
    },
  ])
  const [event] = await events()
  expect(event).toMatchObject({
    eventName: 'ReplicateKey',
    readOnly: false,
    requestParameters: { keyId: id, replicaRegion: there.region },
    responseElements: { replicaKeyMetadata: { keyId: id, keyState: 'Creating' } },
  })
})
