import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { BodyCipher, requireSameManifest } from './body-cipher.ts'

const segmentSize = 262_144
const keys = [randomBytes(32), randomBytes(32)]

async function stored(cipher: BodyCipher, plaintext: Buffer) {
  async function* once() {
    yield plaintext
  }
  const { salt, segments } = cipher.seal(once())
  const pieces: Buffer[] = []
  for await (const segment of segments) pieces.push(Buffer.from(segment))
  return { body: { salt, size: plaintext.length }, pieces }
}

const readFrom = (pieces: readonly Buffer[]) =>
  async function* (first: number, count: number) {
    yield* pieces.slice(first, first + count)
  }

async function bytesOf(opened: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  if (opened instanceof Uint8Array) return [Buffer.from(opened)]
  const pieces: Buffer[] = []
  for await (const piece of opened) pieces.push(Buffer.from(piece))
  return pieces
}

test.each([0, 1, 2])(
  'With %d layers a range comes back, at once from one segment and piece by piece from more',
  async (layers) => {
    const cipher = new BodyCipher(keys.slice(0, layers), 'scheme', randomBytes)
    const plaintext = randomBytes(2 * segmentSize + 10)
    const { body, pieces } = await stored(cipher, plaintext)
    const open = (first: number, last: number) => cipher.open(body, first, last, readFrom(pieces))
    expect(await open(5, 9)).toBeInstanceOf(Uint8Array)
    for (const [first, last] of [
      [5, 9],
      [segmentSize, 2 * segmentSize - 1],
      [segmentSize - 1, segmentSize],
      [7, 2 * segmentSize + 3],
      [0, plaintext.length - 1],
    ] as const) {
      const parts = await bytesOf(await open(first, last))
      expect(Buffer.concat(parts).equals(plaintext.subarray(first, last + 1))).toBe(true)
      expect(parts.every(({ length }) => length > 0)).toBe(true)
    }
  },
)

test('A body without segments, and one that ends too early, are damage', async () => {
  const cipher = new BodyCipher([], 'none', randomBytes)
  const { body, pieces } = await stored(cipher, randomBytes(2 * segmentSize + 10))
  await expect(cipher.open(body, 0, 9, readFrom([]))).rejects.toThrow('The store is damaged: a body has no segments')
  const early = 'The store is damaged: a body ends too early'
  const cut = await cipher.open(body, 0, body.size - 1, readFrom(pieces.slice(0, 2)))
  await expect(bytesOf(cut)).rejects.toThrow(early)
  await expect(cipher.open(body, body.size - 5, body.size, readFrom(pieces))).rejects.toThrow(early)
})

test('A salt is as long as the layers need', async () => {
  const saltOf = (layers: number) =>
    Buffer.from(new BodyCipher(keys.slice(0, layers), 's', randomBytes).seal(nothing()).salt, 'base64').length
  expect([saltOf(0), saltOf(1), saltOf(2)]).toEqual([8, 32, 32])
})

async function* nothing(): AsyncGenerator<Uint8Array> {}

test('A text is plain without a key, else sealed for its purpose', () => {
  const plain = new BodyCipher([], 'none', randomBytes)
  expect([plain.sealText('a', 'text'), plain.openText('a', 'text')]).toEqual(['text', 'text'])
  const cipher = new BodyCipher(keys, 's', randomBytes)
  const sealed = cipher.sealText('a', 'tëxt')
  expect(cipher.openText('a', sealed)).toBe('tëxt')
  expect(sealed).not.toBe(cipher.sealText('a', 'tëxt'))
})

test('Manifests are the same or do not authenticate, of whatever length', () => {
  expect(() => requireSameManifest('abc', 'abc')).not.toThrow()
  for (const other of ['', 'ab', 'abd', 'abcd']) {
    expect(() => requireSameManifest(other, 'abc')).toThrow('The sealed bytes do not authenticate')
  }
})
