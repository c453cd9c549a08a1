import { maskedChecksum } from './masked-checksum.ts'
import { FileFault } from './store-damaged.ts'

/*
 * A log of LevelDB (doc/log_format.md): commits that are in no table yet, or the manifest.
 *
 *   block of 32 KiB   record │ record │ … │ fewer than 7 bytes of nothing
 *   record            masked CRC-32C of type and bytes (4 B) │ length (2 B) │ type (1 B) │ bytes      little-endian
 *   type              1 the whole │ 2 its first piece │ 3 a middle one │ 4 its last
 *
 * LevelDB leaves out what it cannot read and says nothing. But only the end may be unreadable: `kill -9` leaves a record that
 * runs past the end, a power cut zeros. Behind anything else commits would be lost that were acknowledged.
 */

const blockSize = 32 << 10
const headSize = 7
/** A sector: what a power cut may leave unwritten at the end. */
const sectorSize = 512

const pieces = { whole: 1, first: 2, last: 4 } as const
const largestType = 4

/**
 * The records of a log, put together of their pieces.
 * @throws FileFault when something before the end cannot be read
 */
export function readLog(log: Buffer): Buffer[] {
  const records: Buffer[] = []
  let gathered: Buffer[] = []
  walkLog(log, ({ type, bytes }) => {
    if (type === pieces.whole || type === pieces.first) gathered = []
    gathered.push(bytes)
    if (type === pieces.whole || type === pieces.last) records.push(Buffer.concat(gathered))
  })
  return records
}

/** @throws FileFault when something before the end cannot be read */
export function checkLog(log: Buffer): void {
  walkLog(log, () => undefined)
}

interface Piece {
  type: number
  bytes: Buffer
}

function walkLog(log: Buffer, visit: (piece: Piece) => void): void {
  for (let at = 0; at < log.length; ) {
    if (blockSize - (at % blockSize) < headSize) {
      at += blockSize - (at % blockSize)
      continue
    }
    const piece = readPiece(log, at)
    if (!piece) {
      requireEnd(log, at)
      return
    }
    visit(piece)
    at += headSize + piece.bytes.length
  }
}

/** @returns undefined when there is no readable one */
function readPiece(log: Buffer, at: number): Piece | undefined {
  if (at + headSize > log.length) return undefined
  const type = log.readUInt8(at + 6)
  const end = at + headSize + log.readUInt16LE(at + 4)
  const endOfBlock = at - (at % blockSize) + blockSize
  if (type === 0 || type > largestType || end > Math.min(endOfBlock, log.length)) return undefined
  if (maskedChecksum(log.subarray(at + 6, end)) !== log.readUInt32LE(at)) return undefined
  return { type, bytes: log.subarray(at + headSize, end) }
}

/** @throws FileFault when what cannot be read at `at` is not the torn end of the log */
function requireEnd(log: Buffer, at: number): void {
  const wrong = new FileFault(`has a wrong checksum at byte ${at} of ${log.length}`)
  const endOfBlock = Math.min(log.length, at - (at % blockSize) + blockSize)
  for (let next = at + 1; next + headSize <= endOfBlock; next++) if (readPiece(log, next)) throw wrong
  for (let next = endOfBlock; next < log.length; next += blockSize) if (readPiece(log, next)) throw wrong
  const isTorn = at + headSize > log.length || at + headSize + log.readUInt16LE(at + 4) > log.length
  const end = log.subarray(Math.max(at, log.length - sectorSize))
  if (!isTorn && end.some((byte) => byte !== 0)) throw wrong
}
