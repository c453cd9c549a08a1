import { nextTurn } from '../../event-loop.ts'
import { uploadTarget } from '../../s3/objects/parts.ts'
import { bucketRecords } from '../../s3/records/buckets.ts'
import { type Upload, uploadParts, uploadRecords } from '../../s3/records/uploads.ts'
import type { Services } from '../../services.ts'
import type { Report } from './report.ts'
import { verifySealed } from './sealed.ts'
import type { View } from './view.ts'

/** Parts that are read in one turn of the event loop where they are small: a few ms. */
const partsOfTurn = 32

/** Reads the parts of uploads in progress, which their upload's key seals. */
export async function verifyUploads(services: Services, { records }: View, report: Report): Promise<void> {
  const { database } = services.inProcess
  let done = 0
  report.proceed('uploads', done)
  for await (const { key } of records.entries(uploadRecords)) {
    const [bucket, name, uploadId] = key
    const record = database.get(uploadRecords, key)
    const region = records.get(bucketRecords, [bucket])?.region
    // One that ended meanwhile is no fault.
    if (!record || region === undefined) continue
    const upload = { bucket, key: name, uploadId, record }
    await verifyUpload(services, report, upload, region)
    for await (const { key: ofPart } of records.entries(uploadParts, { within: [uploadId] })) {
      if (done % partsOfTurn === 0) await nextTurn()
      report.proceed('uploads', done++)
      await verifyPart(services, report, upload, { region, number: ofPart[1] })
    }
  }
}

async function verifyUpload(services: Services, report: Report, upload: Upload, region: string): Promise<void> {
  const { envelope, manifest } = upload.record
  const opened = await services.openEnvelope(envelope, uploadTarget(upload), region).catch(() => undefined)
  try {
    opened?.checkManifest(manifest, [], uploadTarget(upload), 'upload')
  } catch {
    report.add('manifest', whereOf(upload), 'it is not the one that was begun')
  }
}

async function verifyPart(
  services: Services,
  report: Report,
  upload: Upload,
  { region, number }: { region: string; number: number },
): Promise<void> {
  const part = services.inProcess.database.get(uploadParts, [upload.uploadId, number])
  if (!part) return
  const { manifest, lastModified: _, ...body } = part
  const isRead = await verifySealed(services, report, {
    where: `${whereOf(upload)}&partNumber=${number}`,
    target: uploadTarget(upload),
    region,
    envelope: upload.record.envelope,
    manifest: { mac: manifest, of: 'part' },
    kept: body,
    // ETag and checksum are compared once.
    bodies: [{ number, blob: body.blob, salt: body.salt, size: body.size }],
    progress: () => undefined,
  })
  if (isRead) report.counts.parts++
}

/** `s3://bucket/key?uploadId=…` */
function whereOf({ bucket, key, uploadId }: Upload): string {
  return `s3://${bucket}/${key}?uploadId=${uploadId}`
}
