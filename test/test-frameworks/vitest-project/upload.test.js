import { DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { emulator } from 's3kms-emu/vitest'
import { expect, test, vi } from 'vitest'

const s3 = new S3Client()
const object = { Bucket: 'uploads', Key: 'hello.txt' }

test('An object under a disabled key is not read', async () => {
  await s3.send(new PutObjectCommand({ ...object, Body: 'hello' }))
  await expect(object).toBeSealedUnder('alias/app')
  const { KeyId } = await emulator.key('alias/app')
  await new KMSClient().send(new DisableKeyCommand({ KeyId }))
  await expect(s3.send(new GetObjectCommand(object))).rejects.toThrow('is disabled')
  await expect(emulator).toHaveReceivedKmsCall('Decrypt', { error: 'DisabledException', via: 's3' })
})

test('Timers that a test holds do not hold the emulator', async () => {
  vi.useFakeTimers({ now: 0 })
  await expect(emulator).toHaveReceivedAnyKmsCall()
  vi.useRealTimers()
})
