import { isTooDeep } from '../../protocol/json-depth.ts'
import { type BlobId, blobRecords, garbageRecords } from '../../store/blob-records.ts'
import type { BlobStore, WrittenBlob } from '../../store/blobs.ts'
import { encodeKey, formatVersion, prefixes } from '../../store/keyspace.ts'
import { SegmentSet } from '../../store/segment-set.ts'
import { type Entry, formatName, isStoresOwn, type State } from '../../store/state.ts'
import { LabRefusal } from '../refusal.ts'
import { nameOf, type RecordReader } from '../verify/record-reader.ts'
import type { StateEntry } from './state-entries.ts'
import type { OpenedStateFile } from './state-file.ts'
import { damaged } from './state-header.ts'

/*
 * An export on its way in. Bodies are put as they come, beside what is there, under new numbers; their ids stay, because seals name them:
 *
 *   file      body 5, segments …   body 9, segments …   records
 *   bodies    ──▶ 40…43            ──▶ 44
 *   state     blob 5 = 40…43       blob 9 = 44          and the records
 *
 * Until the state is loaded no record of the store names them: who gives up abandons them, and an unclean end leaves them to the sweep.
 */

/** Reads the bodies of an export, and gives its state, whose records come once, with what is left of the file. */
export class ImportedState {
  readonly #written: { id: BlobId; blob: WrittenBlob }[] = []
  readonly #file: OpenedStateFile
  readonly #blobs: BlobStore
  readonly #reader: Pick<RecordReader, 'read'>
  readonly #entries: EntryQueue

  constructor(file: OpenedStateFile, blobs: BlobStore, reader: Pick<RecordReader, 'read'>) {
    this.#file = file
    this.#blobs = blobs
    this.#reader = reader
    this.#entries = new EntryQueue(file.entries())
  }

  /** @throws LabRefusal where the file is damaged; StoreClosed when a reset came between */
  async takeBodies(): Promise<State> {
    for (let entry = await this.#entries.next(); entry; entry = await this.#entries.next()) {
      if (entry.type === 'record') {
        this.#entries.stepBack()
        break
      }
      const last = this.#written.at(-1)?.id ?? -1
      if (entry.type !== 'body' || entry.id <= last || entry.id >= this.#file.header.reserved) throw damaged()
      this.#written.push({ id: entry.id, blob: await this.#blobs.writeSegments(this.#segments()) })
    }
    const { format, reserved } = this.#file.header
    const segments = new SegmentSet(this.#written.flatMap(({ blob }) => blob.runs))
    return { records: () => this.#records(), read: () => undefined, format, segments, reserved }
  }

  abandon(): void {
    for (const { blob } of this.#written) this.#blobs.abandon(blob)
  }

  async *#segments(): AsyncGenerator<Uint8Array> {
    let count = 0
    for (let entry = await this.#entries.next(); entry; entry = await this.#entries.next()) {
      if (entry.type !== 'segment') {
        this.#entries.stepBack()
        break
      }
      count++
      yield entry.bytes
    }
    if (count === 0) throw damaged()
  }

  async *#records(): AsyncGenerator<Entry[]> {
    let last = ''
    let isBehindBodies = false
    for await (const page of this.#entries.pages()) {
      const records = page.map(asRecord)
      for (const [name, text] of records) {
        if (name <= last || isOfStore(name) || !isReadable(name, text, this.#file.header.format)) throw damaged()
        this.#requireOfItsKind([name, text])
        last = name
      }
      if (!isBehindBodies && last > blobRecords.prefix) {
        isBehindBodies = true
        const before = records.filter(([name]) => name < blobRecords.prefix)
        yield before
        yield this.#bodies()
        yield records.slice(before.length)
      } else yield records
    }
    if (!isBehindBodies) yield this.#bodies()
  }

  /**
   * Who reads the state takes its records for what they are declared to be, and would fail at each that is something else. Those of
   * older formats are brought to the present one later.
   */
  #requireOfItsKind(entry: Entry): void {
    const { format, version } = this.#file.header
    const read = format === formatVersion ? this.#reader.read(entry) : 'retired'
    if (read === 'retired' || !('fault' in read)) return
    const by = `The file, which s3kms-emu ${version} wrote, has a record that this version cannot read`
    throw new LabRefusal('wrong', `${by}: ${JSON.stringify(nameOf(entry).slice(0, longestNameTold))}: ${read.fault}`)
  }

  #bodies(): Entry[] {
    return this.#written.map(({ id, blob }) => [encodeKey(blobRecords, [id]), JSON.stringify(blob.runs)])
  }
}

/** Of these no export has any. */
function isOfStore(name: string): boolean {
  return isStoresOwn(name) || name.startsWith(blobRecords.prefix) || name.startsWith(garbageRecords.prefix)
}

/** Characters of a record's JSON: that of an object with 10,000 parts has some MiB. */
const longestRecord = 16 << 20
/** Characters; a file may have longer ones. */
const longestNameTold = 200
/** V8 takes seconds for what is very deep. */
const deepestRecord = 1000

/**
 * What no emulator writes would end the start that cannot do without it: what is no JSON, nothing, a format that is not the file's, a
 * root key that is no text.
 */
function isReadable(name: string, text: string, format: number): boolean {
  if (text.length > longestRecord || isTooDeep(Buffer.from(text), deepestRecord)) return false
  try {
    const value: unknown = JSON.parse(text)
    if (name.charCodeAt(0) === prefixes.rootKey) return typeof value === 'string'
    return name === formatName ? value === format : value !== null
  } catch {
    return false
  }
}

function asRecord(entry: StateEntry): Entry {
  if (entry.type !== 'record') throw damaged()
  return [entry.name, entry.text]
}

/** Entries one by one, of pages. */
class EntryQueue {
  readonly #pages: AsyncGenerator<StateEntry[]>
  #page: StateEntry[] = []
  #index = 0

  constructor(pages: AsyncGenerator<StateEntry[]>) {
    this.#pages = pages
  }

  async next(): Promise<StateEntry | undefined> {
    while (this.#index >= this.#page.length) {
      const { value, done } = await this.#pages.next()
      if (done) return undefined
      this.#page = value
      this.#index = 0
    }
    return this.#page[this.#index++]
  }

  /** The entry that was given last is given again. */
  stepBack(): void {
    this.#index--
  }

  /** What was not given yet, many at a time. */
  async *pages(): AsyncGenerator<StateEntry[]> {
    yield this.#page.slice(this.#index)
    yield* this.#pages
  }
}
