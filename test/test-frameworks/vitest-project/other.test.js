import { emulator } from 's3kms-emu/vitest'
import { expect, test } from 'vitest'

test('Every file has an emulator as the fixtures made it', async () => {
  await expect(emulator).not.toHaveReceivedKmsCall('DisableKey')
  expect(await emulator.key('alias/app')).toMatchObject({ KeyState: 'Enabled' })
})
