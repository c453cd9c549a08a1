import { trailRecords } from '../control/routes/trail-records.ts'
import { writeLogFiles } from '../lab/trail-export/log-files.ts'
import { OptionFault } from '../options.ts'
import { openClient } from './client.ts'
import type { Flags, Terminal } from './client-command.ts'
import { printable } from './output.ts'

/**
 * `s3kms-emu trail export --dir D`: the trail as CloudTrail's log files, written here, where the asker is.
 * @throws Error in one line
 */
export async function exportTrail(flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const { dir } = flags
  if (typeof dir !== 'string' || dir === '') throw new OptionFault('--dir names the folder to write to')
  const client = openClient(flags, environment, now)
  const { files, records } = await writeLogFiles(dir, await client.control(trailRecords, {}))
  const words = `${dir}: ${records} records in ${files.length} log files`
  write(flags.json ? `${JSON.stringify({ dir, files, records })}\n` : `${printable(words)}\n`)
  return 0
}
