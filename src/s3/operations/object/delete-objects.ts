import { AwsError } from '../../../aws/errors.ts'
import { listOf, type XmlContent, type XmlElement } from '../../../protocol/rest-xml.ts'
import { allowOnly, parseDocument, readXmlBody } from '../../documents/xml-body.ts'
import { s3Errors } from '../../errors.ts'
import { knownByDocument, needsOfDeletion } from '../../needs.ts'
import { type WriteCondition, withoutQuotes } from '../../objects/conditions.ts'
import { deleteOne } from '../../objects/delete.ts'
import { headersOfDeletions } from '../../objects/ineffective-headers.ts'
import { bypassesGovernance } from '../../objects/object-lock.ts'
import { canBeVersion } from '../../objects/version-ids.ts'
import type { BucketOperation, BucketRequest, Need } from '../../operation.ts'

/** Source: DeleteObjects in the S3 API Reference. */
const largestBatch = 1000

/** 1000 keys of 1024 bytes, escaped, and their elements: the root, Quiet, and an Object with its five children for each. */
const documentLimits = { bytes: 8 << 20, elements: 2 + 6 * largestBatch }

/** Deletes up to 1000 objects or versions, each with its own result. */
export const DeleteObjects: BucketOperation = {
  name: 'DeleteObjects',
  level: 'bucket',
  route: 'POST /{Bucket}?delete',
  headers: headersOfDeletions,
  // Each key is decided by itself, once the document is read: by `needsOfDeletion`.
  needs: knownByDocument,
  documentKeys: {
    limit: documentLimits.bytes,
    read: async (bytes) => keysIn(await parseDocument(bytes, 'Delete', documentLimits.elements)),
  },
  async handle(services, request) {
    const document = await readXmlBody(request, 'Delete', 'required', documentLimits)
    const { isQuiet, items } = readDelete(document)
    const { bucket } = request
    bypassesGovernance(bucket, request.headers)
    const Deleted: XmlElement[] = []
    const errors: XmlElement[] = []
    const deletions: { key: string; code?: string }[] = []
    for (const item of items) {
      const { Key, VersionId } = item
      try {
        services.access.permit(request, needsOf(request, item), bucket)
        if (VersionId !== undefined && !canBeVersion(bucket, VersionId)) throw s3Errors.NoSuchVersion(Key, VersionId)
        const { versionId, isMarker } = await deleteOne(services, request, Key, VersionId, item.condition)
        const marker = isMarker ? { DeleteMarker: true, DeleteMarkerVersionId: versionId } : {}
        if (!isQuiet) Deleted.push({ Key, VersionId, ...marker })
        deletions.push({ key: Key })
      } catch (error) {
        if (!(error instanceof AwsError)) throw error
        errors.push({ Key, VersionId, Code: error.code, Message: error.message })
        deletions.push({ key: Key, code: error.code })
      }
    }
    return { xml: { root: 'DeleteResult', content: { Deleted, Error: errors } }, deletions }
  },
}

function needsOf(request: BucketRequest, { Key: key, VersionId: versionId, condition }: DeleteItem): readonly Need[] {
  const etag = condition.kind === 'etag' ? condition.etag : undefined
  return needsOfDeletion({ bucketName: request.bucket.name, headers: request.headers }, { key, versionId, etag })
}

interface DeleteItem {
  Key: string
  VersionId?: string
  condition: WriteCondition
}

function readDelete(document: XmlElement | undefined): { isQuiet: boolean; items: DeleteItem[] } {
  if (!document) throw s3Errors.MissingRequestBodyError()
  allowOnly(document, ['Object', 'Quiet'])
  const items = listOf(document.Object).map(readItem)
  if (items.length === 0 || items.length > largestBatch) throw s3Errors.MalformedXML()
  return { isQuiet: document.Quiet === 'true', items }
}

function keysIn(document: XmlElement): string[] {
  return readDelete(document).items.map(({ Key }) => Key)
}

function readItem(content: XmlContent): DeleteItem {
  if (typeof content !== 'object' || typeof content.Key !== 'string' || content.Key === '')
    throw s3Errors.MalformedXML()
  // A misspelt condition must not delete what it was to protect.
  allowOnly(content, ['Key', 'VersionId', 'ETag', 'LastModifiedTime', 'Size'])
  const { Key, VersionId, ETag } = content
  // For directory buckets only, as the headers of DeleteObject are.
  if (content.LastModifiedTime !== undefined || content.Size !== undefined) {
    throw s3Errors.NotImplemented('A header you provided implies functionality that is not implemented')
  }
  const condition: WriteCondition =
    typeof ETag === 'string' ? { kind: 'etag', etag: withoutQuotes(ETag) } : { kind: 'none' }
  return { Key, VersionId: typeof VersionId === 'string' && VersionId !== '' ? VersionId : undefined, condition }
}
