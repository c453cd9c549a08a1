import { chmod, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './error-code.ts'

/*
 * The root key, sealed keys and plain bodies lie in the data folder, so it is its owner's alone:
 *
 *   DATA-DIR/    700, unless other things than ours lie in it: then it is not ours to close
 *     records/   700 │ and their files 600. New ones are as the umask says, and behind a closed folder
 *     bodies/    700 │ nobody comes to them.
 *     snapshots/ 700 │
 *     tls/       700 │
 */

const ours = ['records', 'bodies', 'snapshots', 'tls']
const ofOthers = 0o077

/**
 * Takes from others what they may do in a data folder that an earlier version made, or somebody beforehand. Windows has no such
 * modes.
 * @returns the folders that stood open to others until now
 * @throws Error with Node's code (EPERM …) when the folder is somebody else's
 */
export async function closeToOthers(folder: string): Promise<string[]> {
  if (process.platform === 'win32') return []
  const entries = await readdir(folder)
  const wasReachable = await isOpenToOthers(folder)
  const folders = ours.filter((name) => entries.includes(name)).map((name) => join(folder, name))
  if (entries.every((name) => ours.includes(name))) folders.unshift(folder)
  const closed: string[] = []
  for (const path of folders) if (await close(path, 0o700)) closed.push(path)
  for (const path of folders) {
    const files = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile())
    await Promise.all(files.map(({ name }) => close(join(path, name), 0o600)))
  }
  return wasReachable ? closed : []
}

/** @returns whether it was open to others */
async function close(path: string, mode: number): Promise<boolean> {
  try {
    if (!(await isOpenToOthers(path))) return false
    await chmod(path, mode)
    return true
  } catch (error) {
    // LevelDB deletes files meanwhile.
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

async function isOpenToOthers(path: string): Promise<boolean> {
  return ((await stat(path)).mode & ofOthers) !== 0
}
