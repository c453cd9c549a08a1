import { join } from 'node:path'
import type { Services } from '../../services.ts'
import { codeOf } from '../../store/error-code.ts'
import { LabRefusal } from '../refusal.ts'
import { FolderSnapshots, snapshotFolder } from '../snapshots/folder-snapshots.ts'
import { storeIdOf } from '../snapshots/open-beside-snapshots.ts'
import { openSnapshotFile } from '../snapshots/snapshot-file.ts'
import type { Report } from './report.ts'

/** The snapshots of the data folder can be read whole; in memory there is nothing that could be damaged. */
export async function verifySnapshots({ folder, inProcess }: Services, report: Report): Promise<void> {
  if (folder === undefined) return
  const store = storeIdOf(inProcess.database)
  await toldOf('snapshots', report, async () => {
    for (const { name, damage } of await new FolderSnapshots(folder, store).list()) {
      report.proceed('files', 0)
      // What is no file is not opened: a pipe would be waited for.
      if (damage !== undefined) report.add('file', `snapshots/${name}`, damage)
      else await toldOf(`snapshots/${name}`, report, () => openSnapshotFile(join(snapshotFolder(folder), name), store))
    }
  })
}

async function toldOf(where: string, report: Report, read: () => Promise<unknown>): Promise<void> {
  try {
    await read()
  } catch (error) {
    // One that was deleted meanwhile is no fault.
    if (codeOf(error) === 'ENOENT') return
    if (!(error instanceof LabRefusal)) throw error
    report.add('file', where, error.message)
  }
}
