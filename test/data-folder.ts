import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ObjectRecord } from '../src/s3/records/object-record.ts'
import { isMarker, nullVersion, objectParts, objectRecords } from '../src/s3/records/object-record.ts'
import type { PartRecord, UploadRecord } from '../src/s3/records/uploads.ts'
import { Database } from '../src/store/database.ts'
import { recordKind } from '../src/store/keyspace.ts'
import { isSmallBody, smallBodies } from '../src/store/small-bodies.ts'

/* A data folder as somebody sees it who has the disk: its files, and its records when no emulator is at work. */

export interface DataFolder {
  path: string
  /** Every file, LevelDB's logs included. */
  files(): Promise<{ name: string; bytes: Buffer }[]>
  /** Changes the store behind the emulator's back; it must be stopped. */
  tamper(change: (store: OpenStore) => Promise<void>): Promise<void>
  remove(): Promise<void>
}

export async function makeDataFolder(): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), 's3kms-data-'))
  return {
    path,
    files: async () => {
      const entries = await readdir(path, { recursive: true, withFileTypes: true })
      const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(name) })))
    },
    tamper: async (change) => {
      const database = await Database.open({ folder: path })
      try {
        await change(new OpenStore(database))
      } finally {
        await database.close()
      }
    },
    remove: () => rm(path, { recursive: true }),
  }
}

const uploadParts = recordKind<PartRecord>()('uploadPart', ['string', 'integer'])
const uploads = recordKind<UploadRecord>()('upload', ['string', 'string', 'string'])
const blobRecords = recordKind<[number, number][]>()('blob', ['integer'])

/** The records of one bucket, and the segments of its bodies. */
export class OpenStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  record(bucket: string, key: string): ObjectRecord {
    const record = present(this.#database.get(objectRecords, [bucket, key]))
    if (isMarker(record)) throw new Error(`${bucket}/${key} is deleted`)
    return record
  }

  async putRecord(bucket: string, key: string, record: ObjectRecord): Promise<void> {
    await this.#database.transact((transaction) => transaction.put(objectRecords, [bucket, key], record))
  }

  parts(bucket: string, key: string) {
    return present(this.#database.get(objectParts, [bucket, key, nullVersion]))
  }

  async putParts(bucket: string, key: string, parts: ReturnType<OpenStore['parts']>): Promise<void> {
    await this.#database.transact((transaction) => transaction.put(objectParts, [bucket, key, nullVersion], parts))
  }

  upload(bucket: string, key: string, uploadId: string): UploadRecord {
    return present(this.#database.get(uploads, [bucket, key, uploadId]))
  }

  async putUpload(bucket: string, key: string, uploadId: string, record: UploadRecord): Promise<void> {
    await this.#database.transact((transaction) => transaction.put(uploads, [bucket, key, uploadId], record))
  }

  /** A part of an upload in progress. */
  part(uploadId: string, number: number): PartRecord {
    return present(this.#database.get(uploadParts, [uploadId, number]))
  }

  async putPart(uploadId: string, part: PartRecord): Promise<void> {
    await this.#database.transact((transaction) => transaction.put(uploadParts, [uploadId, part.number], part))
  }

  /** The numbers of a body's segments, in order; a small body is its only one. */
  segments(blob: number): number[] {
    if (isSmallBody(blob)) return [blob]
    const runs = present(this.#database.get(blobRecords, [blob]))
    return runs.flatMap(([first, count]) => Array.from({ length: count }, (_, index) => first + index))
  }

  async segment(number: number): Promise<Buffer> {
    if (isSmallBody(number)) return Buffer.from(present(this.#database.get(smallBodies, [number])), 'base64')
    return Buffer.from(present(await this.#database.bodies.get(segmentKey(number))))
  }

  async putSegment(number: number, bytes: Buffer): Promise<void> {
    if (!isSmallBody(number)) return this.#database.bodies.put(segmentKey(number), bytes)
    await this.#database.transact((transaction) => transaction.put(smallBodies, [number], bytes.toString('base64')))
  }

  async deleteSegment(number: number): Promise<void> {
    if (!isSmallBody(number)) return this.#database.bodies.del(segmentKey(number))
    await this.#database.transact((transaction) => transaction.delete(smallBodies, [number]))
  }

  /** Makes a body that no record names. */
  async addBody(id: number): Promise<void> {
    await this.#database.transact((transaction) => transaction.put(blobRecords, [id], [[id, 1]]))
  }

  /** Takes a body's record away; its segments stay. */
  async forgetBody(id: number): Promise<void> {
    await this.#database.transact((transaction) => transaction.delete(blobRecords, [id]))
  }
}

function segmentKey(number: number): Buffer {
  const key = Buffer.alloc(8)
  key.writeBigUInt64BE(BigInt(number))
  return key
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('It is not in the store')
  return value
}

/**
 * Finds 16-byte windows of plaintexts anywhere in some bytes. Every such window holds a whole 8-byte word at a multiple of
 * eight, so it is enough to look for those words, at every offset.
 */
export class WindowSearch {
  readonly #names = new Map<bigint, string>()
  /** One bit for every 26 low bits of a word: nearly all offsets are passed over here. */
  readonly #seen = new Uint8Array(1 << 23)

  /** @param plaintext of one that repeats, a period is enough where it is a multiple of eight */
  add(name: string, plaintext: Buffer): void {
    for (let offset = 0; offset + 8 <= plaintext.length; offset += 8) {
      this.#names.set(plaintext.readBigUInt64LE(offset), name)
      const low = plaintext.readUInt32LE(offset) & mask
      this.#seen[low >> 3] = (this.#seen[low >> 3] ?? 0) | (1 << (low & 7))
    }
  }

  /** @returns how many words of which plaintext are in the bytes */
  count(bytes: Buffer, found = new Map<string, number>()): Map<string, number> {
    let word = 0
    for (let offset = 0; offset < bytes.length; offset++) {
      word = (word >>> 8) | ((bytes[offset] ?? 0) << 24)
      const low = word & mask
      if (((this.#seen[low >> 3] ?? 0) & (1 << (low & 7))) === 0 || offset < 3 || offset + 5 > bytes.length) continue
      const name = this.#names.get(bytes.readBigUInt64LE(offset - 3))
      if (name !== undefined) found.set(name, (found.get(name) ?? 0) + 1)
    }
    return found
  }
}

const mask = (1 << 26) - 1
