import { connectTo } from './emulator-client.ts'

export type { FixtureDocument } from '../fixtures/fixture-document.ts'
export type { EmulatorOptions } from '../index.ts'
export type { CallFilter } from './call-filter.ts'
export { connectTo, type EmulatorAddress, type EmulatorClient, type TrailPlace } from './emulator-client.ts'
export type { ExplainedRuling, ExplainedStatement, Explanation } from './explanation.ts'
export type { LabClient } from './lab-client.ts'
export type { ListedKey } from './listed-key.ts'
export { type KmsCallFilter, type MatcherResult, type TrailMatchers, trailMatchers } from './matchers.ts'
export type { Caller, RecordedCall } from './recorded-call.ts'
export type { ObjectName, Sealing } from './sealed-object.ts'
export { startTestEmulator, type TestEmulator } from './test-emulator.ts'

/**
 * The emulator that the AWS_* variables name: that of the presets for Jest and Vitest, of `s3kms-emu exec`, or one that was started
 * before.
 */
export const emulator = connectTo()
