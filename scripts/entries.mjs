// What the package gives out: a row for each path of `exports` in package.json, from which the build makes its files and its types.
//
//   name       of the files: dist/NAME.cjs, dist/NAME.mjs, dist/NAME.d.cts, dist/NAME.d.mts
//   source     what a program that imports it sees
//   program    in place of the source: a file that gives out the same, and is the command line when it is run
//   only       the one kind of module that there is, where what it belongs to knows no other
//   inner      no program imports it: a tool, or another entry, names the file; it has no types
//
// All but the first reach the emulator by importing `src/index.ts`, which stays the first one's file: it is there once.

/** @type {readonly { name: string, source: string, program?: string, only?: 'mjs' | 'cjs', inner?: true }[]} */
export const entries = [
  { name: 's3kms-emu', source: 'src/index.ts', program: 'bin/s3kms-emu.ts' },
  { name: 'testing', source: 'src/testing/index.ts' },
  { name: 'jest', source: 'src/testing/jest/index.ts' },
  { name: 'jest-preset', source: 'src/testing/jest/preset.ts', only: 'cjs', inner: true },
  { name: 'jest-environment', source: 'src/testing/jest/environment.ts', only: 'cjs', inner: true },
  { name: 'jest-setup', source: 'src/testing/jest/setup.ts', only: 'cjs', inner: true },
  { name: 'vitest', source: 'src/testing/vitest/index.ts' },
  { name: 'vitest-setup', source: 'src/testing/vitest/setup.ts', only: 'mjs' },
]
