import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { formatVersion } from '../../store/keyspace.ts'
import { LabRefusal } from '../refusal.ts'
import { newPassphrase, type Passphrase, SealedChunks } from './sealed-chunks.ts'
import type { StateEntry } from './state-entries.ts'
import { readStateFile, writeStateFile } from './state-file.ts'
import type { StateHeader } from './state-header.ts'

const header: StateHeader = { content: 'everything', format: formatVersion, version: '1', created: 5, reserved: 9 }
/** As quick as scrypt can be. */
const passphrase: Passphrase = { salt: 'c2FsdA==', cost: 2, blockSize: 1, parallelization: 1 }

const name = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })
const entries: fc.Arbitrary<StateEntry[]> = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('record' as const), name, text: fc.string({ unit: 'grapheme' }) }),
    fc.record({ type: fc.constant('body' as const), id: fc.nat() }),
    fc.record({ type: fc.constant('segment' as const), bytes: fc.uint8Array({ maxLength: 2000 }) }),
  ),
)

async function written(given: readonly StateEntry[], under?: string, over: Partial<StateHeader> = {}): Promise<Buffer> {
  const sealing = under === undefined ? undefined : await SealedChunks.under(under, passphrase)
  const pages = async function* () {
    // In pages of any size.
    for (let at = 0; at < given.length; at += 3) yield given.slice(at, at + 3)
  }
  const pieces: Buffer[] = []
  const full = { ...header, ...(sealing && { passphrase }), ...over }
  for await (const piece of writeStateFile(full, pages(), sealing)) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}

async function* inPieces(bytes: Buffer, length = 37): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

async function read(bytes: Buffer, under?: string): Promise<StateEntry[]> {
  const file = await readStateFile(inPieces(bytes), under)
  const found: StateEntry[] = []
  for await (const page of file.entries()) found.push(...page)
  return found.map((entry) => (entry.type === 'segment' ? { ...entry, bytes: Uint8Array.from(entry.bytes) } : entry))
}

async function refusalOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof LabRefusal) return error.message
  throw new Error(`no refusal, but ${error}`)
}

test('the layout of a file: first line, header, one chunk of entries, end, and the digest of all before', async () => {
  const bytes = await written([
    { type: 'body', id: 7 },
    { type: 'segment', bytes: Buffer.from('xyz') },
    { type: 'record', name: '\x01a\0', text: '"é"' },
  ])
  const head = JSON.stringify(header)
  const chunk = Buffer.concat([
    Buffer.from([2, 0, 0, 0, 1, 0, 0, 0, 0]),
    Buffer.from('7'),
    Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 3]),
    Buffer.from('xyz'),
    Buffer.from([1, 0, 0, 0, 3, 0, 0, 0, 4]),
    Buffer.from('\x01a\0"é"'),
  ])
  const before = Buffer.concat([
    Buffer.from('s3kms-emu state 1\n'),
    Buffer.from([0, 0, 0, head.length]),
    Buffer.from(head),
    Buffer.from([0, 0, 0, chunk.length]),
    chunk,
    Buffer.from([0, 0, 0, 0]),
  ])
  expect(bytes).toEqual(Buffer.concat([before, createHash('sha256').update(before).digest()]))
})

describe.each([undefined, 'a passphrase'])('a file under %j', (under) => {
  test('gives back what was written, in whatever pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (given) => expect(await read(await written(given, under), under)).toEqual(given)),
    )
  })

  test('is refused wherever one byte is another, or where it is cut, or goes on', async () => {
    const bytes = await written([{ type: 'record', name: 'name', text: '{"a":1}' }], under)
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(bytes.readUInt8(at) ^ 1, at)
      await refusalOf(read(changed, under))
      await refusalOf(read(bytes.subarray(0, at), under))
    }
    expect(await refusalOf(read(Buffer.concat([bytes, Buffer.of(0)]), under))).toBe('The file is damaged or not whole')
  })

  test('with an entry longer than any chunk is whole', async () => {
    const given: StateEntry[] = [
      { type: 'record', name: 'a', text: 'é'.repeat(700_000) },
      { type: 'record', name: 'b', text: '' },
    ]
    expect(await read(await written(given, under), under)).toEqual(given)
  })
})

