import { open, rename } from 'node:fs/promises'

/**
 * Writes a whole file or none: aside first, to the disk, then in place of what was there. Whoever is cut off in between leaves the
 * old one, and something beside it that the next write takes.
 * @param mode of the file, for its owner alone unless it says otherwise
 */
export async function writeAside(path: string, text: string, mode = 0o600): Promise<void> {
  const aside = `${path}.new`
  const file = await open(aside, 'w', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(aside, path)
}
