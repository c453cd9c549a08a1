import { AwsError } from '../../aws/errors.ts'
import { s3Errors } from '../errors.ts'
import type { ObjectRequest, S3Services } from '../operation.ts'
import { type BucketRecord, checkExpectedOwner } from '../records/buckets.ts'
import { nullVersion } from '../records/object-record.ts'
import type { PinnedObject } from '../records/objects.ts'
import type { CustomerKey } from '../sse/envelope.ts'
import { checkRead, readCustomerKey } from '../sse/headers.ts'
import { checkReadable } from './archive.ts'
import { checkCopyConditions } from './conditions.ts'
import { bodyLimit, piecesOf, readBodies } from './content.ts'
import type { ByteRange } from './ranges.ts'
import { findObject, openObject } from './read.ts'
import { canBeVersion, shownVersion } from './version-ids.ts'

/** What is copied from, as far as that needs no key. */
export interface CopySource {
  bucket: BucketRecord
  key: string
  object: PinnedObject
  customerKey: CustomerKey | undefined
  /** As the request names it. */
  versionId: string | undefined
}

/**
 * Finds and checks the source, which the caller may read (`needs`), and has `use` copy from it; its bodies stay there so long.
 * @throws AwsError in S3's words for what is wrong with the source
 */
export async function withSource<Result>(
  services: S3Services,
  request: ObjectRequest,
  use: (source: CopySource) => Promise<Result>,
): Promise<Result> {
  const { headers } = request
  refuseBody(request)
  const { bucket: name, key, versionId } = readCopySource(headers['x-amz-copy-source'] ?? '')
  const bucket = services.buckets.get(name)
  checkExpectedOwner(bucket, headers['x-amz-source-expected-bucket-owner'])
  const object = services.objects.pin(findSource(services, bucket, key, versionId))
  try {
    const customerKey = readCustomerKey(headers, 'copy-source')
    checkRead(object.record.envelope, request, customerKey, 'copy-source')
    checkCopyConditions(headers, object.record, services.ambient.now())
    checkReadable(object.record, 'copy', services.ambient.now())
    return await use({ bucket, key, object, customerKey, versionId })
  } finally {
    object.release()
  }
}

/**
 * A source is refused in other words than an object that is read (evidence: s3-copy-version).
 * @throws AwsError NoSuchKey, NoSuchVersion, InvalidRequest
 */
function findSource(services: S3Services, bucket: BucketRecord, key: string, versionId: string | undefined) {
  if (versionId !== undefined && !canBeVersion(bucket, versionId)) throw s3Errors.InvalidRequest('Invalid Request')
  try {
    return findObject(services, bucket, key, versionId)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    if (error.code === 'NoSuchKey') throw s3Errors.NoSuchKey(key)
    if (error.code !== 'MethodNotAllowed') throw error
    const message = 'The source of a copy request may not specifically refer to a delete marker by version id.'
    throw s3Errors.InvalidRequest(message)
  }
}

/**
 * `x-amz-copy-source-version-id`: of a source in a bucket with versions, but not of a null version that nobody named
 * (evidence: s3-version-header).
 */
export function sourceVersion({ bucket, object: { record }, versionId }: CopySource): string | undefined {
  return versionId !== undefined || record.versionId !== nullVersion ? shownVersion(bucket, record) : undefined
}

/** All of a copy comes from its source. (evidence: s3-copy-body) */
function refuseBody({ body }: ObjectRequest): void {
  if (body.length) throw s3Errors.InvalidRequest('This request does not support content')
}

/** The plaintext of a range of the source. Costs one Decrypt where the source is under a KMS key. */
export async function openSource(
  services: S3Services,
  request: ObjectRequest,
  source: CopySource,
  range: ByteRange,
): Promise<AsyncIterable<Uint8Array>> {
  checkCopySize(range)
  const envelope = await openObject(services, source.bucket, request, source)
  const { object } = source
  return piecesOf(await readBodies(services.blobs, envelope, object.bodies, range, object))
}

/**
 * Cuts `x-amz-copy-source`: `[/]bucket/key[?versionId=…]`, percent-encoded.
 * @throws AwsError InvalidArgument
 */
export function readCopySource(header: string): { bucket: string; key: string; versionId?: string } {
  const { encoded, versionId } = cutVersion(header)
  const path = decode(encoded)?.replace(/^\//, '') ?? ''
  const slash = path.indexOf('/')
  const [bucket, key] = [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)]
  if (bucket === '' || key === '') {
    throw s3Errors.InvalidArgument('Invalid copy source object key', 'x-amz-copy-source', header)
  }
  return { bucket, key, versionId }
}

/** The version is what stands behind the first mark of its kind, unless a parameter follows: then it is all of the key. */
function cutVersion(header: string): { encoded: string; versionId?: string } {
  const mark = header.indexOf(versionMark, header.lastIndexOf('&') + 1)
  if (mark < 0) return { encoded: header }
  return { encoded: header.slice(0, mark), versionId: header.slice(mark + versionMark.length) }
}

const versionMark = '?versionId='

function decode(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}

function checkCopySize({ first, last }: ByteRange): void {
  if (last - first + 1 <= bodyLimit) return
  throw s3Errors.InvalidRequest(
    `The specified copy source is larger than the maximum allowable size for a copy source: ${bodyLimit}`,
  )
}
