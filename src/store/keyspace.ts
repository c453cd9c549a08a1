/*
 * The keyspace of the `records` database: one prefix byte a kind of record, then a tuple of parts.
 *
 *   prefix │ part │ part │ …          string  = UTF-8, an inner 00 written 00 FF, closed by 00
 *    1 B   │                          integer = unsigned, 8 bytes, big-endian
 *
 * Byte order is the order of the tuples, and for strings S3's own listing order (UTF-8 bytewise). FF never begins what
 * follows a string's 00 (UTF-8 has no FF, integers stay below 2^53), so an escaped 00 cannot be taken for an end.
 */

/** Raised when a record's layout changes. A newer store is refused, an older one migrated (`database.ts`). */
export const formatVersion = 1

/** Every prefix in one table, so that no two slices collide. A prefix is for ever: retired ones stay listed. */
export const prefixes = {
  setting: 0x01,
  blob: 0x08,
  garbage: 0x09,
  principal: 0x10,
  accessKey: 0x11,
  session: 0x12,
  key: 0x20,
  alias: 0x21,
  keyAlias: 0x22,
  keyMaterial: 0x23,
  grant: 0x24,
  granteeGrant: 0x25,
  rootKey: 0x26,
  importToken: 0x27,
  keyUsage: 0x28,
  retirableGrant: 0x29,
  grantCount: 0x2a,
  event: 0x30,
  eventId: 0x31,
  eventAttribute: 0x32,
  explanation: 0x33,
  bucket: 0x40,
  object: 0x41,
  objectParts: 0x42,
  upload: 0x43,
  uploadPart: 0x44,
  sseRoot: 0x45,
} as const

export type KeyPart = string | number
export type PartType = 'string' | 'integer'
type PartOf<Type extends PartType> = Type extends 'string' ? string : number
export type KeyOf<Parts extends readonly PartType[]> = { -readonly [Index in keyof Parts]: PartOf<Parts[Index]> }

/** A kind of record: where it lies, of which parts its key is made, and (as a type only) what it holds. JSON on disk. */
export interface RecordKind<Value, Parts extends readonly PartType[] = readonly PartType[]> {
  readonly name: keyof typeof prefixes
  readonly parts: Parts
  /** Type only, never set: ties the kind to its value. */
  readonly value?: Value
}

/**
 * Declares a kind of record beside the store that keeps it:
 * `const aliases = recordKind<AliasRecord>()('alias', ['string', 'string', 'string'])`.
 */
export function recordKind<Value>() {
  return <const Parts extends readonly PartType[]>(
    name: keyof typeof prefixes,
    parts: Parts,
  ): RecordKind<Value, Parts> => ({ name, parts })
}

/** A record's name in memory: as its key, no two records share one, and it is made in a fraction of the time. */
export function nameOf(kind: RecordKind<unknown>, parts: readonly KeyPart[]): string {
  let name: string = kind.name
  for (const part of parts) name += typeof part === 'number' ? `#${part}` : `:${part.length}:${part}`
  return name
}

/** The key of a record, or the common beginning of many when only leading parts are given. */
export function encodeKey(kind: RecordKind<unknown>, parts: readonly KeyPart[]): Buffer {
  let length = 1
  for (const part of parts) {
    if (typeof part === 'string' && part.includes('\0')) return encodeKeyWithNul(kind, parts)
    length += typeof part === 'number' ? 8 : Buffer.byteLength(part) + 1
  }
  const key = Buffer.allocUnsafe(length)
  key[0] = prefixes[kind.name]
  let offset = 1
  for (const part of parts)
    offset = typeof part === 'number' ? writeInteger(key, part, offset) : writeString(key, part, offset)
  return key
}

function encodeKeyWithNul(kind: RecordKind<unknown>, parts: readonly KeyPart[]): Buffer {
  return Buffer.concat([Buffer.of(prefixes[kind.name]), ...parts.map(encodePart)])
}

function writeInteger(key: Buffer, value: number, offset: number): number {
  key.writeUInt32BE(Math.floor(value / 2 ** 32), offset)
  return key.writeUInt32BE(value % 2 ** 32, offset + 4)
}

function writeString(key: Buffer, text: string, offset: number): number {
  const end = offset + key.write(text, offset)
  key[end] = 0
  return end + 1
}

/** A string part that is not closed: the beginning of all strings that begin with it. */
export function encodeOpenString(text: string): Buffer {
  return encodePart(text).subarray(0, -1)
}

/** @throws Error when the bytes are not a key of that kind: the store is damaged */
export function decodeKey<Parts extends readonly PartType[]>(
  kind: RecordKind<unknown, Parts>,
  bytes: Uint8Array,
): KeyOf<Parts> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const decoded: KeyPart[] = []
  let offset = 1
  for (const type of kind.parts) {
    if (type === 'integer') {
      decoded.push(Number(buffer.readBigUInt64BE(offset)))
      offset += 8
      continue
    }
    const end = endOfString(buffer, offset)
    decoded.push(unescaped(buffer.subarray(offset, end)))
    offset = end + 1
  }
  return decoded as KeyOf<Parts>
}

/** The first key that no longer begins with `beginning`: its last byte that is not FF, one higher. */
export function afterAllBeginningWith(beginning: Uint8Array): Buffer {
  const next = Buffer.from(beginning)
  for (let index = next.length - 1; index >= 0; index--) {
    const byte = next[index] ?? 0
    if (byte === 0xff) continue
    next[index] = byte + 1
    return next.subarray(0, index + 1)
  }
  return Buffer.alloc(256, 0xff)
}

function encodePart(part: KeyPart): Buffer {
  if (typeof part === 'number') {
    const bytes = Buffer.alloc(8)
    writeInteger(bytes, part, 0)
    return bytes
  }
  const pieces = part.split('\0').map((piece) => Buffer.from(piece))
  const separated = pieces.flatMap((piece, index) => (index === 0 ? [piece] : [Buffer.of(0, 0xff), piece]))
  return Buffer.concat([...separated, Buffer.of(0)])
}

function endOfString(buffer: Buffer, start: number): number {
  for (let index = start; index < buffer.length; index++) {
    if (buffer[index] !== 0) continue
    if (buffer[index + 1] !== 0xff) return index
    index++
  }
  throw new Error('The store is damaged: a key has a string without an end')
}

function unescaped(bytes: Buffer): string {
  if (!bytes.includes(0)) return bytes.toString('utf8')
  const kept: number[] = []
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    kept.push(byte)
    if (byte === 0) index++
  }
  return Buffer.from(kept).toString('utf8')
}
