/*
 * The keyspace of the `records` database: one prefix byte a kind of record, then a tuple of parts.
 *
 *   prefix │ part │ part │ …          string  = UTF-8, an inner 00 written 00 FF, closed by 00
 *    1 B   │                          integer = unsigned, 8 bytes, big-endian
 *
 * Byte order is the order of the tuples, and for strings S3's own listing order (UTF-8 bytewise). FF never begins what
 * follows a string's 00 (UTF-8 has no FF, integers stay below 2^53), so an escaped 00 cannot be taken for an end.
 *
 * In memory a key is a text of these bytes, one character each, which is made and compared in a fraction of the time that
 * bytes take. LevelDB gets it as UTF-8, which keeps its order.
 */

/** Raised when a record's or a body's layout changes: a newer store is refused (`database.ts`), an older one migrated (`migrations/`). */
export const formatVersion = 5
/** What is older is refused too: format 1, whose plain bodies had no checksums, was never released. */
export const oldestFormat = 2

/** Every prefix in one table, so that no two slices collide. A prefix is for ever: retired ones stay listed. */
export const prefixes = {
  setting: 0x01,
  blob: 0x08,
  garbage: 0x09,
  smallBody: 0x0a,
  principal: 0x10,
  accessKey: 0x11,
  session: 0x12,
  group: 0x13,
  managedPolicy: 0x14,
  managedPolicyVersion: 0x15,
  instanceProfile: 0x16,
  identityName: 0x17,
  accountAlias: 0x18,
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
  /** Retired with format 2. */
  eventAttribute: 0x32,
  explanation: 0x33,
  eventSpan: 0x34,
  dataEvent: 0x35,
  trail: 0x36,
  trailDelivery: 0x37,
  undelivered: 0x38,
  undigested: 0x39,
  lastDigest: 0x3a,
  digestKey: 0x3b,
  bucket: 0x40,
  /** Retired with format 2. */
  objectSlot: 0x41,
  /** Retired with format 2. */
  objectPartsSlot: 0x42,
  upload: 0x43,
  uploadPart: 0x44,
  sseRoot: 0x45,
  objectVersion: 0x46,
  nullOrder: 0x47,
  object: 0x48,
  objectParts: 0x49,
  bucketConfiguration: 0x4a,
  lifecycleDue: 0x4d,
  inventoryDue: 0x4e,
  accessLogLine: 0x4f,
  currentMarker: 0x4b,
  unfinishedFixture: 0x50,
  notification: 0x60,
  notificationDue: 0x61,
  notificationTarget: 0x62,
  restoreMoment: 0x63,
  replicationDue: 0x66,
  versionOrder: 0x67,
  lifecycleIndex: 0x68,
  lifecycleVersion: 0x69,
  lifecycleUpload: 0x6a,
  lifecycleLook: 0x6b,
  clock: 0x70,
  seededStarts: 0x71,
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

/** The key of a record, or the common beginning of many when only leading parts are given. */
export function encodeKey(kind: RecordKind<unknown>, parts: readonly KeyPart[]): string {
  let key = kind.prefix
  for (const part of parts) key += typeof part === 'number' ? integerText(part) : `${encodeOpenString(part)}\0`
  return key
}

function integerText(value: number): string {
  const high = Math.floor(value / 2 ** 32)
  // The remainder by 2^32, without a division.
  const low = value >>> 0
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

/** Of these a character is a byte. */
const plain = /^[\x01-\x7f]*$/

/** A string part that is not closed: the beginning of all strings that begin with it. */
export function encodeOpenString(text: string): string {
  if (plain.test(text)) return text
  return Buffer.from(text).toString('latin1').replaceAll('\0', '\0\xff')
}

/** @throws Error when the text is not a key of that kind: the store is damaged */
export function decodeKey<Parts extends readonly PartType[]>(
  kind: RecordKind<unknown, Parts>,
  key: string,
): KeyOf<Parts> {
  const decoded: KeyPart[] = []
  let offset = 1
  for (const type of kind.parts) {
    if (type === 'integer') {
      decoded.push(Number(Buffer.from(key.slice(offset, offset + 8), 'latin1').readBigUInt64BE()))
      offset += 8
      continue
    }
    const end = endOfString(key, offset)
    decoded.push(decodeString(key.slice(offset, end)))
    offset = end + 1
  }
  return decoded as KeyOf<Parts>
}

/** The first key that no longer begins with `beginning`: its last character that is not FF, one higher. */
export function afterAllBeginningWith(beginning: string): string {
  for (let index = beginning.length - 1; index >= 0; index--) {
    const code = beginning.charCodeAt(index)
    if (code < 0xff) return beginning.slice(0, index) + String.fromCharCode(code + 1)
  }
  return '\xff'.repeat(256)
}

function endOfString(key: string, start: number): number {
  for (let end = key.indexOf('\0', start); end >= 0; end = key.indexOf('\0', end + 2)) {
    if (key[end + 1] !== '\xff') return end
  }
  throw new Error('The store is damaged: a key has a string without an end')
}

function decodeString(text: string): string {
  return plain.test(text) ? text : Buffer.from(text.replaceAll('\0\xff', '\0'), 'latin1').toString()
}
