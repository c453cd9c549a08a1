import type { BlobStore, WrittenBlob } from './blobs.ts'
import type { Database } from './database.ts'
import { smallBodies } from './small-bodies.ts'

/** Small segments of these texts. */
export async function* segmentsOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

export async function textsOf(segments: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: string[] = []
  for await (const segment of segments) texts.push(Buffer.from(segment).toString())
  return texts
}

/** How many segments and small bodies there are, whether a record names them or not. */
export async function stored(database: Database): Promise<number> {
  let count = (await database.bodies.keys().all()).length
  for await (const _ of database.entries(smallBodies)) count++
  return count
}

export async function writeKept(database: Database, blobs: BlobStore, ...texts: string[]): Promise<WrittenBlob> {
  const blob = await blobs.write(segmentsOf(...texts))
  await database.transact((transaction) => blobs.keep(transaction, blob))
  return blob
}
