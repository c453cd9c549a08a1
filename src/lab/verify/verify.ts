import type { Services } from '../../services.ts'
import { Report, type Verification, type VerifyOptions } from './report.ts'
import { verifyBodies } from './verify-bodies.ts'
import { verifyObjects } from './verify-objects.ts'
import { verifyRecords } from './verify-records.ts'
import { verifyTrail } from './verify-trail.ts'
import { verifyUploads } from './verify-uploads.ts'

/*
 * Proof that what is stored can be read, as it was written:
 *
 *   records   each parses
 *   objects   each version's manifest, every segment under its key, sizes, ETags and checksums of what comes out, of parts and whole
 *   uploads   the same of parts that are not joined yet
 *   bodies    each is there that a record names, and named once; what nobody names is unreachable
 *   trail     each event is found by its id; each key and bucket has the event of its creation
 *
 * No policy is asked and no event is left. What a customer's key seals cannot be opened, and is counted; so is what lies under a KMS
 * key that is gone.
 */

/**
 * Reads everything. It goes on when something is wrong, and says all that is.
 * @throws the signal's reason when it is ended before
 */
export async function verify(services: Services, options: VerifyOptions = {}): Promise<Verification> {
  const report = new Report(options)
  const { database } = services.inProcess
  await verifyRecords(database, report)
  await verifyObjects(services, report)
  await verifyUploads(services, report)
  await verifyBodies(services, report, options.repair === true)
  await verifyTrail(services, report)
  return report.verification()
}
