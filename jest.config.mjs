// Two projects: unit tests stand beside the code, journeys (test/) go through the real AWS SDKs.
// ESM needs --experimental-vm-modules (scripts/jest.mjs sets it); the transform is the build's own compiler, esbuild.
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/jest-transform.cjs' },
  transformIgnorePatterns: ['/node_modules/'],
  setupFiles: ['<rootDir>/scripts/jest-property-seed.mjs'],
}

export default {
  maxWorkers: 2,
  // Nothing here is timed: a busy machine may take its time, and only what hangs for ever is ended. No test has a limit of its own.
  testTimeout: 30 * 60_000,
  projects: [
    { ...shared, displayName: 'unit', roots: ['<rootDir>/src', '<rootDir>/bin'], testMatch: ['**/*.test.ts'] },
    { ...shared, displayName: 'journeys', roots: ['<rootDir>/test'], testMatch: ['**/*.test.ts'] },
  ],
}
