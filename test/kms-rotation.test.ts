import {
  DecryptCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyRotationStatusCommand,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from './emulator.ts'

const day = 24 * 3600 * 1000
const Plaintext = Buffer.from('written in the first year')
let journey: Journey

beforeAll(async () => {
  journey = await startJourney({}, 'standing')
})

afterAll(() => journey.stop())

test('a key that rotates every 90 days: what was sealed before, by hand and by S3, opens ever after', async () => {
  const KeyId = await journey.createKey()
  const Bucket = await journey.createBucket('rotating')
  await journey.kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }))
  const sealed: { blob: Uint8Array | undefined; object: string }[] = []
  for (let year = 0; year < 4; year++) {
    const { CiphertextBlob } = await journey.kms.send(new EncryptCommand({ KeyId, Plaintext }))
    const Key = `object-${year}`
    const sse = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyId } as const
    await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...sse }))
    sealed.push({ blob: CiphertextBlob, object: Key })
    journey.turn(90 * day)
  }
  const materialIds = new Set<string | undefined>()
  for (const { blob, object } of sealed) {
    const opened = await journey.kms.send(new DecryptCommand({ CiphertextBlob: blob }))
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext)
    materialIds.add(opened.KeyMaterialId)
    const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key: object }))
    expect(await Body?.transformToString()).toBe(object)
  }
  expect(materialIds.size).toBe(4)
  const { Rotations = [] } = await journey.kms.send(
    new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }),
  )
  expect(Rotations.slice(0, 4).map(({ KeyMaterialId }) => KeyMaterialId)).toEqual([...materialIds])
  expect(Rotations.at(-1)).toMatchObject({ KeyMaterialState: 'CURRENT', RotationType: 'AUTOMATIC' })
  const status = await journey.kms.send(new GetKeyRotationStatusCommand({ KeyId }))
  expect(status).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 })
  expect(status.NextRotationDate?.getTime()).toBe((Rotations.at(-1)?.RotationDate?.getTime() ?? 0) + 90 * day)
})

test('the trail tells under which material a data key was made', async () => {
  const KeyId = await journey.createKey()
  await journey.kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  journey.turn(3 * 60 * 1000)
  const calls = await journey.kmsCallsDuring(async () => {
    const made = await journey.kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))
    const { Rotations } = await journey.kms.send(new ListKeyRotationsCommand({ KeyId }))
    expect(Rotations).toMatchObject([{ KeyMaterialId: made.KeyMaterialId, RotationType: 'ON_DEMAND' }])
  })
  const { Rotations = [] } = await journey.kms.send(new ListKeyRotationsCommand({ KeyId }))
  const made = calls.find(({ eventName }) => eventName === 'GenerateDataKey')
  expect(made?.additionalEventData).toEqual({ keyMaterialId: Rotations[0]?.KeyMaterialId })
})

test('a rotation period outside 90 to 2560 days is refused', async () => {
  const KeyId = await journey.createKey()
  const failure = await failureOf(journey.kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 2561 })))
  expect(failure).toMatchObject({ code: 'ValidationException', status: 400 })
})
