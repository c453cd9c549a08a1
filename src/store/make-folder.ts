import { constants } from 'node:fs'
import { access, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from './error-code.ts'

/**
 * Makes a folder for its owner alone, with those that it lies in, unless it is there already. Node's own way of doing that never
 * ends where a parent is there and takes no folder, as `/proc` (Node 20 and 24), and says ENOENT of a file system that is read-only.
 * @throws Error with Node's code, in words of the system or of `NotAFolder`
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path)
  } catch (error) {
    const parent = dirname(path)
    // Without its parent: a second ENOENT is said by a file system that takes none.
    if (codeOf(error) !== 'ENOENT' || parent === path || (await isThere(parent))) throw error
    await makeFolder(parent)
    await makeOne(path)
  }
}

/**
 * @throws Error with Node's code (EACCES, EROFS) when this process cannot read the folder, or make files in it
 */
export async function requireWritable(folder: string): Promise<void> {
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
}

/** Something else has the name that a folder was to have. */
class NotAFolder extends Error {
  constructor(path: string) {
    super(`ENOTDIR, ${path} is there and is not a folder`)
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700)
  } catch (error) {
    const found = await stat(path).catch(() => undefined)
    if (!found) throw error
    if (!found.isDirectory()) throw new NotAFolder(path)
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
