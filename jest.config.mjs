// Projects: unit tests stand beside the code, journeys (test/) go through the real AWS SDKs; `quick` is what of both is quick.
// ESM needs --experimental-vm-modules (scripts/jest.mjs sets it); the transform is the build's own compiler, esbuild.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/jest-transform.cjs' },
  transformIgnorePatterns: ['/node_modules/'],
  // Loading the package takes 40 ms, so only who asks for it has it.
  moduleNameMapper: { '^fast-check$': '<rootDir>/scripts/seeded-fast-check.mjs' },
}

/** `npm run test:quick` is without them, and with a few journeys instead. */
const slow = JSON.parse(readFileSync(new URL('scripts/slow-tests.json', import.meta.url), 'utf8'))
const coreJourneys = ['main-story', 'permissions-story', 'versioning']

export default {
  maxWorkers: Math.min(8, Math.max(2, availableParallelism())),
  // Modules that Node's vm has linked stay in memory: without a limit a worker of the unit tests grows to 2 GB.
  workerIdleMemoryLimit: '800MB',
  testSequencer: './scripts/jest-sequencer.cjs',
  // Nothing here is timed: a busy machine may take its time, and only what hangs for ever is ended. No test has a limit of its own.
  testTimeout: 30 * 60_000,
  projects: [
    { ...shared, displayName: 'unit', roots: ['<rootDir>/src', '<rootDir>/bin'], testMatch: ['**/*.test.ts'] },
    { ...shared, displayName: 'journeys', roots: ['<rootDir>/test'], testMatch: ['**/*.test.ts'] },
    {
      ...shared,
      displayName: 'quick',
      roots: ['<rootDir>/src', '<rootDir>/bin', '<rootDir>/test'],
      testMatch: ['**/{src,bin}/**/*.test.ts', ...coreJourneys.map((name) => `<rootDir>/test/${name}.test.ts`)],
      testPathIgnorePatterns: ['/node_modules/', ...slow.map((path) => `/${path.replaceAll('.', '\\.')}$`)],
    },
  ],
}
