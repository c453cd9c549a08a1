import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { NotAuthentic } from './aead.ts'
import { segmentCount, segmentSize } from './segment-arithmetic.ts'
import { cutIntoSegments, openSegment, openSegments, type Segment, sealSegment, segmentKey } from './segments.ts'

async function* inPieces(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let offset = 0
  for (let index = 0; offset < bytes.length; index++) {
    const length = lengths[index % lengths.length] ?? bytes.length
    yield bytes.subarray(offset, offset + length)
    offset += length
  }
}

async function cut(bytes: Buffer, lengths: readonly number[]): Promise<Segment[]> {
  const segments: Segment[] = []
  for await (const segment of cutIntoSegments(inPieces(bytes, lengths), (segment) => segment)) {
    segments.push({ ...segment, bytes: Buffer.from(segment.bytes) })
  }
  return segments
}

async function* given(segments: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* segments
}

async function opened(key: Buffer, size: number, segments: readonly Uint8Array[], first = 0): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of openSegments((segment) => openSegment(key, segment), size, first, given(segments)))
    pieces.push(piece)
  return Buffer.concat(pieces)
}

test('any chunking is cut into the same segments', async () => {
  const sizes = fc.oneof(fc.nat(100), fc.nat(3 * segmentSize), fc.constantFrom(segmentSize, 2 * segmentSize))
  const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 700_000 })), {
    minLength: 1,
    maxLength: 9,
  })
  await fc.assert(
    fc.asyncProperty(sizes, lengths, async (size, chunking) => {
      const bytes = randomBytes(size)
      const segments = await cut(bytes, size > 100_000 ? chunking.map((length) => length + 1000) : chunking)
      expect(segments).toHaveLength(segmentCount(size))
      expect(segments.map(({ index }) => index)).toEqual(segments.map((_, index) => index))
      expect(segments.map(({ isLast }) => isLast)).toEqual(segments.map((_, index) => index === segments.length - 1))
      for (const segment of segments.slice(0, -1)) expect(segment.bytes).toHaveLength(segmentSize)
      expect(Buffer.concat(segments.map((segment) => segment.bytes)).equals(bytes)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('A segment has the room behind it that was asked for, and what is written there changes nothing that came', async () => {
  const sizes = fc.oneof(fc.nat(100), fc.constantFrom(segmentSize, segmentSize + 1, 3 * segmentSize))
  const lengths = fc.array(fc.integer({ min: 20_000, max: 700_000 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(sizes, lengths, async (size, chunking) => {
      const bytes = randomBytes(size)
      const before = Buffer.from(bytes)
      const pieces: Buffer[] = []
      const mark = ({ bytes: own, withRoom }: Segment) => {
        withRoom?.fill('room', own.length)
        return Buffer.from(withRoom ?? Buffer.concat([own, Buffer.from('room')]))
      }
      for await (const piece of cutIntoSegments(inPieces(bytes, chunking), mark, 4)) pieces.push(piece)
      expect(pieces.every((piece) => piece.toString('latin1').endsWith('room'))).toBe(true)
      expect(Buffer.concat(pieces.map((piece) => piece.subarray(0, -4))).equals(before)).toBe(true)
      expect(bytes.equals(before)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

const size = 2 * segmentSize + 1000
const plaintext = randomBytes(size)
const key = segmentKey(randomBytes(32), randomBytes(32), 'test')
const sealed = async () => (await cut(plaintext, [segmentSize])).map((segment) => sealSegment(key, segment))

test('sealed segments open whole and from any segment on', async () => {
  const segments = await sealed()
  expect((await opened(key, size, segments)).equals(plaintext)).toBe(true)
  expect((await opened(key, size, segments.slice(1), 1)).equals(plaintext.subarray(segmentSize))).toBe(true)
})

test('segments that are exchanged, truncated, or said to be the last do not open', async () => {
  const [first, second, third] = await sealed()
  if (!first || !second || !third) throw new Error('three segments were expected')
  await expect(opened(key, size, [second, first, third])).rejects.toThrow(NotAuthentic)
  await expect(opened(key, size, [first.subarray(0, -1), second, third])).rejects.toThrow(NotAuthentic)
  await expect(opened(key, 2 * segmentSize, [first, second])).rejects.toThrow(NotAuthentic)
  await expect(opened(key, size + 1, [first, second, third])).rejects.toThrow(NotAuthentic)
  await expect(opened(key, size + segmentSize, [first, second, third])).rejects.toThrow(NotAuthentic)
})

test('a changed bit and another salt do not open', async () => {
  const objectKey = randomBytes(32)
  const salt = randomBytes(32)
  const segment = { bytes: Buffer.from('text'), index: 0, isLast: true }
  const stored = sealSegment(segmentKey(objectKey, salt, 'test'), segment)
  for (let bit = 0; bit < stored.length * 8; bit++) {
    const changed = Buffer.from(stored)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    await expect(opened(segmentKey(objectKey, salt, 'test'), 4, [changed])).rejects.toThrow(NotAuthentic)
  }
  await expect(opened(segmentKey(objectKey, randomBytes(32), 'test'), 4, [stored])).rejects.toThrow(NotAuthentic)
  await expect(opened(segmentKey(objectKey, salt, 'other'), 4, [stored])).rejects.toThrow(NotAuthentic)
})

test('a segment’s bytes hold until the next one is asked for', async () => {
  const bytes = randomBytes(6 * segmentSize + 7)
  let offset = 0
  for await (const segment of cutIntoSegments(inPieces(bytes, [70_000, 1, 300_000]), (segment) => segment)) {
    await new Promise((resolve) => setImmediate(resolve))
    expect(Buffer.from(segment.bytes).equals(bytes.subarray(offset, offset + segment.bytes.length))).toBe(true)
    offset += segment.bytes.length
  }
  expect(offset).toBe(bytes.length)
})

test('whoever stops before the last segment closes what the chunks come from', async () => {
  let isClosed = false
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(segmentSize)
    } finally {
      isClosed = true
    }
  }
  for await (const { isLast } of cutIntoSegments(endless(), (segment) => segment)) {
    expect(isLast).toBe(false)
    break
  }
  expect(isClosed).toBe(true)
})

test('segment key and sealed segment are what they were when the first store was written', () => {
  const segmentKeyOnce = segmentKey(Buffer.alloc(32, 1), Buffer.alloc(32, 2), 'known answer')
  expect(segmentKeyOnce.toString('hex')).toBe('d12cc117de8502f6279d83fafbdbf56fdbcbfe0229cbc076f6d3fc7aab1a4981')
  const segment = { bytes: Buffer.from('known text'), index: 258, isLast: true }
  expect(sealSegment(segmentKeyOnce, segment).toString('hex')).toBe(
    '85b69e0a3de904eff25f96b3b3409b605827a33acf88459fd74c',
  )
})

test('a cutting that was left gives nothing more, not even what it had gathered', async () => {
  const segments = cutIntoSegments(inPieces(plaintext, [segmentSize]), ({ index }) => index)[Symbol.asyncIterator]()
  expect(await segments.next()).toEqual({ done: false, value: 0 })
  await segments.return?.()
  expect(await segments.next()).toEqual({ done: true, value: undefined })
})
