import { constants, createReadStream, createWriteStream } from 'node:fs'
import { access, rename, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { LabRefusal } from '../refusal.ts'

const readAtOnce = 1 << 20

/**
 * Writes an export to a file, which is there whole or not at all. Keys are in it: it is its owner's alone.
 * @throws LabRefusal where there can be no such file; what the bytes failed by
 */
export async function writeExportFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const part = `${path}.part`
  try {
    await pipeline(bytes, createWriteStream(part, { mode: 0o600 }))
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    // Errors of the file system name their path, those of a connection do not.
    const { code, path: failed } = Object(error)
    if (failed === part) throw new LabRefusal('wrong', `${path} cannot be written (${code})`)
    throw error
  }
}

/**
 * Opens a file that was exported; it is read when its bytes are asked for.
 * @throws LabRefusal where it cannot be read, before anything is asked of an emulator
 */
export async function openExportFile(path: string): Promise<AsyncIterable<Buffer>> {
  const code = await obstacleTo(path)
  if (code !== undefined) throw new LabRefusal('absent', `${path} cannot be read (${code})`)
  return createReadStream(path, { highWaterMark: readAtOnce })
}

/** @returns the code by which reading it would fail */
async function obstacleTo(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.R_OK)
    return (await stat(path)).isDirectory() ? 'EISDIR' : undefined
  } catch (error) {
    return Object(error).code
  }
}
