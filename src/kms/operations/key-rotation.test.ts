import { expect, test } from '@jest/globals'
import { openKms, refusal } from '../kms.fixture.ts'

const day = 24 * 3600 * 1000
const twoSeconds = 2000
const Plaintext = Buffer.from('a secret')

async function openWithKey(input: object = {}) {
  const kms = await openKms()
  const key = await kms.createKey(input)
  const current = async () => {
    const { KeyMetadata } = await kms.call('DescribeKey', { KeyId: key.id })
    return (KeyMetadata as { CurrentKeyMaterialId: string }).CurrentKeyMaterialId
  }
  const rotations = async (input: object = {}) => {
    const { Rotations } = await kms.call('ListKeyRotations', { KeyId: key.id, ...input })
    return Rotations as Record<string, unknown>[]
  }
  const status = () => kms.call('GetKeyRotationStatus', { KeyId: key.id })
  return { ...kms, ...key, current, rotations, status }
}

test('a key rotates every period, without anybody doing anything, and old ciphertexts open for ever', async () => {
  const { call, id, arn, ambient, current, rotations } = await openWithKey()
  await call('EnableKeyRotation', { KeyId: id, RotationPeriodInDays: 90 })
  const made: { blob: unknown; materialId: string }[] = []
  for (let period = 0; period < 4; period++) {
    const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext })
    made.push({ blob: CiphertextBlob, materialId: await current() })
    ambient.turn(90 * day)
  }
  expect(new Set(made.map(({ materialId }) => materialId)).size).toBe(4)
  for (const { blob, materialId } of made) {
    const opened = await call('Decrypt', { CiphertextBlob: blob })
    expect(opened).toMatchObject({ Plaintext, KeyId: arn, KeyMaterialId: materialId })
  }
  const listed = await rotations({ IncludeKeyMaterial: 'ALL_KEY_MATERIAL' })
  expect(listed.map(({ KeyMaterialId }) => KeyMaterialId)).toEqual([
    ...made.map(({ materialId }) => materialId),
    await current(),
  ])
  expect(listed.map(({ KeyMaterialState }) => KeyMaterialState)).toEqual([...Array(4).fill('NON_CURRENT'), 'CURRENT'])
  expect(listed[0]).not.toMatchObject({ RotationDate: expect.anything() })
})

test('what reads see of a rotation is what Encrypt uses, before and after it is stored', async () => {
  const { call, id, ambient, current } = await openWithKey()
  await call('EnableKeyRotation', { KeyId: id })
  ambient.turn(400 * day)
  const seen = await current()
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext })
  await call('UpdateKeyDescription', { KeyId: id, Description: 'stored anew' })
  expect(await current()).toBe(seen)
  expect(await call('Decrypt', { CiphertextBlob })).toMatchObject({ KeyMaterialId: seen })
  const dataKey = await call('GenerateDataKey', { KeyId: id, KeySpec: 'AES_256' })
  expect(dataKey).toMatchObject({ KeyMaterialId: seen })
})

test('ReEncrypt brings an old ciphertext under the current material, and both are told', async () => {
  const { call, id, ambient, current, events } = await openWithKey()
  const first = await current()
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext })
  await call('RotateKeyOnDemand', { KeyId: id })
  ambient.turn(twoSeconds)
  const moved = await call('ReEncrypt', { CiphertextBlob, DestinationKeyId: id })
  const second = await current()
  expect(moved).toMatchObject({ SourceKeyMaterialId: first, DestinationKeyMaterialId: second })
  const event = (await events()).find(({ eventName }) => eventName === 'ReEncrypt')
  expect(event?.additionalEventData).toEqual({ sourceKeyMaterialId: first, destinationKeyMaterialId: second })
})

