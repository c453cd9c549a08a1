import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { dueTime, logFileOf, mostRecords, timeOf } from '../../cloudtrail/delivery/log-file.ts'
import { logFileKey } from '../../cloudtrail/file-names.ts'
import { makeFolder } from '../../store/make-folder.ts'
import type { TrailRecord } from '../../trail/event.ts'

/*
 * The trail as files in a folder, in the layout in which CloudTrail delivers to a bucket (`cloudtrail/file-names.ts`):
 *
 *   records of an account in a Region, the newest first ─▶ those of five minutes ─▶ one file, the oldest first
 *
 * Its 16 letters follow from the id of its oldest event: who exports again writes the same files, longer by what came since. Where five
 * minutes brought more than one file holds, its files begin elsewhere then: an empty folder has no event twice.
 */

export interface TrailExport {
  /** Paths of the files, within the folder. */
  files: string[]
  /** How many records are in them. */
  records: number
}

interface Part {
  accountId: string
  region: string
  /** ms since the epoch: where the five minutes end */
  end: number
  /** Records as JSON, the newest first. */
  texts: string[]
  /** Of the oldest so far. */
  eventId: string
}

/**
 * Writes records as log files.
 * @param folder made where it is not there
 * @param records of one account and Region behind each other, the newest first
 */
export async function writeLogFiles(folder: string, records: AsyncIterable<TrailRecord>): Promise<TrailExport> {
  const written: TrailExport = { files: [], records: 0 }
  await makeFolder(folder)
  for await (const part of partsOf(records)) {
    written.files.push(await writePart(folder, part))
    written.records += part.texts.length
  }
  return written
}

async function* partsOf(records: AsyncIterable<TrailRecord>): AsyncGenerator<Part> {
  let part: Part | undefined
  for await (const record of records) {
    const { recipientAccountId: accountId, awsRegion: region } = record
    const end = dueTime(timeOf(record))
    const isOther = part?.accountId !== accountId || part.region !== region || part.end !== end
    if (part && (isOther || part.texts.length === mostRecords)) {
      yield part
      part = undefined
    }
    part ??= { accountId, region, end, texts: [], eventId: '' }
    part.texts.push(JSON.stringify(record))
    part.eventId = record.eventID
  }
  if (part) yield part
}

/** @returns its path within the folder */
async function writePart(folder: string, { accountId, region, end, texts, eventId }: Part): Promise<string> {
  const { content } = await logFileOf(texts.toReversed())
  const unique = createHash('sha256').update(eventId).digest()
  // A client may sign for any Region: nothing of it leads out of the folder.
  const path = logFileKey({ accountId: nameOf(accountId) }, nameOf(region), end, unique)
  await makeFolder(dirname(join(folder, path)))
  await writeFile(join(folder, path), content)
  return path
}

function nameOf(text: string): string {
  return text.replace(/[^\w-]/g, '_')
}
