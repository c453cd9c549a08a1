import type { TrailMatchers } from '../index.ts'

/* `s3kms-emu/vitest`: what `s3kms-emu/testing` has, and the matchers' types for Vitest's `expect`. */

export {
  type CallFilter,
  connectTo,
  type EmulatorClient,
  emulator,
  type RecordedCall,
  startTestEmulator,
  type TestEmulator,
  type TrailMatchers,
  trailMatchers,
} from '../index.ts'

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: two declarations of an interface have the same parameters
  interface Matchers<T = any> extends TrailMatchers<Promise<void>> {}
}
