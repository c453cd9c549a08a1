import { createReadStream } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { blobRecords, type Run } from '../../store/blob-records.ts'
import { SegmentSet } from '../../store/segment-set.ts'
import { type Entry, runsIn, type State } from '../../store/state.ts'
import { version } from '../../version.ts'
import { LabRefusal } from '../refusal.ts'
import { FewRecords } from './few-records.ts'
import type { StateEntry } from './state-entries.ts'
import { readStateFile, writeStateFile } from './state-file.ts'
import { damaged, type StateHeader } from './state-header.ts'

/*
 * A snapshot in a data folder: a state file that has the records, and says with the first of them in which segments the bodies lie. As
 * long as it is there the sweep leaves those: the file alone makes the snapshot, and its end gives them back.
 */

const readAtOnce = 1 << 20

/** Writes a snapshot beside, and puts it in its place when all of it is on the disk. */
export async function writeSnapshotFile(
  path: string,
  beside: string,
  state: State,
  { created, store }: Pick<StateHeader, 'created' | 'store'>,
): Promise<void> {
  const { format, reserved } = state
  const header = { content: 'records', format, version, created, reserved, store } as const
  try {
    await rm(beside, { force: true })
    // Never through a link, nor into a pipe.
    const file = await open(beside, 'wx', 0o600)
    try {
      await writeFile(file, writeStateFile(header, recordsOf(state)))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    // What cannot be removed is told by what stood in the way.
    await rm(beside, { force: true }).catch(() => undefined)
    throw error
  }
}

/**
 * The state that a snapshot has. The file is read whole before, so that what is damaged is refused beforehand.
 * @param store the data folder's id: the bodies are in no other
 * @throws LabRefusal; Error with Node's code where there is no such file
 */
export async function openSnapshotFile(path: string, store: string): Promise<State> {
  const file = await readStateFile(createReadStream(path, { highWaterMark: readAtOnce }))
  requireSnapshot(file.header)
  if (file.header.store !== store) {
    await file.close()
    throw new LabRefusal('wrong', 'It belongs to another data folder: export there, and import here')
  }
  const few = new FewRecords()
  const runs: Run[] = []
  for await (const page of file.entries()) {
    for (const entry of page) {
      const record = asRecord(entry)
      few.note(record)
      if (record[0].startsWith(blobRecords.prefix)) runs.push(...runsIn(record))
    }
  }
  const { format, reserved } = file.header
  return {
    async *records() {
      const again = await readStateFile(createReadStream(path, { highWaterMark: readAtOnce }))
      for await (const page of again.entries()) yield page.map(asRecord)
    },
    read: few.read,
    format,
    segments: new SegmentSet(runs),
    reserved,
  }
}

/** What a snapshot says of itself. @throws LabRefusal where it says nothing that can be read */
export async function readSnapshotHeader(path: string): Promise<StateHeader> {
  const file = await readStateFile(createReadStream(path, { end: readAtOnce }))
  await file.close()
  requireSnapshot(file.header)
  return file.header
}

/** The segments that a snapshot needs, which stand at its beginning. @throws LabRefusal where that is damaged */
export async function heldBySnapshotFile(path: string): Promise<SegmentSet> {
  const file = await readStateFile(createReadStream(path, { highWaterMark: readAtOnce }))
  const runs: Run[] = []
  try {
    for await (const page of file.entries()) {
      for (const entry of page) {
        const [name, text] = asRecord(entry)
        if (name.startsWith(blobRecords.prefix)) runs.push(...runsIn([name, text]))
        else if (name > blobRecords.prefix) return new SegmentSet(runs)
      }
    }
    return new SegmentSet(runs)
  } finally {
    await file.close()
  }
}

async function* recordsOf(state: State): AsyncGenerator<StateEntry[]> {
  for await (const page of state.records()) yield page.map(([name, text]) => ({ type: 'record', name, text }))
}

function asRecord(entry: StateEntry): Entry {
  if (entry.type !== 'record') throw damaged()
  return [entry.name, entry.text]
}

function requireSnapshot({ content }: StateHeader): void {
  if (content !== 'records') throw new LabRefusal('wrong', 'It is no snapshot, but an export: import it')
}
