import { damaged } from './state-header.ts'

/*
 * The entries of a state file. None is cut: a chunk has whole ones. Bodies come before the records, in the order of their ids, each with
 * its segments behind it; records come in the order of their keys.
 *
 *   u8 type │ u32 length of name │ u32 length of value │ name                                        │ value
 *     1 record                                           its key in the store, a byte a character      its JSON
 *     2 body                                             its id in digits                              nothing
 *     3 segment                                          nothing                                       as it is stored
 */

export type StateEntry =
  | { type: 'record'; name: string; text: string }
  | { type: 'body'; id: number }
  | { type: 'segment'; bytes: Uint8Array }

const typeNumbers = { record: 1, body: 2, segment: 3 } as const
const headSize = 9
/** What a chunk has before it ends, entries of any length apart. */
const chunkSize = 256 << 10
/** A character has so many bytes at the most, in UTF-8. */
const longestCharacter = 3

/** Packs entries into chunks. */
export async function* packed(entries: AsyncIterable<readonly StateEntry[]>): AsyncGenerator<Buffer> {
  let chunk = new Chunk()
  for await (const page of entries) {
    for (const entry of page) {
      chunk.add(entry)
      if (chunk.length < chunkSize) continue
      yield chunk.bytes
      chunk = new Chunk()
    }
  }
  if (chunk.length > 0) yield chunk.bytes
}

/** @throws LabRefusal where it is no chunk of entries */
export function unpacked(chunk: Buffer): StateEntry[] {
  const entries: StateEntry[] = []
  for (let at = 0; at < chunk.length; ) {
    // Who packs them begins no entry behind that: a chunk of nothing but small ones would take seconds.
    if (at >= chunkSize || at + headSize > chunk.length) throw damaged()
    const nameEnd = at + headSize + chunk.readUInt32BE(at + 1)
    const end = nameEnd + chunk.readUInt32BE(at + 5)
    if (end > chunk.length) throw damaged()
    entries.push(entryOf(chunk, at, nameEnd, end))
    at = end
  }
  return entries
}

function entryOf(chunk: Buffer, at: number, nameEnd: number, end: number): StateEntry {
  const name = () => chunk.toString('latin1', at + headSize, nameEnd)
  const type = chunk[at]
  if (type === typeNumbers.record) return { type: 'record', name: name(), text: chunk.toString('utf8', nameEnd, end) }
  if (type === typeNumbers.segment) return { type: 'segment', bytes: chunk.subarray(nameEnd, end) }
  const id = Number(name())
  if (type !== typeNumbers.body || !Number.isSafeInteger(id)) throw damaged()
  return { type: 'body', id }
}

/** Bytes that grow as entries come. */
class Chunk {
  #bytes = Buffer.allocUnsafe(chunkSize * 2)
  length = 0

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  add(entry: StateEntry): void {
    if (entry.type === 'record') this.#add(entry.type, entry.name, entry.text)
    else if (entry.type === 'body') this.#add(entry.type, String(entry.id), '')
    else this.#add(entry.type, '', entry.bytes)
  }

  #add(type: StateEntry['type'], name: string, value: string | Uint8Array): void {
    this.#makeRoom(headSize + name.length + value.length * longestCharacter)
    const start = this.length
    const valueStart = start + headSize + this.#bytes.write(name, start + headSize, 'latin1')
    const valueLength = this.#write(value, valueStart)
    this.#bytes[start] = typeNumbers[type]
    this.#bytes.writeUInt32BE(name.length, start + 1)
    this.#bytes.writeUInt32BE(valueLength, start + 5)
    this.length = valueStart + valueLength
  }

  #write(value: string | Uint8Array, at: number): number {
    if (typeof value === 'string') return this.#bytes.write(value, at, 'utf8')
    this.#bytes.set(value, at)
    return value.length
  }

  #makeRoom(length: number): void {
    if (this.length + length <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe((this.length + length) * 2)
    larger.set(this.bytes)
    this.#bytes = larger
  }
}
