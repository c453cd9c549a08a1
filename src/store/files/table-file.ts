import { fstatSync, readSync } from 'node:fs'
import { maskedChecksum } from './masked-checksum.ts'
import { uncompressSnappy } from './snappy.ts'
import { FileFault } from './store-damaged.ts'
import { VarintReader } from './varint.ts'

/*
 * A table of LevelDB (doc/table_format.md), which never changes once it is written:
 *
 *   block │ block │ … │ filters │ meta index │ index │ footer (48 B): where meta index and index are, magic
 *   block   bytes │ type (1 B: 0 plain, 1 Snappy) │ masked CRC-32C of bytes and type (4 B)
 *
 * LevelDB compares these checksums only on request, and classic-level does not request it. Unchecked, a flipped bit gives wrong
 * keys and values, and in an index an assertion that ends the process.
 */

const footerSize = 48
const trailerSize = 5
const magic = 0xdb4775248b80fb57n
/** Bytes of blocks that are read together. */
const readSize = 1 << 20

export interface Block {
  offset: number
  size: number
}

/**
 * Checks what a table says of itself: footer, index, filters, and that its blocks lie inside of it.
 * @param file its descriptor: reading takes a tenth of a trip through the thread pool
 * @param size as the manifest says
 * @returns its data blocks
 * @throws FileFault
 */
export function checkTableIndex(file: number, size: number): Block[] {
  const { size: found } = fstatSync(file)
  if (found !== size) throw new FileFault(`has ${found} bytes in place of ${size}`)
  if (size < footerSize) throw new FileFault('is too short')
  const footer = bytesOf(file, { offset: size - footerSize, size: footerSize })
  if (footer.readBigUInt64LE(footerSize - 8) !== magic) throw new FileFault('does not end as a table does')
  const reader = new VarintReader(footer)
  const metaIndex = readBlock(reader)
  const index = readBlock(reader)
  // What it names are filters: a wrong one hides keys that are there.
  for (const filter of blocksOf(checkedBlock(file, metaIndex, size))) checkedBlock(file, filter, size)
  const blocks = blocksOf(checkedBlock(file, index, size))
  for (const block of blocks) requireInside(block, size)
  return blocks
}

/** Data blocks that follow each other, as many as are read together. */
export function* blockGroups(blocks: readonly Block[]): Generator<Block[]> {
  for (let first = 0; first < blocks.length; ) {
    let end = first
    const begin = blocks[first]?.offset ?? 0
    while (end < blocks.length && (end === first || (blocks[end]?.offset ?? 0) - begin < readSize)) end++
    yield blocks.slice(first, end)
    first = end
  }
}

/** Where blocks that follow each other stand in their file, checksums included. */
export function extentOf(blocks: readonly Block[]): Block {
  const [first] = blocks
  const last = blocks.at(-1)
  if (!first || !last) return { offset: 0, size: 0 }
  return { offset: first.offset, size: last.offset + last.size + trailerSize - first.offset }
}

/**
 * Checks data blocks of a table.
 * @param bytes of their extent
 * @throws FileFault
 */
export function checkBlocks(bytes: Buffer, blocks: readonly Block[]): void {
  const { offset } = extentOf(blocks)
  for (const block of blocks) requireChecksum(bytes.subarray(block.offset - offset), block)
}

/**
 * Reads all data blocks of a table, and checks them.
 * @throws FileFault
 */
export function checkAllBlocks(file: number, blocks: readonly Block[]): void {
  for (const group of blockGroups(blocks)) checkBlocks(bytesOf(file, extentOf(group)), group)
}

function checkedBlock(file: number, block: Block, fileSize: number): Buffer {
  requireInside(block, fileSize)
  const bytes = bytesOf(file, { offset: block.offset, size: block.size + trailerSize })
  requireChecksum(bytes, block)
  const content = bytes.subarray(0, block.size)
  return bytes[block.size] === 0 ? content : uncompressSnappy(content)
}

function requireChecksum(bytes: Buffer, { offset, size }: Block): void {
  if (maskedChecksum(bytes.subarray(0, size + 1)) === bytes.readUInt32LE(size + 1)) return
  throw new FileFault(`has a wrong checksum in the block at byte ${offset}`)
}

function requireInside({ offset, size }: Block, fileSize: number): void {
  if (offset + size + trailerSize > fileSize - footerSize) throw new FileFault('names a block outside of it')
}

/** An index block: entries (shared length, length of the rest of the key, length of the value, rest, value), then restart points. */
function blocksOf(index: Buffer): Block[] {
  const restarts = index.length < 4 ? -1 : index.readUInt32LE(index.length - 4)
  const end = index.length - 4 - restarts * 4
  if (restarts < 0 || end < 0) throw new FileFault('has an index without an end')
  const reader = new VarintReader(index.subarray(0, end))
  const blocks: Block[] = []
  while (!reader.isAtEnd) {
    reader.number()
    const [restOfKey, value] = [reader.number(), reader.number()]
    reader.take(restOfKey)
    blocks.push(readBlock(new VarintReader(reader.take(value))))
  }
  return blocks
}

function readBlock(reader: VarintReader): Block {
  return { offset: reader.number(), size: reader.number() }
}

function bytesOf(file: number, { offset, size }: Block): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  if (readSync(file, bytes, 0, size, offset) < size) throw new FileFault('ends too early')
  return bytes
}
