/*
 * LevelDB keeps the 64 tables that it opened last mapped into memory, however large they are, and what was read of them counts
 * as resident. Only the opening of others makes it let go of one. So a long read asks along its way for keys that are not
 * there, in tables far away, of which LevelDB then reads the index and the filter alone.
 *
 *   opened last   R o o o o R o o o o R o o o o …     R read, 2 MiB; o opened only, some 100 KiB
 */

/** From one read to the next (of two segments) the far number goes on by ten: into another table, a table has eight. */
const stride = 5

/**
 * A key that no segment has, in a table far from the one that is read.
 * @param first the number of the segment that is read
 * @param given how many numbers were given until now; more than `first`
 */
export function farKey(first: number, given: number): Buffer {
  const far = (first * stride + Math.floor(given / 2)) % given
  // A segment's own key has eight bytes (`store/blobs.ts`): this one comes right behind it.
  const key = Buffer.alloc(9)
  key.writeBigUInt64BE(BigInt(far))
  return key
}
