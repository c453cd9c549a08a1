import { createHash } from 'node:crypto'
import { NotAuthentic } from '../../crypto/aead.ts'
import { createChecksum, loadChecksum } from '../../crypto/checksums.ts'
import { openChecksum } from '../../s3/objects/checksums.ts'
import { type BucketRecord, bucketRecords } from '../../s3/records/buckets.ts'
import { bodiesOf } from '../../s3/records/object-bodies.ts'
import {
  isMarker,
  type ObjectBody,
  type ObjectRecord,
  objectRecords,
  objectVersions,
} from '../../s3/records/object-record.ts'
import { versionOf } from '../../s3/records/versions.ts'
import type { Envelope, SealTarget } from '../../s3/sse/envelope.ts'
import type { Services } from '../../services.ts'
import { StoreUnavailable } from '../../store/disk.ts'
import type { Report } from './report.ts'

/** Reads every version of every object as a client with all keys would. */
export async function verifyObjects(services: Services, report: Report): Promise<void> {
  const { database } = services.inProcess
  const bytes = { done: 0, total: 0 }
  for await (const { size } of versionsIn(services)) bytes.total += size
  const progress = (count: number) => report.proceed('objects', bytes.done + count, bytes.total)
  for await (const { target, region, size } of versionsIn(services)) {
    progress(0)
    const record = versionOf(database, [target.bucket, target.key], target.versionId)
    // One that was erased meanwhile is no fault.
    if (record && !isMarker(record)) await verifyVersion(services, report, { target, record, region, progress })
    bytes.done += size
  }
  progress(0)
}

interface Version {
  target: SealTarget
  region: string
  /** of its plaintext, bytes */
  size: number
}

async function* versionsIn({ inProcess: { database } }: Services): AsyncGenerator<Version> {
  for await (const { value: bucket } of database.entries(bucketRecords)) {
    const within = [bucket.name]
    for await (const { key, value } of database.entries(objectRecords, { within })) {
      yield versionIn(bucket, key[1], value)
    }
    for await (const { key, value } of database.entries(objectVersions, { within })) {
      if (!isMarker(value)) yield versionIn(bucket, key[1], value)
    }
  }
}

function versionIn({ name, region }: BucketRecord, key: string, { versionId, size }: ObjectRecord): Version {
  return { target: { bucket: name, key, versionId }, region, size }
}

/** A version, and whom to tell how many of its bytes were read. */
interface Examined {
  target: SealTarget
  record: ObjectRecord
  region: string
  progress: (count: number) => void
}

async function verifyVersion(
  services: Services,
  report: Report,
  { target, record, region, progress }: Examined,
): Promise<void> {
  const where = `s3://${target.bucket}/${target.key}?versionId=${target.versionId}`
  const bodies = bodiesOf(services.inProcess.database, target, record)
  const pin = services.bodies.pin(bodies.map(({ blob }) => blob))
  try {
    const envelope = await services.openEnvelope(record.envelope, target, region)
    if (!envelope) {
      report.counts.unopened++
      return
    }
    if (!passes(() => envelope.checkManifest(record.manifest, bodies, target))) {
      report.add('manifest', where, 'its bodies are not the ones that it was made of')
      return
    }
    await verifyContent(services, report, where, { record, bodies, envelope, progress })
    report.counts.versions++
    report.counts.bytes += record.size
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    report.add('segment', where, error instanceof Error ? error.message : String(error))
  } finally {
    pin.release()
  }
}

interface Content {
  record: ObjectRecord
  bodies: readonly ObjectBody[]
  envelope: Envelope
  progress: (count: number) => void
}

async function verifyContent(
  { bodies: store }: Services,
  report: Report,
  where: string,
  { record, bodies, envelope, progress }: Content,
): Promise<void> {
  const stored = record.checksum && openChecksum(envelope, record.checksum)
  const isWhole = stored?.type === 'FULL_OBJECT'
  if (isWhole) await loadChecksum(stored.algorithm)
  const checksum = isWhole ? createChecksum(stored.algorithm) : undefined
  const isMd5 = envelope.etagIsMd5 && 'blob' in record.body && /^[0-9a-f]{32}$/.test(record.etag)
  const md5 = isMd5 ? createHash('md5') : undefined
  let size = 0
  for (const body of bodies) {
    const opened = await envelope.open(body, 0, body.size - 1, (first, count) => store.read(body.blob, first, count))
    for await (const piece of opened instanceof Uint8Array ? [opened] : opened) {
      size += piece.length
      progress(size)
      checksum?.update(piece)
      md5?.update(piece)
    }
  }
  if (size !== record.size) report.add('segment', where, `${size} bytes came out in place of ${record.size}`)
  const isRight = !stored || !checksum || checksum.digest().toString('base64') === stored.value
  if (!isRight) report.add('checksum', where, `the ${stored.algorithm} of its content is not the one that is kept`)
  if (md5 && md5.digest('hex') !== record.etag) report.add('checksum', where, 'the MD5 of its content is not its ETag')
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