test('enabling again keeps the period, another period begins to run now, disabling forgets it', async () => {
  const { call, id, arn, ambient, status } = await openWithKey()
  expect(await status()).toEqual({ KeyId: arn, KeyRotationEnabled: false })
  await call('EnableKeyRotation', { KeyId: id, RotationPeriodInDays: 180 })
  const next = (ambient.now() + 180 * day) / 1000
  ambient.turn(10 * day)
  await call('EnableKeyRotation', { KeyId: id })
  const enabled = { KeyId: arn, KeyRotationEnabled: true, RotationPeriodInDays: 180, NextRotationDate: next }
  expect(await status()).toEqual(enabled)
  await call('EnableKeyRotation', { KeyId: id, RotationPeriodInDays: 90 })
  expect(await status()).toMatchObject({ NextRotationDate: (ambient.now() + 90 * day) / 1000 })
  await call('DisableKeyRotation', { KeyId: id })
  await call('EnableKeyRotation', { KeyId: id })
  expect(await status()).toMatchObject({ RotationPeriodInDays: 365 })
})

test('a disabled key shows its schedule, and rotates overdue when it is enabled', async () => {
  const { call, id, ambient, current, rotations, status } = await openWithKey()
  await call('EnableKeyRotation', { KeyId: id, RotationPeriodInDays: 90 })
  const first = await current()
  await call('DisableKey', { KeyId: id })
  ambient.turn(100 * day)
  expect(await status()).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 })
  expect(await current()).toBe(first)
  await call('EnableKey', { KeyId: id })
  expect(await rotations()).toMatchObject([{ RotationType: 'AUTOMATIC', RotationDate: ambient.now() / 1000 }])
})

test('the schedule of a key pending deletion is not shown; cancelling brings it back', async () => {
  const { call, id, arn, status } = await openWithKey()
  await call('EnableKeyRotation', { KeyId: id })
  await call('ScheduleKeyDeletion', { KeyId: id })
  expect(await status()).toEqual({ KeyId: arn, KeyRotationEnabled: false })
  await call('CancelKeyDeletion', { KeyId: id })
  expect(await status()).toMatchObject({ KeyRotationEnabled: true })
})

test('an on-demand rotation takes two seconds, also of a disabled key, and leaves the schedule alone', async () => {
  const { call, id, arn, ambient, current, rotations, status } = await openWithKey()
  await call('EnableKeyRotation', { KeyId: id })
  const { NextRotationDate } = await status()
  const first = await current()
  expect(await call('RotateKeyOnDemand', { KeyId: id })).toEqual({ KeyId: arn })
  const begun = ambient.now() / 1000
  ambient.turn(1999)
  expect(await call('RotateKeyOnDemand', { KeyId: id })).toEqual({ KeyId: arn })
  await call('DisableKey', { KeyId: id })
  expect(await status()).toMatchObject({ OnDemandRotationStartDate: begun, NextRotationDate })
  expect(await current()).toBe(first)
  ambient.turn(1)
  expect(await status()).not.toMatchObject({ OnDemandRotationStartDate: expect.anything() })
  expect(await rotations()).toMatchObject([
    { KeyId: id, KeyMaterialId: await current(), RotationType: 'ON_DEMAND', RotationDate: begun + 2 },
  ])
  expect(await status()).toMatchObject({ NextRotationDate })
})

test('a key has 25 on-demand rotations', async () => {
  const { call, id, arn, ambient, rotations } = await openWithKey()
  for (let count = 0; count < 25; count++) {
    await call('RotateKeyOnDemand', { KeyId: id })
    ambient.turn(twoSeconds)
  }
  expect(await refusal(call('RotateKeyOnDemand', { KeyId: id }))).toBe(
    `LimitExceededException: The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${arn}`,
  )
  expect(await rotations()).toHaveLength(25)
})

test('no on-demand rotation within 20 minutes of an automatic one', async () => {
  const { call, id, ambient } = await openWithKey()
  await call('EnableKeyRotation', { KeyId: id, RotationPeriodInDays: 90 })
  ambient.turn(90 * day - 20 * 60 * 1000)
  expect(await refusal(call('RotateKeyOnDemand', { KeyId: id }))).toContain('ConflictException: ')
})

