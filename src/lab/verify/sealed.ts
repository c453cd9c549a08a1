import { NotAuthentic } from '../../crypto/aead.ts'
import type { ObjectBody } from '../../s3/records/object-record.ts'
import type { Envelope, EnvelopeRecord, ManifestOf, SealTarget } from '../../s3/sse/envelope.ts'
import type { Services } from '../../services.ts'
import { BodyMissing } from '../../store/blobs.ts'
import { StoreClosed } from '../../store/database.ts'
import { StoreUnavailable } from '../../store/disk.ts'
import { type ContentReading, type KeptContent, verifyContent, verifyKept } from './content.ts'
import { verifyPresence } from './presence.ts'
import type { Report } from './report.ts'

/** A version of an object, or a part of an upload, as its records have it. */
export interface Sealed {
  /** What faults call it. */
  where: string
  target: SealTarget
  /** of its bucket */
  region: string
  envelope: EnvelopeRecord
  manifest: { mac: string; of: ManifestOf }
  kept: KeptContent
  bodies: readonly ObjectBody[]
  /** Told how many of its bytes were read. */
  progress(count: number): void
}

/**
 * Opens it, and reads all of it. In the same turn as its records were read, so that its bodies stay.
 * @returns whether it could be read whole
 */
export async function verifySealed(services: Services, report: Report, sealed: Sealed): Promise<boolean> {
  const { where, bodies } = sealed
  const pin = services.bodies.pin(bodies.map(({ blob }) => blob))
  try {
    const envelope = await openedEnvelope(services, report, sealed)
    if (envelope === 'broken' || (envelope && !isOfItsBodies(envelope, report, sealed))) return false
    if (!envelope || envelope.scheme === 'SSE-C') {
      report.counts.unopened++
      await verifyUnopened(services, report, sealed)
      return false
    }
    await verifyOpened(services, report, sealed, envelope)
    return true
  } catch (error) {
    if (error instanceof StoreUnavailable || report.isAbandoned) throw error
    // Bodies of a generation that ended may be cleared by the next one.
    if (!services.inProcess.database.isOpen) throw new StoreClosed()
    // Told with the bodies, as of one moment.
    if (!(error instanceof BodyMissing)) report.add('segment', where, textOf(error))
    return false
  } finally {
    pin.release()
  }
}

async function openedEnvelope(
  services: Services,
  report: Report,
  { where, envelope, target, region }: Sealed,
): Promise<Envelope | 'broken' | undefined> {
  try {
    return await services.openEnvelope(envelope, target, region)
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    report.add('record', where, `its key does not open: ${textOf(error)}`)
    return 'broken'
  }
}

function isOfItsBodies(envelope: Envelope, report: Report, { where, target, manifest, bodies }: Sealed): boolean {
  if (passes(() => envelope.checkManifest(manifest.mac, bodies, target, manifest.of))) return true
  report.add('manifest', where, 'its bodies are not the ones that it was made of')
  return false
}

/** What nobody here opens is there, and what is kept of the whole is that of its parts. */
async function verifyUnopened(
  { bodies: store }: Services,
  report: Report,
  { where, envelope, kept, bodies }: Sealed,
): Promise<void> {
  await verifyPresence(store, bodies, envelope.scheme)
  await verifyKept((kind, message) => report.add(kind, where, message), kept, bodies)
}

async function verifyOpened(
  { bodies: store }: Services,
  report: Report,
  { where, kept, bodies, progress }: Sealed,
  envelope: Envelope,
): Promise<void> {
  const fault: ContentReading['fault'] = (kind, message) => report.add(kind, where, message)
  await verifyContent({ bodies: store, envelope, progress, fault }, kept, bodies)
  report.counts.bytes += kept.size
}

function passes(check: () => void): boolean {
  try {
    check()
    return true
  } catch (error) {
    if (error instanceof NotAuthentic) return false
    throw error
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
