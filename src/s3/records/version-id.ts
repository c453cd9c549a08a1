import { hash } from 'node:crypto'
import { nullVersion } from './object-record.ts'

/*
 * Version ids: opaque to clients, 32 letters, digits, `.` and `_` as AWS gives them, and told from what else they may send. An id
 * says where its version stands, so that a list goes on behind one that was deleted meanwhile:
 *
 *   base64url, `.` for `-`  │  13 random bytes r  │  order, 7 bytes, XOR h[0..7]  │  h[7..11]        h = SHA-256(r)
 */

const randomLength = 13
const orderLength = 7
const idLength = 24

/** The first order given; more versions fit below it than anybody writes. A version that has none stands there. */
export const firstOrder = 2 ** 52

/**
 * @param order 0 … 2^52, of the version
 * @param random 13 fresh random bytes
 */
export function newVersionId(order: number, random: Uint8Array): string {
  const id = Buffer.alloc(idLength)
  id.set(random)
  id.writeUIntBE(Math.floor(order / 2 ** 32), randomLength, 3)
  id.writeUInt32BE(order % 2 ** 32, randomLength + 3)
  mask(id, digestOf(id))
  return id.toString('base64url').replaceAll('-', '.')
}

/** @returns undefined of `null`, and of what {@link newVersionId} never gave */
export function orderOfId(versionId: string): number | undefined {
  if (!/^[\w.]{32}$/.test(versionId)) return undefined
  const id = Buffer.from(versionId.replaceAll('.', '-'), 'base64url')
  mask(id, digestOf(id))
  if (id.readUInt32BE(randomLength + orderLength) !== 0) return undefined
  return id.readUIntBE(randomLength, 3) * 2 ** 32 + id.readUInt32BE(randomLength + 3)
}

/** Whether it is an id that a version can have. */
export function isVersionId(text: string): boolean {
  return text === nullVersion || orderOfId(text) !== undefined
}

function digestOf(id: Buffer): Buffer {
  return hash('sha256', id.subarray(0, randomLength), 'buffer')
}

function mask(id: Buffer, digest: Buffer): void {
  for (let index = randomLength; index < idLength; index++) {
    id[index] = (id[index] ?? 0) ^ (digest[index - randomLength] ?? 0)
  }
}
