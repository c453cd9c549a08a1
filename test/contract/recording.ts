import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Asked } from './expected.ts'
import { exampleRegion } from './names.ts'
import { redacted } from './redaction.ts'
import type { Answer } from './scenario.ts'
import type { Target } from './target.ts'

/* What a target answered, as it is kept: `recorded/FAMILY.json`. Account ids and names of the run are those of examples. */

export const recordedFolder = fileURLToPath(new URL('recorded', import.meta.url))

export interface Recording {
  /** `rehearsal`: of an emulator in AWS's place; such a one is never among those of AWS. */
  target: Target['name']
  /** ISO 8601 */
  date: string
  region: string
  rows: readonly RecordedRow[]
}

export interface RecordedRow extends Answer {
  case: string
}

/** @param asked of which those without an answer are left out */
export function recordingOf(target: Target, asked: readonly Asked[]): Recording {
  const rows = asked.flatMap(({ case: name, answer }) =>
    answer ? [{ case: name, ...answer, message: redacted(answer.message) }] : [],
  )
  return { target: target.name, date: new Date().toISOString(), region: exampleRegion, rows }
}

/**
 * @returns undefined where nothing of this family was recorded
 * @throws where it was recorded of something else
 */
export async function readRecording(
  folder: string,
  family: string,
  target: Recording['target'] = 'aws',
): Promise<Recording | undefined> {
  const path = join(folder, `${family}.json`)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const recording: Recording = JSON.parse(text)
  if (recording.target === target) return recording
  throw new Error(`${path} is what ${recording.target} answered, not ${target}`)
}

/** The whole of it, or what was there before. */
export async function writeRecording(folder: string, family: string, recording: Recording): Promise<void> {
  const path = join(folder, `${family}.json`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, `${JSON.stringify(recording, undefined, 2)}\n`)
  await rename(`${path}.new`, path)
}

export function recordedAnswer({ rows }: Recording, name: string): Answer | undefined {
  const row = rows.find((one) => one.case === name)
  return row && { status: row.status, code: row.code, message: row.message }
}
