import type { TrailMatchers } from '../index.ts'

/* `s3kms-emu/jest`: what `s3kms-emu/testing` has, and the matchers' types for Jest's `expect`, the global one and that of @jest/globals. */

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

declare global {
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: declarations of one interface have the same parameters
    interface Matchers<R, T = {}> extends TrailMatchers<Promise<void>> {}
  }
}

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends TrailMatchers<Promise<void>> {}
}
