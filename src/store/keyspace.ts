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
  /** {@link prefixes}' byte as Latin-1. */
  readonly prefix: string
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
  ): RecordKind<Value, Parts> => ({ name, prefix: String.fromCharCode(prefixes[name]), parts })
}

/**
 * The key of a record, or the common beginning of many when only leading parts are given: its bytes as Latin-1 text, which is
 * the record's name in memory too. A text is made and compared in a fraction of the time that bytes take.
 */
export function keyText(kind: RecordKind<unknown>, parts: readonly KeyPart[]): string {
  let key = kind.prefix
  for (const part of parts) key += typeof part === 'number' ? integerText(part) : `${stringText(part)}\0`
  return key
}

/** {@link keyText} as bytes. */
export function encodeKey(kind: RecordKind<unknown>, parts: readonly KeyPart[]): Buffer {
  return keyBytes(keyText(kind, parts))
}

export function keyBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

function integerText(value: number): string {
  const high = Math.floor(value / 2 ** 32)
  const low = value % 2 ** 32
  return String.fromCharCode(
    high >>> 24,
    (high >>> 16) & 255,
    (high >>> 8) & 255,
    high & 255,
    low >>> 24,
    (low >>> 16) & 255,
    (low >>> 8) & 255,
    low & 255,
  )
}

function stringText(text: string): string {
  if (/^[\x01-\x7f]*$/.test(text)) return text
  return Buffer.from(text).toString('latin1').replaceAll('\0', '\0\xff')
}

/** A string part that is not closed: the beginning of all strings that begin with it. */
export function encodeOpenString(text: string): Buffer {
  return keyBytes(stringText(text))
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
