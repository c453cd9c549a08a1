import { expect, test } from '@jest/globals'
import { emulator } from 's3kms-emu/jest'

test('Every file has an emulator as the fixtures made it', async () => {
  await expect(emulator).not.toHaveReceivedKmsCall('DisableKey')
  expect(await emulator.key('alias/app')).toMatchObject({ KeyState: 'Enabled' })
  expect(process.env.AWS_ENDPOINT_URL).toBe(emulator.endpoint)
})
