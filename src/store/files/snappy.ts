import { FileFault } from './store-damaged.ts'
import { VarintReader } from './varint.ts'

/**
 * Takes back Snappy's compression (google/snappy, format_description.txt):
 *
 *   length of the text │ element │ element │ …
 *   element   tag & 3 = 0   a literal: its length less 1 in the tag, or in 1 to 4 bytes behind it
 *             tag & 3 > 0   a copy of what is there already: length, and how far back, in 1, 2 or 4 bytes behind the tag
 *
 * @throws FileFault
 */
export function uncompressSnappy(compressed: Uint8Array): Buffer {
  const reader = new VarintReader(compressed)
  const length = reader.number()
  // A compressed byte makes 64 at most.
  if (length > compressed.length * 64) throw new FileFault('has a compressed block of an impossible length')
  const text = Buffer.alloc(length)
  let at = 0
  while (!reader.isAtEnd) {
    const tag = reader.take(1)[0] ?? 0
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >> 2
      const literal = reader.take((short < 60 ? short : littleEndian(reader.take(short - 59))) + 1)
      if (at + literal.length > length) throw new FileFault('has a compressed block that is too long')
      text.set(literal, at)
      at += literal.length
      continue
    }
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const back =
      kind === 1 ? (tag >> 5) * 256 + (reader.take(1)[0] ?? 0) : littleEndian(reader.take(kind === 2 ? 2 : 4))
    if (back === 0 || back > at || at + size > length)
      throw new FileFault('has a compressed block that copies what is not there')
    // Byte by byte: a copy may run into what it makes.
    for (const end = at + size; at < end; at++) text[at] = text[at - back] ?? 0
  }
  if (at !== length) throw new FileFault('has a compressed block that is too short')
  return text
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}
