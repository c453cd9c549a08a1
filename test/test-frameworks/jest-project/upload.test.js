const { execFileSync } = require('node:child_process')
const { DisableKeyCommand, KMSClient } = require('@aws-sdk/client-kms')
const { GetObjectCommand, PutObjectCommand, S3Client } = require('@aws-sdk/client-s3')
const { emulator } = require('s3kms-emu/testing')

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

test('Programs that a test starts and waits for find the emulator', () => {
  const program =
    "fetch(process.env.AWS_ENDPOINT_URL + '/_s3kms/health').then(({ status }) => process.stdout.write(String(status)))"
  expect(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' })).toBe('200')
})
