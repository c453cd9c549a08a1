import { resolve } from 'node:path'
import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment'
import { type EmulatorOptions, startTestEmulator, type TestEmulator } from '../index.ts'
import { turnTo } from '../tool-variables.ts'
import { nodeEnvironment } from './node-environment.ts'

/**
 * Jest's environment `node` beside an emulator. It lives as long as a test file: files that run at the same time, or one after
 * another, see nothing of each other.
 *
 * `testEnvironmentOptions: { s3kmsEmu: { fixtures: ['fixtures.yaml'] } }` are its options; paths are those of the project.
 */
export class EmulatorEnvironment extends nodeEnvironment() {
  readonly #options: EmulatorOptions
  #emulator: TestEmulator | undefined
  #putBack = () => {}

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    super(config, context)
    const { rootDir, testEnvironmentOptions } = config.projectConfig
    const { fixtures = [], ...options }: EmulatorOptions = Object(testEnvironmentOptions.s3kmsEmu)
    this.#options =
      fixtures.length === 0 ? options : { ...options, fixtures: fixtures.map((file) => resolve(rootDir, file)) }
  }

  override async setup(): Promise<void> {
    await super.setup()
    this.#emulator = await startTestEmulator(this.#options)
    // Tests have a copy of the variables; programs that they start have those of the process.
    turnTo(this.#emulator, this.global.process.env)
    this.#putBack = turnTo(this.#emulator, process.env)
  }

  override async teardown(): Promise<void> {
    this.#putBack()
    await this.#emulator?.stop()
    await super.teardown()
  }
}

export default EmulatorEnvironment
