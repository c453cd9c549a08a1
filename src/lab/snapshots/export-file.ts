import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

const readAtOnce = 1 << 20

/** Writes an export to a file, which is there whole or not at all. Keys are in it: it is its owner's alone. */
export async function writeExportFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const part = `${path}.part`
  try {
    await pipeline(bytes, createWriteStream(part, { mode: 0o600 }))
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** @throws Error with Node's code at the first read, where there is no such file */
export function readExportFile(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: readAtOnce })
}
