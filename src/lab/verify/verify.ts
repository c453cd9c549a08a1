import type { Services } from '../../services.ts'
import { StoreClosed } from '../../store/database.ts'
import { LabRefusal } from '../refusal.ts'
import { Report, type Verification, type VerifyOptions } from './report.ts'
import { verifyBodies } from './verify-bodies.ts'
import { verifyFiles } from './verify-files.ts'
import { verifyObjects } from './verify-objects.ts'
import { verifyRecords } from './verify-records.ts'
import { verifySnapshots } from './verify-snapshots.ts'
import { verifyTrail } from './verify-trail.ts'
import { verifyUploads } from './verify-uploads.ts'
import { openView } from './view.ts'

/*
 * Proof that what is stored can be read, as it was written:
 *
 *   files     the blocks of the tables of records have their checksums, which LevelDB does not compare; snapshots can be read whole
 *   records   each is one of its kind, and those that belong together are there (declared beside whoever writes them)
 *   objects   each version's manifest, every segment under its key, sizes, ETags and checksums of what comes out, of parts and whole
 *   uploads   the same of parts that are not joined yet
 *   bodies    each is there that a record names, and named once; what nobody names is unreachable
 *   trail     each event is found; each key and bucket has the event of its creation
 *
 * Records, bodies and trail are seen as of one moment; objects and parts are read as they are by then, and what ends meanwhile is none of
 * the store any more. No policy is asked and no event is left. What a customer's key seals cannot be opened, and is counted; so is what
 * lies under a KMS key that is gone.
 */

/**
 * Reads everything. It goes on when something is wrong, and says all that is.
 * @throws the signal's reason when it is ended before; LabRefusal when the store is emptied, or another state is loaded, meanwhile
 */
export async function verify(services: Services, options: VerifyOptions = {}): Promise<Verification> {
  try {
    return await verifyAll(services, options)
  } catch (error) {
    throw error instanceof StoreClosed ? new LabRefusal('conflict', replaced) : error
  }
}

const replaced = 'The emulator was reset, stopped, or put into another state before all was verified: ask again'

async function verifyAll(services: Services, options: VerifyOptions): Promise<Verification> {
  const report = new Report(options)
  const view = await openView(services)
  try {
    await verifyFiles(services.folder, report)
    await verifySnapshots(services, report)
    await verifyRecords(view, report)
    await verifyObjects(services, view, report)
    await verifyUploads(services, view, report)
    await verifyBodies(services, view, report, options.repair === true)
    await verifyTrail(view, report)
  } finally {
    await view.close()
  }
  return report.verification()
}
