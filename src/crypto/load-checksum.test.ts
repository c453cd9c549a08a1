import { expect, test } from '@jest/globals'
import { checksumAlgorithms, createChecksum, loadChecksum } from './checksums.ts'

/* In a file of its own: what is loaded stays loaded in a process. */

test('XXHASH alone must be loaded first, once for its three kinds; who does not is told so', async () => {
  const toLoad = checksumAlgorithms.filter((algorithm) => loadChecksum(algorithm) !== undefined)
  expect(toLoad).toEqual(['XXHASH64', 'XXHASH3', 'XXHASH128'])
  expect(loadChecksum(undefined)).toBeUndefined()
  expect(() => createChecksum('XXHASH3')).toThrow('XXHASH was not loaded')
  await loadChecksum('XXHASH64')
  expect(toLoad.map(loadChecksum)).toEqual([undefined, undefined, undefined])
})
