import { createXXHash3, createXXHash64, createXXHash128 } from 'hash-wasm'

/** The machines of `xxhash.ts`, in a file of their own: what is imported at once brings nothing else of the library along. */
export async function createMachines() {
  const [XXHASH64, XXHASH3, XXHASH128] = await Promise.all([createXXHash64(), createXXHash3(), createXXHash128()])
  return { XXHASH64, XXHASH3, XXHASH128 }
}
