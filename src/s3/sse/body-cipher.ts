import { hash, timingSafeEqual } from 'node:crypto'
import { NotAuthentic, openSalted, saltSize, sealSalted } from '../../crypto/aead.ts'
import { addCheck, checkSaltSize, checkSize, takeCheck } from '../../crypto/checked-segments.ts'
import { hmacText } from '../../crypto/hmac.ts'
import { type SegmentRange, segmentSize, segmentsOfRange } from '../../crypto/segment-arithmetic.ts'
import {
  cutIntoSegments,
  openSegment,
  openSegments,
  type Segment,
  sealSegment,
  segmentKey,
  segmentOverhead,
} from '../../crypto/segments.ts'
import type { ManifestEntry, ManifestOf, OpenedBody, SealedBody, SealTarget, StoredBody } from './envelope.ts'

/*
 * What an object's keys do, whoever keeps them: seal and open bodies.
 *
 *   object key ──HKDF, salt of the body, info = format ‖ scheme ‖ layer──▶ segment key, one a layer
 *              ──HKDF, fresh salt, info = text──▶ key of one small text
 *              ──HMAC──▶ manifest
 *
 * No key: a plain object, the same path with checksums in place of seals (crypto/checked-segments.ts).
 */

const format = 's3kms-emu body 1'

export type BodyList = readonly ManifestEntry[]
type ReadSegments = (firstSegment: number, count: number) => AsyncIterable<Uint8Array>

export class BodyCipher {
  readonly #keys: readonly Buffer[]
  readonly #scheme: string
  readonly #randomBytes: (length: number) => Buffer

  /**
   * @param keys the object keys, one a layer, outermost last
   * @param scheme the scheme the bodies were sealed under (UpdateObjectEncryption changes that of the object, not theirs)
   */
  constructor(keys: readonly Buffer[], scheme: string, randomBytes: (length: number) => Buffer) {
    this.#keys = keys
    this.#scheme = scheme
    this.#randomBytes = randomBytes
  }

  seal(plaintext: AsyncIterable<Uint8Array>): SealedBody {
    const salt = this.#randomBytes(this.#keys.length === 0 ? checkSaltSize : saltSize)
    const room = this.#keys.length === 0 ? checkSize : 0
    return { salt: salt.toString('base64'), segments: cutIntoSegments(plaintext, this.#sealer(salt), room) }
  }

  /** Plaintext bytes `first` … `last`; the first segment is open, and so authentic, before this resolves. */
  async open(body: StoredBody, first: number, last: number, read: ReadSegments): Promise<OpenedBody> {
    const range = segmentsOfRange(first, last)
    const opener = this.#opener(Buffer.from(body.salt, 'base64'))
    const opened = openSegments(opener, body.size, range.first, read(range.first, range.count))
    const { value, done } = await opened.next()
    if (done) throw new Error('The store is damaged: a body has no segments')
    return range.count === 1 ? cutOne(value, range) : cutRange(value, opened, range)
  }

  sealText(purpose: string, text: string): string {
    const [key] = this.#keys
    if (!key) return text
    return sealSalted(key, this.#randomBytes(saltSize), textInfo, purpose, Buffer.from(text)).toString('base64')
  }

  openText(purpose: string, sealed: string): string {
    const [key] = this.#keys
    if (!key) return sealed
    return openSalted(key, textInfo, purpose, Buffer.from(sealed, 'base64')).toString()
  }

  /** As of the plaintext: a sealed segment's bytes hold until the next one is asked for. */
  #sealer(salt: Buffer): (segment: Segment) => Uint8Array {
    if (this.#keys.length === 0) return (segment) => addCheck(salt, segment)
    const layers = this.#segmentKeys(salt).map((key) => ({ key, target: new Target() }))
    return ({ bytes: plain, index, isLast }) =>
      layers.reduce(
        (bytes, { key, target }) =>
          sealSegment(key, { bytes, index, isLast }, target.ofLength(bytes.length + segmentOverhead)),
        plain,
      )
  }

  #opener(salt: Buffer): (segment: Segment) => Uint8Array {
    if (this.#keys.length === 0) return (segment) => takeCheck(salt, segment)
    const keys = this.#segmentKeys(salt)
    return ({ bytes: sealed, index, isLast }) =>
      keys.reduceRight<Uint8Array>((bytes, key) => openSegment(key, { bytes, index, isLast }), sealed)
  }

  #segmentKeys(salt: Buffer): Buffer[] {
    return this.#keys.map((key, layer) => segmentKey(key, salt, `${format} ${this.#scheme} layer ${layer + 1}`))
  }
}

const textInfo = Buffer.from('s3kms-emu text 1')

/**
 * The MAC of an ordered list of bodies and of what they belong to: none can be dropped, exchanged, renumbered or moved unnoticed.
 * @param key undefined for a plain object: a hash then, which damage and exchanged records do not pass either
 */
export function manifestUnder(key: Buffer | undefined, bodies: BodyList, target: SealTarget, of: ManifestOf): string {
  // Deriving is an HMAC under the object key as well, but of texts that begin otherwise.
  // JSON, because a changed record may hold any text in the place of a salt: no two lists may read alike.
  const listed = bodies.map(({ number, blob, salt, size }) => [number, blob, salt, size])
  const place = [target.bucket, target.key, target.versionId]
  const text = `s3kms-emu manifest 2 ${of} ${JSON.stringify([place, listed])}`
  return key ? hmacText('sha256', key, [text], 'base64') : hash('sha256', text, 'base64')
}

/** @throws NotAuthentic when the two are not the same MAC */
export function requireSameManifest(given: string, expected: string): void {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw new NotAuthentic()
}

/** One buffer for all the full segments of a layer; another gets what it needs. */
class Target {
  #buffer: Buffer | undefined

  ofLength(length: number): Buffer {
    if (length < segmentSize) return Buffer.allocUnsafe(length)
    if (this.#buffer?.length !== length) this.#buffer = Buffer.allocUnsafeSlow(length)
    return this.#buffer
  }
}

function cutOne(only: Uint8Array, { skip, length }: SegmentRange): Uint8Array {
  const piece = only.subarray(skip, skip + length)
  if (piece.length < length) throw bodyEndsEarly()
  return piece
}

function bodyEndsEarly(): Error {
  return new Error('The store is damaged: a body ends too early')
}

async function* cutRange(
  first: Uint8Array,
  others: AsyncIterable<Uint8Array>,
  { skip, length }: SegmentRange,
): AsyncGenerator<Uint8Array> {
  let left = length
  const head = first.subarray(skip, skip + left)
  left -= head.length
  if (head.length > 0) yield head
  for await (const segment of others) {
    const piece = segment.subarray(0, left)
    left -= piece.length
    if (piece.length > 0) yield piece
  }
  if (left > 0) throw bodyEndsEarly()
}
