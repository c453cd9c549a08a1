import { expect, test } from '@jest/globals'
import { requireSnapshotName } from './snapshot-name.ts'

test.each(['a', 'base', '1', 'a.b_c-d', 'a'.repeat(64)])('%j is a name', (name) => {
  expect(() => requireSnapshotName(name)).not.toThrow()
})

test.each(['', 'A', '.a', '-a', 'a.', 'a/b', '..', 'a b', 'con', 'nul.txt', 'a'.repeat(65), 'ä', undefined, null, 7])(
  '%j is none',
  (name) => {
    expect(() => requireSnapshotName(name)).toThrow('has 1 to 64 of')
  },
)
