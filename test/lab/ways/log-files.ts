import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { TrailRecord } from '../../../src/trail/event.ts'

/** All records of CloudTrail's log files in a folder. */
export async function recordsIn(folder: string): Promise<TrailRecord[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const contents = await Promise.all(files.map(async (file) => JSON.parse(gunzipSync(await readFile(file)).toString())))
  return contents.flatMap(({ Records }) => Records)
}
