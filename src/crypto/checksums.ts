import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { crc32c } from './crc32c.ts'
import { Crc64Nvme } from './crc64-nvme.ts'
import { createXxHash, isXxHashLoaded, loadXxHash } from './xxhash.ts'

/** A checksum in progress: bytes in, digest out (once). */
export interface Checksum {
  update(bytes: Uint8Array): void
  digest(): Buffer
}

/** Every checksum S3 takes that this emulator computes, in the order S3 lists them: digest length in bytes, and how it is made. */
const table = {
  CRC32: { digestLength: 4, create: () => crc((bytes, value) => crc32(bytes, value)) },
  CRC32C: { digestLength: 4, create: () => crc(crc32c) },
  CRC64NVME: { digestLength: 8, create: () => new Crc64Nvme() },
  SHA1: { digestLength: 20, create: () => hashOf('sha1') },
  SHA256: { digestLength: 32, create: () => hashOf('sha256') },
  SHA512: { digestLength: 64, create: () => hashOf('sha512') },
  MD5: { digestLength: 16, create: () => hashOf('md5') },
  XXHASH64: { digestLength: 8, create: () => createXxHash('XXHASH64') },
  XXHASH3: { digestLength: 8, create: () => createXxHash('XXHASH3') },
  XXHASH128: { digestLength: 16, create: () => createXxHash('XXHASH128') },
} as const satisfies Record<string, { digestLength: number; create: () => Checksum }>

export type ChecksumName = keyof typeof table

export const checksumAlgorithms = Object.freeze(Object.keys(table)) as readonly ChecksumName[]

/** Bytes of a digest. */
export function digestLength(algorithm: ChecksumName): number {
  return table[algorithm].digestLength
}

/**
 * What must be loaded before a checksum of that algorithm can be begun.
 * @returns undefined where all is there: of most algorithms always
 */
export function loadChecksum(algorithm: ChecksumName | undefined): Promise<void> | undefined {
  return algorithm?.startsWith('XXHASH') && !isXxHashLoaded() ? loadXxHash() : undefined
}

export function createChecksum(algorithm: ChecksumName): Checksum {
  return table[algorithm].create()
}

function hashOf(name: string): Checksum {
  const hash = createHash(name)
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() }
}

function crc(next: (bytes: Uint8Array, value: number) => number): Checksum {
  let value = 0
  return {
    update: (bytes) => {
      value = next(bytes, value)
    },
    digest: () => {
      const digest = Buffer.allocUnsafe(4)
      digest.writeUInt32BE(value)
      return digest
    },
  }
}
