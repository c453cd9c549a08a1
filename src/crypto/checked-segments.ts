import { crc32 } from 'node:zlib'
import { NotAuthentic } from './aead.ts'
import type { Segment } from './segments.ts'

/*
 * A segment of a body that nobody asked to seal. It hides nothing, but bytes that changed on the disk are noticed:
 *
 *   checked segment = bytes ‖ salt (8 B) ‖ CRC-32 of bytes ‖ salt ‖ u32 index ‖ u8 last flag
 *
 * The salt distinguishes the segments of two bodies, the index makes an exchange of two of them fail, the last flag a
 * truncation. Against disks, not against people: whoever can write a segment can compute its checksum.
 */

export const checkSaltSize = 8
/** Bytes that checking adds to each segment. */
export const checkSize = checkSaltSize + 4

/**
 * Puts the check behind the segment where it has room of {@link checkSize}, and else behind a copy.
 * @param salt of the body, {@link checkSaltSize} random bytes
 */
export function addCheck(salt: Uint8Array, segment: Segment): Buffer {
  const checked = segment.withRoom ?? copyWithRoom(segment.bytes)
  const end = segment.bytes.length
  checked.set(salt, end)
  checked.writeUInt32BE(checksumOf(salt, segment), end + checkSaltSize)
  return checked
}

function copyWithRoom(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length + checkSize)
  copy.set(bytes)
  return copy
}

/**
 * @returns the bytes, a view of what was given
 * @throws NotAuthentic when they are not the ones that were written to that body and place
 */
export function takeCheck(salt: Uint8Array, { bytes, index, isLast }: Segment): Uint8Array {
  const end = bytes.length - checkSize
  if (end < 0) throw new NotAuthentic()
  const check = Buffer.from(bytes.buffer, bytes.byteOffset + end, checkSize)
  if (check.compare(salt, 0, salt.length, 0, checkSaltSize) !== 0) throw new NotAuthentic()
  const plain = bytes.subarray(0, end)
  if (check.readUInt32BE(checkSaltSize) !== checksumOf(salt, { bytes: plain, index, isLast })) throw new NotAuthentic()
  return plain
}

/** One buffer for all calls: it is read before another call can write to it. */
const place = Buffer.alloc(checkSaltSize + 5)

function checksumOf(salt: Uint8Array, { bytes, index, isLast }: Segment): number {
  place.set(salt)
  place.writeUInt32BE(index, checkSaltSize)
  place[checkSaltSize + 4] = isLast ? 1 : 0
  // In this order: zlib takes no bytes at all for a new beginning.
  return crc32(place, crc32(bytes))
}