test('a chunk has no more entries than any that was written: millions of small ones would hold everybody else', async () => {
  const small = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0])
  const chunk = Buffer.concat(Array.from({ length: 40_000 }, () => small))
  const whole = await written([])
  const head = whole.subarray(0, whole.length - 36)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(chunk.length)
  const body = Buffer.concat([head, length, chunk, Buffer.alloc(4)])
  const bytes = Buffer.concat([body, createHash('sha256').update(body).digest()])
  expect(await refusalOf(read(bytes))).toBe('The file is damaged or not whole')
})

test('chunks that are left out, exchanged or come twice are noticed under a passphrase, whatever digest is put behind', async () => {
  const pages = Array.from(
    { length: 3 },
    (_, index): StateEntry => ({
      type: 'segment',
      bytes: Buffer.alloc(300_000, index),
    }),
  )
  const bytes = await written(pages, 'secret')
  const start = 18 + 4 + bytes.readUInt32BE(18)
  const length = 4 + bytes.readUInt32BE(start)
  const chunks = [0, 1, 2].map((index) => bytes.subarray(start + index * length, start + (index + 1) * length))
  const [a, b, c] = chunks as [Buffer, Buffer, Buffer]
  const end = bytes.subarray(start + 3 * length)
  const made = (...parts: Buffer[]) => Buffer.concat([bytes.subarray(0, start), ...parts, end])
  expect(await read(made(a, b, c), 'secret')).toHaveLength(3)
  for (const parts of [[a, b], [b, a, c], [a, a, c], []]) {
    expect(await refusalOf(read(made(...parts), 'secret'))).toMatch(/damaged/)
  }
})

test.each([
  ['another file', Buffer.from('%PDF-1.7 and more of it'), 'This is no file that s3kms-emu exported'],
  ['nothing', Buffer.alloc(0), 'This is no file that s3kms-emu exported'],
  ['a newer layout', Buffer.from('s3kms-emu state 2\n'), 'The file was written by a newer version of s3kms-emu'],
])('%s is told from a file of ours', async (_, bytes, words) => {
  expect(await refusalOf(read(bytes))).toBe(words)
})

test('a newer format of the store is named, with the version that wrote it', async () => {
  const newer = await written([], undefined, { format: formatVersion + 1, version: '9.9.9' })
  const format = `it has format ${formatVersion + 1}, not ${formatVersion}`
  expect(await refusalOf(read(newer))).toBe(`The file was written by a newer version of s3kms-emu, 9.9.9: ${format}`)
  expect(await refusalOf(read(await written([], undefined, { format: 1 })))).toBe(
    'The file has format 1, which is too old',
  )
})

test('a passphrase that is missing, or another one, is told', async () => {
  const bytes = await written([{ type: 'record', name: 'a', text: '1' }], 'first')
  expect(await refusalOf(read(bytes))).toBe('The file is sealed with a passphrase: give it')
  expect(await refusalOf(read(bytes, 'second'))).toBe('The passphrase is another one, or the file is damaged')
})

test('one text has one key, however it is composed', async () => {
  const given: StateEntry[] = [{ type: 'record', name: 'a', text: '1' }]
  expect(await read(await written(given, 'gr\u00fcn'), 'gru\u0308n')).toEqual(given)
})

test('a header that leaves no numbers to later bodies is refused: they would never come back', async () => {
  const bytes = await written([], undefined, { reserved: 2 ** 53 - 1 })
  expect(await refusalOf(read(bytes))).toBe('The file is damaged or not whole')
})

test('a header that asks for more memory or time than a passphrase needs is refused', async () => {
  for (const parameters of [{ cost: 2 ** 30 }, { cost: 3 }, { blockSize: 1 << 20 }, { parallelization: 2 ** 20 }]) {
    const bytes = await written([], undefined, { passphrase: { ...passphrase, ...parameters } })
    expect(await refusalOf(read(bytes, 'x'))).toMatch(/^The file is damaged/)
  }
})

test('a new passphrase has a salt and parameters that are to be kept for ever', () => {
  expect(newPassphrase(Buffer.alloc(16, 1))).toEqual({
    salt: 'AQEBAQEBAQEBAQEBAQEBAQ==',
    cost: 131_072,
    blockSize: 8,
    parallelization: 1,
  })
})
