import { afterAll, expect } from 'vitest'
import { startTestEmulator, trailMatchers } from '../index.ts'
import { turnTo } from '../tool-variables.ts'

/*
 * `setupFiles: ['s3kms-emu/vitest/setup']`: every test file has an emulator of its own, to which the AWS_* variables point before the
 * file is read, and the matchers. Its options are the S3KMS_* variables: `env: { S3KMS_FIXTURES: './fixtures.yaml' }`.
 */

const emulator = await startTestEmulator()
const putBack = turnTo(emulator, process.env)
expect.extend(trailMatchers)

afterAll(async () => {
  putBack()
  await emulator.stop()
})
