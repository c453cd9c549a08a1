import { checksumAlgorithms } from '../../crypto/checksums.ts'
import { type CheckContext, faultsWhere, type RecordCheck, recordCheck } from '../../store/record-check.ts'
import { base64, count, flag, mapOf, members, object, oneOf, optional, text, time } from '../../store/record-shape.ts'
import { bucketRecords } from '../records/buckets.ts'
import { type PartRecord, type UploadRecord, uploadParts, uploadRecords } from '../records/uploads.ts'
import { faultsOfIndexedUpload } from './lifecycle.ts'
import { attributes, checksum, envelope } from './objects.ts'

const uploadShape = members<UploadRecord>({
  systemMetadata: mapOf(text),
  userMetadata: mapOf(text),
  ownerAccountId: text,
  acl: optional(object),
  attributes,
  initiated: time,
  initiator: members<UploadRecord['initiator']>({ id: text, displayName: text }),
  checksumAlgorithm: optional(oneOf(...checksumAlgorithms)),
  checksumType: optional(oneOf('FULL_OBJECT', 'COMPOSITE')),
  envelope,
  manifest: text,
  asked: optional(members<NonNullable<UploadRecord['asked']>>({ algorithm: text, keyId: optional(text) })),
  keyExisted: flag,
})

const partShape = members<PartRecord>({
  number: count,
  blob: count,
  salt: base64,
  size: count,
  etag: text,
  checksum: optional(checksum),
  manifest: text,
  lastModified: time,
})

/** Uploads in progress, and their parts. */
export const uploadChecks: readonly RecordCheck[] = [
  recordCheck(
    uploadRecords,
    uploadShape,
    ({ key: [bucket, key, uploadId], value }, { records }) => [
      ...faultsWhere([records.isMissing(bucketRecords, [bucket]), 'is in a bucket that is missing']),
      ...faultsOfIndexedUpload([bucket, key, uploadId], value, records),
    ],
    ({ key: [bucket, key, uploadId] }) => `s3://${bucket}/${key}?uploadId=${uploadId}`,
  ),
  recordCheck(uploadParts, partShape, async ({ key: [uploadId, number], value }, context) => {
    const ids = await uploadIds(context)
    return faultsWhere(
      [value.number !== number, 'has the number of another part'],
      [!ids.has(uploadId), 'is a part of an upload that is missing'],
    )
  }),
]

function uploadIds(context: CheckContext): Promise<ReadonlySet<string>> {
  return context.once(uploadRecords, async () => {
    const ids = new Set<string>()
    for await (const [, , id] of context.records.keys(uploadRecords)) ids.add(id)
    return ids
  })
}
