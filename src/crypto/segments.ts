import { deriveKey, NotAuthentic, open, seal, tagSize } from './aead.ts'
import { segmentCount, segmentLength, segmentSize } from './segment-arithmetic.ts'

/*
 * STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM: a body sealed segment by segment.
 *
 *   segment key     = HKDF-Expand-SHA256(object key, format ‖ scheme ‖ 32 random bytes of salt kept beside the body)
 *   nonce           = 7 zero bytes ‖ u32 index ‖ u8 last flag
 *   sealed segment  = ciphertext ‖ tag (16 B)
 *
 * The index makes an exchange of segments fail, the last flag a truncation; any range opens without what is before it.
 */

const nothing = Buffer.alloc(0)

/** Bytes that a layer of sealing adds to each segment. */
export const segmentOverhead = tagSize

/** A piece of a body on its way to be sealed, or to be opened. */
export interface Segment {
  bytes: Uint8Array
  index: number
  isLast: boolean
  /** The bytes again with the room behind them that was asked for; undefined where a short segment is a view of what came. */
  withRoom?: Buffer
}

/** @param info names format and scheme, so that a key serves no other purpose */
export function segmentKey(objectKey: Uint8Array, salt: Uint8Array, info: string): Buffer {
  return deriveKey(objectKey, salt, info)
}

/** @param target where the sealed segment goes; of its very length */
export function sealSegment(key: Uint8Array, { bytes, index, isLast }: Segment, target?: Buffer): Buffer {
  return seal(key, nonceOf(index, isLast), bytes, target)
}

/** @throws NotAuthentic */
export function openSegment(key: Uint8Array, { bytes, index, isLast }: Segment): Buffer {
  return open(key, nonceOf(index, isLast), bytes)
}

/**
 * Cuts a stream of chunks into segments. A segment that lies within one chunk is a view of it; others are gathered with one
 * copy. Always ends with a last segment, be it empty. A segment's bytes hold until the next one is asked for: one
 * buffer serves the whole stream, because what a large body leaves to the garbage collector costs a fifth of its time.
 * @param make what is made of each; it does not throw
 * @param room bytes behind each segment but a short one that came in one piece, for what is added to it
 */
export function cutIntoSegments<Made>(
  chunks: AsyncIterable<Uint8Array>,
  make: (segment: Segment) => Made,
  room = 0,
): AsyncIterable<Made> {
  return new CutSegments(chunks[Symbol.asyncIterator](), make, room)
}

/** By hand: an async generator costs a small body more than the sealing of its one segment. */
class CutSegments<Made> implements AsyncIterableIterator<Made, undefined> {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #make: (segment: Segment) => Made
  readonly #gathering: Gathering
  #chunk: Uint8Array = nothing
  #offset = 0
  #index = 0
  #isOver = false

  constructor(chunks: AsyncIterator<Uint8Array>, make: (segment: Segment) => Made, room: number) {
    this.#chunks = chunks
    this.#make = make
    this.#gathering = new Gathering(room)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Made, undefined>> {
    if (this.#isOver) return { done: true, value: undefined }
    // The last call gave a full segment: only a further byte shows that it was not the last one.
    if (this.#gathering.isFull) this.#gathering.clear()
    for (;;) {
      while (this.#offset < this.#chunk.length) {
        if (this.#gathering.isFull) return this.#give(false)
        this.#offset += this.#gathering.take(this.#chunk, this.#offset)
      }
      const { done, value } = await this.#chunks.next()
      if (done) return this.#give(true)
      this.#chunk = value
      this.#offset = 0
    }
  }

  async return(): Promise<IteratorResult<Made, undefined>> {
    this.#isOver = true
    await this.#chunks.return?.()
    return { done: true, value: undefined }
  }

  #give(isLast: boolean): IteratorResult<Made, undefined> {
    this.#isOver = isLast
    const { bytes, withRoom } = this.#gathering
    return { done: false, value: this.#make({ bytes, index: this.#index++, isLast, withRoom }) }
  }
}

class Gathering {
  #bytes: Uint8Array = nothing
  #length = 0
  /** Made once a segment has a second piece. */
  #own: Buffer | undefined
  readonly #room: number

  constructor(room: number) {
    this.#room = room
  }

  get isFull(): boolean {
    return this.#length === segmentSize
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  get withRoom(): Buffer | undefined {
    return this.#bytes === this.#own ? this.#own?.subarray(0, this.#length + this.#room) : undefined
  }

  clear(): void {
    this.#bytes = nothing
    this.#length = 0
  }

  /** Takes as much as fits. @returns how many bytes that was */
  take(chunk: Uint8Array, offset: number): number {
    const piece = chunk.subarray(offset, offset + segmentSize - this.#length)
    // Whoever needs room behind a whole segment would have to copy it.
    const isCopied = this.#room > 0 && piece.length === segmentSize
    if (this.#length === 0 && !isCopied) this.#bytes = piece
    else this.#ownBuffer().set(piece, this.#length)
    this.#length += piece.length
    return piece.length
  }

  #ownBuffer(): Buffer {
    this.#own ??= Buffer.allocUnsafeSlow(segmentSize + this.#room)
    if (this.#bytes !== this.#own) this.#own.set(this.#bytes)
    this.#bytes = this.#own
    return this.#own
  }
}

/**
 * Opens stored segments from `first` on, in order.
 * @param size bytes of the whole body in clear
 * @param open makes the plaintext of one; throws NotAuthentic
 * @throws NotAuthentic when a segment is not the one of that body and place
 */
export function openSegments(
  open: (segment: Segment) => Uint8Array,
  size: number,
  first: number,
  stored: AsyncIterable<Uint8Array>,
): AsyncIterableIterator<Uint8Array, undefined> {
  return new OpenedSegments(open, size, first, stored[Symbol.asyncIterator]())
}

/** By hand, as {@link CutSegments}. */
class OpenedSegments implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #open: (segment: Segment) => Uint8Array
  readonly #size: number
  readonly #stored: AsyncIterator<Uint8Array>
  readonly #last: number
  #index: number

  constructor(open: (segment: Segment) => Uint8Array, size: number, first: number, stored: AsyncIterator<Uint8Array>) {
    this.#open = open
    this.#size = size
    this.#stored = stored
    this.#last = segmentCount(size) - 1
    this.#index = first
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { done, value } = await this.#stored.next()
    if (done) return { done: true, value: undefined }
    const index = this.#index++
    try {
      const bytes = this.#open({ bytes: value, index, isLast: index === this.#last })
      if (bytes.length !== segmentLength(this.#size, index)) throw new NotAuthentic()
      return { done: false, value: bytes }
    } catch (error) {
      await this.return()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#stored.return?.()
    return { done: true, value: undefined }
  }
}

/** Ciphers copy it, so one buffer is enough for all. */
const nonce = Buffer.alloc(12)

function nonceOf(index: number, isLast: boolean): Buffer {
  nonce.writeUInt32BE(index, 7)
  nonce[11] = isLast ? 1 : 0
  return nonce
}
