import { createHash, timingSafeEqual } from 'node:crypto'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { LabRefusal } from '../refusal.ts'
import { ByteSource } from './byte-source.ts'
import { SealedChunks } from './sealed-chunks.ts'
import { packed, type StateEntry, unpacked } from './state-entries.ts'
import { damaged, readStateHeader, requireStateFile, type StateHeader } from './state-header.ts'

/*
 * A state of an emulator as one file: a snapshot's, or an export. Numbers are unsigned and big-endian.
 *
 *   "s3kms-emu state 1\n"
 *   header    u32 length │ JSON (state-header.ts)
 *   chunk …   u32 length │ entries (state-entries.ts), some 256 KiB; with a passphrase sealed (sealed-chunks.ts)
 *   end       u32 0      │ SHA-256 of everything before; with a passphrase HMAC-SHA-256
 */

const magic = Buffer.from('s3kms-emu state 1\n')
const largestHeader = 64 << 10
/** A record of an object with 10,000 parts has some MiB, and no entry is cut. */
const largestChunk = 64 << 20
const digestSize = 32

/**
 * The bytes of a state file.
 * @param sealing of the passphrase whose parameters are in the header
 */
export async function* writeStateFile(
  header: StateHeader,
  entries: AsyncIterable<readonly StateEntry[]>,
  sealing?: SealedChunks,
): AsyncGenerator<Buffer> {
  const digest = sealing?.digest() ?? createHash('sha256')
  const digested = (bytes: Buffer) => {
    digest.update(bytes)
    return bytes
  }
  const head = Buffer.from(JSON.stringify(header))
  yield digested(Buffer.concat([magic, lengthAsBytes(head.length), head]))
  for await (const plain of packed(entries)) {
    const chunk = sealing ? sealing.seal(plain) : plain
    yield digested(lengthAsBytes(chunk.length))
    yield digested(chunk)
    await endOfTurn()
  }
  const end = digested(lengthAsBytes(0))
  yield Buffer.concat([end, digest.digest()])
}

/** A state file that is read: what is known before its entries, and these. */
export interface OpenedStateFile {
  header: StateHeader
  /**
   * All entries, once.
   * @throws LabRefusal, at the end at the latest, where anything of the file was changed or is missing
   */
  entries(): AsyncGenerator<StateEntry[]>
  /** Reads no more of it. */
  close(): Promise<void>
}

/**
 * Reads a state file as it comes.
 * @throws LabRefusal in one line: no such file, a newer one, a damaged one, a wrong passphrase or none
 */
export async function readStateFile(bytes: AsyncIterable<Uint8Array>, passphrase?: string): Promise<OpenedStateFile> {
  const source = new ByteSource(bytes)
  const first = await source.take(magic.length)
  requireStateFile(first.toString('latin1'))
  const [length, head] = await takeCounted(source, largestHeader)
  const header = readStateHeader(head)
  const sealing = await sealingOf(header, passphrase)
  const digest = sealing?.digest() ?? createHash('sha256')
  digest.update(first).update(length).update(head)
  return { header, entries, close: () => source.close() }

  async function* entries(): AsyncGenerator<StateEntry[]> {
    try {
      for (;;) {
        const [count, chunk] = await takeCounted(source, largestChunk)
        digest.update(count)
        if (chunk.length === 0) break
        digest.update(chunk)
        yield unpacked(sealing ? sealing.open(chunk) : chunk)
      }
      const end = await source.take(digestSize)
      const isWhole = end.length === digestSize && timingSafeEqual(end, digest.digest())
      if (!isWhole || !(await source.isAtEnd())) throw damaged()
    } finally {
      await source.close()
    }
  }
}

async function sealingOf({ passphrase: parameters }: StateHeader, text: string | undefined) {
  if (!parameters) return undefined
  if (text === undefined) throw new LabRefusal('wrong', 'The file is sealed with a passphrase: give it')
  return SealedChunks.under(text, parameters)
}

async function takeCounted(source: ByteSource, largest: number): Promise<[length: Buffer, bytes: Buffer]> {
  const length = await source.take(4)
  if (length.length < 4) throw damaged()
  const count = length.readUInt32BE()
  if (count > largest) throw damaged()
  const bytes = await source.take(count)
  if (bytes.length < count) throw damaged()
  return [length, bytes]
}

function lengthAsBytes(length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  return bytes
}