test('rotations are listed in pages, oldest first', async () => {
  const { call, id, ambient, rotations } = await openWithKey()
  for (let count = 0; count < 5; count++) {
    await call('RotateKeyOnDemand', { KeyId: id })
    ambient.turn(twoSeconds)
  }
  const found: unknown[] = []
  let Marker: unknown
  do {
    const page = await call('ListKeyRotations', { KeyId: id, Limit: 2, ...(Marker ? { Marker } : {}) })
    found.push(...(page.Rotations as unknown[]))
    Marker = page.NextMarker
  } while (Marker)
  expect(found).toEqual(await rotations())
  const misplaced = { KeyId: id, Marker: 'no marker' }
  expect(await refusal(call('ListKeyRotations', misplaced))).toBe('InvalidMarkerException: ')
})

test('an HMAC key does not rotate: status false, nothing listed, disabling is no error', async () => {
  const hmac = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }
  const { call, id, arn, rotations, status } = await openWithKey(hmac)
  expect(await status()).toEqual({ KeyId: arn, KeyRotationEnabled: false })
  expect(await rotations()).toEqual([])
  await call('DisableKeyRotation', { KeyId: id })
  for (const operation of ['EnableKeyRotation', 'RotateKeyOnDemand']) {
    expect(await refusal(call(operation, { KeyId: id }))).toBe('UnsupportedOperationException: ')
  }
})

test.each([89, 2561])('a rotation period of %i days is refused', async (RotationPeriodInDays) => {
  const { call, id } = await openWithKey()
  const outcome = await refusal(call('EnableKeyRotation', { KeyId: id, RotationPeriodInDays }))
  const bound = RotationPeriodInDays < 90 ? 'greater than or equal to 90' : 'less than or equal to 2560'
  expect(outcome).toBe(
    `ValidationException: 1 validation error detected: Value '${RotationPeriodInDays}' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value ${bound}`,
  )
})

test('the rotation status of an AWS managed key is true, and says when', async () => {
  const { call, ambient } = await openKms()
  const { KeyMetadata } = await call('DescribeKey', { KeyId: 'alias/aws/s3' })
  const { Arn: KeyId } = KeyMetadata as { Arn: string }
  expect(await call('GetKeyRotationStatus', { KeyId })).toEqual({
    KeyId,
    KeyRotationEnabled: true,
    RotationPeriodInDays: 365,
    NextRotationDate: (ambient.now() + 365 * day) / 1000,
  })
})

test('the key of alias/aws/s3 rotates every year; nobody can rotate it by hand', async () => {
  const { call, ambient } = await openKms()
  const input = { KeyId: 'alias/aws/s3', KeySpec: 'AES_256' }
  const before = await call('GenerateDataKey', input, { via: 's3' })
  ambient.turn(365 * day)
  const after = await call('GenerateDataKey', input, { via: 's3' })
  expect(after.KeyMaterialId).not.toBe(before.KeyMaterialId)
  const opened = await call('Decrypt', { CiphertextBlob: before.CiphertextBlob }, { via: 's3' })
  expect(opened).toMatchObject({ Plaintext: before.Plaintext })
  expect(await refusal(call('RotateKeyOnDemand', { KeyId: before.KeyId }))).toContain('AccessDeniedException')
})

test('the sweeper tells the trail of each rotation once', async () => {
  const { call, id, arn, ambient, service, events, rotations } = await openWithKey()
  await call('EnableKeyRotation', { KeyId: id, RotationPeriodInDays: 90 })
  ambient.turn(91 * day)
  await call('UpdateKeyDescription', { KeyId: id, Description: 'stored' })
  await service.sweep()
  await service.sweep()
  const rotationEvents = (await events()).filter(({ eventName }) => eventName === 'RotateKey')
  const [rotation] = await rotations()
  expect(rotationEvents).toMatchObject([
    {
      eventType: 'AwsServiceEvent',
      userIdentity: { accountId: '111122223333', invokedBy: 'AWS Internal' },
      serviceEventDetails: { keyId: arn, rotationType: 'AUTOMATIC', currentKeyMaterialId: rotation?.KeyMaterialId },
    },
  ])
})
