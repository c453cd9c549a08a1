import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { Crc64Nvme } from '@aws-sdk/crc64-nvme'
import { xxhash3, xxhash64, xxhash128 } from 'hash-wasm'

/* Checksums computed by others than the emulator: Node, AWS's own CRC64NVME, CRC32C bit by bit, XXHASH of the whole at once. */

export const algorithms = [
  'CRC32',
  'CRC32C',
  'CRC64NVME',
  'SHA1',
  'SHA256',
  'SHA512',
  'MD5',
  'XXHASH64',
  'XXHASH3',
  'XXHASH128',
] as const
export type Algorithm = (typeof algorithms)[number]

export async function digestOf(algorithm: Algorithm, bytes: Uint8Array): Promise<Buffer> {
  if (algorithm === 'CRC32') return unsigned32(crc32(bytes))
  if (algorithm === 'CRC32C') return unsigned32(crc32c(bytes))
  if (algorithm === 'CRC64NVME') {
    const hash = new Crc64Nvme()
    hash.update(bytes)
    return Buffer.from(await hash.digest())
  }
  if (algorithm === 'XXHASH64') return Buffer.from(await xxhash64(bytes), 'hex')
  if (algorithm === 'XXHASH3') return Buffer.from(await xxhash3(bytes), 'hex')
  if (algorithm === 'XXHASH128') return Buffer.from(await xxhash128(bytes), 'hex')
  return createHash(algorithm.toLowerCase()).update(bytes).digest()
}

export async function checksumOf(algorithm: Algorithm, bytes: Uint8Array): Promise<string> {
  return (await digestOf(algorithm, bytes)).toString('base64')
}

export const headerOf = (algorithm: Algorithm) => `x-amz-checksum-${algorithm.toLowerCase()}`

function unsigned32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const polynomial = 0x82f63b78
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
  return value
})

function crc32c(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] ?? 0)
  return (value ^ 0xffffffff) >>> 0
}
