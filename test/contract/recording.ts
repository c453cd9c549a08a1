import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer } from './scenario.ts'

/* What a target answered, as it is kept: `recorded/FAMILY.json`. Account ids and names of the run are those of examples. */

export const recordedFolder = fileURLToPath(new URL('recorded', import.meta.url))

export interface Recording {
  /** `aws`; `emulator` only where a test tries the machine itself. */
  target: string
  /** ISO 8601 */
  date: string
  region: string
  rows: readonly RecordedRow[]
}

export interface RecordedRow extends Answer {
  case: string
}

/** @returns undefined where nothing of this family was recorded */
export async function readRecording(folder: string, family: string): Promise<Recording | undefined> {
  const text = await readFile(join(folder, `${family}.json`), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text)
}

export async function writeRecording(folder: string, family: string, recording: Recording): Promise<void> {
  const path = join(folder, `${family}.json`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${JSON.stringify(recording, undefined, 2)}\n`)
}

export function recordedAnswer({ rows }: Recording, name: string): Answer | undefined {
  const row = rows.find((one) => one.case === name)
  return row && { status: row.status, code: row.code, message: row.message }
}
