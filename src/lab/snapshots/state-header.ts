import { formatVersion, oldestFormat } from '../../store/keyspace.ts'
import { LabRefusal } from '../refusal.ts'
import type { Passphrase } from './sealed-chunks.ts'

/** What a state file says of itself, before its entries. */
export interface StateHeader {
  /** `records`: a snapshot, whose bodies stay in its data folder. `everything`: an export. */
  content: 'records' | 'everything'
  /** The store's format (`store/keyspace.ts`). */
  format: number
  /** The version of s3kms-emu that wrote it. */
  version: string
  /** ms since the epoch, of the emulator's clock */
  created: number
  /** Behind all numbers that its bodies have. */
  reserved: number
  /** Of a snapshot: the data folder that it belongs to. */
  store?: string
  /** Of an export: its own root key comes with it; or something sealed under one that was given, by which that is known. */
  rootKey?: { own: boolean; check?: string }
  /** Where its entries are sealed. */
  passphrase?: Passphrase
}

/** Numbers beyond are never given: so many segments are 2^66 bytes. Who took a file that says more would soon have no numbers left. */
const mostReserved = 2 ** 48
const newer = 'was written by a newer version of s3kms-emu'

/**
 * Reads a header.
 * @throws LabRefusal where it is none, or of a format that this version does not read
 */
export function readStateHeader(bytes: Buffer): StateHeader {
  const header: unknown = parse(bytes)
  if (!isHeader(header)) throw damaged()
  if (header.format > formatVersion) {
    throw new LabRefusal(
      'wrong',
      `The file ${newer}, ${header.version}: it has format ${header.format}, not ${formatVersion}`,
    )
  }
  if (header.format < oldestFormat)
    throw new LabRefusal('wrong', `The file has format ${header.format}, which is too old`)
  return header
}

/** The first line tells the file's own format. @throws LabRefusal */
export function requireStateFile(magic: string): void {
  const [, version] = /^s3kms-emu state (\d)\n$/.exec(magic) ?? []
  if (version === undefined) throw new LabRefusal('wrong', 'This is no file that s3kms-emu exported')
  if (version !== '1') throw new LabRefusal('wrong', `The file ${newer}`)
}

export function damaged(): LabRefusal {
  return new LabRefusal('wrong', 'The file is damaged or not whole')
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw damaged()
  }
}

function isHeader(value: unknown): value is StateHeader {
  if (typeof value !== 'object' || value === null) return false
  const header: Partial<Record<keyof StateHeader, unknown>> = value
  const { content, version, store, rootKey, passphrase } = header
  return (
    (content === 'records' || content === 'everything') &&
    [header.format, header.created, header.reserved].every(Number.isSafeInteger) &&
    Number(header.reserved) <= mostReserved &&
    typeof version === 'string' &&
    (store === undefined || typeof store === 'string') &&
    (rootKey === undefined || isRootKey(rootKey)) &&
    (passphrase === undefined || isPassphrase(passphrase))
  )
}

function isRootKey(value: unknown): boolean {
  const { own, check } = Object(value)
  return typeof own === 'boolean' && (check === undefined || typeof check === 'string')
}

function isPassphrase(value: unknown): boolean {
  const { salt, cost, blockSize, parallelization } = Object(value)
  return typeof salt === 'string' && [cost, blockSize, parallelization].every(Number.isSafeInteger)
}
