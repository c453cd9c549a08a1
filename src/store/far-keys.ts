/*
 * LevelDB keeps the 64 tables that it opened last mapped into memory, however large they are, and what was read of them counts
 * as resident. Only the opening of others makes it let go of one. So a long read asks along its way for keys that are not
 * there, in tables far away, of which LevelDB then reads the index and the filter alone.
 *
 *   opened last   R o o o o o o o o o o o o R o o o o …     R read, 3 MiB; o opened only, some 100 KiB
 */

/** From one read to the next (of two segments) the far numbers go on by fourteen: into another table, a table has twelve. */
const stride = 7

/**
 * Keys that no segment has, in tables far from the one that is read.
 * @param first the number of the segment that is read
 * @param given how many numbers were given until now; more than `first`
 */
export function farKeys(first: number, given: number): Buffer[] {
  return [1, 2].map((third) => keyBehind((first * stride + Math.floor((given * third) / 3)) % given))
}

/** A segment's own key has eight bytes (`store/blobs.ts`): this one comes right behind it. */
function keyBehind(number: number): Buffer {
  const key = Buffer.alloc(9)
  key.writeBigUInt64BE(BigInt(number))
  return key
}
