import { TableCheck } from '../../store/files/table-check.ts'
import { Pace } from '../../store/pace.ts'
import type { Report } from './report.ts'

/** What is in bodies' tables authenticates by itself. */
const noBodies = 0

/**
 * The blocks of the records' tables are as they were written: LevelDB compares no checksums.
 * @param folder undefined: there are no files
 */
export async function verifyFiles(folder: string | undefined, report: Report): Promise<void> {
  report.proceed('files', 0)
  if (folder === undefined) return
  const check = new TableCheck(folder, noBodies)
  const withoutRest = new Pace(() => 0)
  for (let rounds = 1; !check.isDone; rounds++) {
    await check.run(withoutRest)
    report.proceed('files', rounds)
  }
  for (const { name, message } of check.faults) report.add('file', name, message)
}
