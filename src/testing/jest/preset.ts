import { join } from 'node:path'

/** `preset: 's3kms-emu/jest'`: every test file has an emulator of its own, to which the AWS_* variables point, and the matchers. */
const preset = {
  testEnvironment: join(import.meta.dirname, 'jest-environment.cjs'),
  setupFilesAfterEnv: [join(import.meta.dirname, 'jest-setup.cjs')],
}

export default preset
