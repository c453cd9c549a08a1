import { crc32c } from '../../crypto/crc32c.ts'

/** A checksum as LevelDB stores it: CRC-32C, turned and shifted, so that a checksum of what holds checksums is none of them (util/crc32c.h). */
export function maskedChecksum(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
