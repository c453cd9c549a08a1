import { objectArn } from '../../../aws/arn.ts'
import { holdingOfWrite } from '../../access/acl-of-write.ts'
import { BucketEncryption } from '../../configurations/bucket-encryption.ts'
import { timestamp } from '../../dates.ts'
import { s3Errors } from '../../errors.ts'
import { onCopySource, onObject, onWrittenObject, together, withHeader } from '../../needs.ts'
import { readAttributes, storageClassHeader, withTags } from '../../objects/attributes.ts'
import { checksumElements, requireAlgorithm } from '../../objects/checksums.ts'
import { checkWriteCondition } from '../../objects/conditions.ts'
import { unverified } from '../../objects/content.ts'
import { type CopySource, openSource, readCopySource, sourceVersion, withSource } from '../../objects/copy.ts'
import { expirationHeader } from '../../objects/lifecycle-headers.ts'
import { type Metadata, readMetadata } from '../../objects/metadata.ts'
import { lockOfWrite } from '../../objects/object-lock.ts'
import { whole } from '../../objects/read.ts'
import { sealTarget, sessionOf } from '../../objects/session.ts'
import { copiedVersion } from '../../objects/version-ids.ts'
import { envelopeForWrite, readWriteIntent, storeObject, type WriteIntent } from '../../objects/write.ts'
import type { ObjectOperation, ObjectRequest, S3Services } from '../../operation.ts'
import type { ObjectAttributes } from '../../records/object-attributes.ts'
import type { ObjectRecord, StoredObject } from '../../records/object-record.ts'
import type { DefaultEncryption, Scheme } from '../../sse/envelope.ts'
import { checkEncryptionRequest } from '../../sse/headers.ts'

/*
 * A copy is a read and a write in one: the plaintext streams from the source's envelope into the target's. Nothing of the
 * source's encryption is inherited; the SSE headers speak of the target, `x-amz-copy-source-…` ones of the source.
 */

export const CopyObject: ObjectOperation = {
  name: 'CopyObject',
  level: 'object',
  route: 'PUT /{Bucket}/{Key+} #x-amz-copy-source',
  needs: together(
    onWrittenObject,
    withHeader(['x-amz-tagging-directive'], onObject('s3:PutObjectTagging'), 'copy'),
    onCopySource(readCopySource),
  ),
  async handle(services, request) {
    const { bucket, key } = request
    const holding = holdingOfWrite(services, request)
    const asked = readWriteIntent(services, request, {
      metadata: noMetadata,
      attributes: askedAttributes(services, request),
      holding,
    })
    checkTarget(services, request, asked)
    const { record, body, envelope, source } = await withSource(services, request, async (source) => {
      const { object } = source
      permitTags(services, request, source)
      const intent = {
        ...asked,
        metadata: copiedMetadata(request, object.record),
        attributes: copiedAttributes(request, asked, object.record),
      }
      const algorithm = copiedAlgorithm(request, object)
      if (source.bucket.name === bucket.name && source.key === key) {
        const isEncryptionSet = BucketEncryption.find(services, bucket.name) !== undefined
        checkChangesSomething(request, asked, source, isEncryptionSet)
      }
      const bytes = await openSource(services, request, source, whole(object.record))
      const envelope = await envelopeForWrite(services, request, intent)
      const content = { bytes, expectation: { ...unverified, algorithm } }
      return { source, envelope, ...(await storeObject(services, request, intent, envelope, content)) }
    })
    return {
      headers: {
        ...storageClassHeader(record),
        ...expirationHeader(services, bucket, key, record),
        ...envelope.answerHeaders('CopyObject'),
        'x-amz-version-id': copiedVersion(record),
        'x-amz-copy-source-version-id': sourceVersion(source),
      },
      xml: {
        root: 'CopyObjectResult',
        content: {
          LastModified: timestamp(record.lastModified),
          ETag: `"${record.etag}"`,
          ...checksumElements(body.checksum),
        },
      },
    }
  },
}

/** What the copy carries is known only once its source is. */
const noMetadata: Metadata = { systemMetadata: {}, userMetadata: {} }

/** What can be wrong with the target is told before anyone is asked for the source's key. */
function checkTarget({ objects }: S3Services, request: ObjectRequest, { encryption, condition }: WriteIntent): void {
  const { bucket, key } = request
  checkEncryptionRequest(encryption, bucket.encryption, sealTarget(bucket, key), sessionOf(bucket, request))
  checkWriteCondition(condition, key, objects.find(bucket.name, key)?.record)
}

/** Class, redirect and lock are never the source's (evidence: s3-storage-class); tags in the request count only where they replace. */
function askedAttributes({ ambient }: S3Services, request: ObjectRequest): ObjectAttributes | undefined {
  const lock = lockOfWrite(request, ambient.now())
  const { headers } = request
  if (replacesTags(headers)) return readAttributes(headers, lock)
  const { 'x-amz-tagging': _, ...others } = headers
  return readAttributes(others, lock)
}

function copiedAttributes({ headers }: ObjectRequest, { attributes }: WriteIntent, source: ObjectRecord) {
  return replacesTags(headers) ? attributes : withTags(attributes, source.attributes?.tags)
}

/**
 * Who copies tags along reads them there and writes them here ("Troubleshoot access denied errors of CopyObject", AWS re:Post).
 * @throws AwsError AccessDenied
 */
function permitTags(
  { access }: S3Services,
  request: ObjectRequest,
  { bucket, key, object, versionId }: CopySource,
): void {
  if (!object.record.attributes?.tags || replacesTags(request.headers)) return
  const action = versionId === undefined ? 's3:GetObjectTagging' : 's3:GetObjectVersionTagging'
  const needs = [
    { action, resource: objectArn(bucket.name, key), versionId },
    { action: 's3:PutObjectTagging', resource: objectArn(request.bucket.name, request.key) },
  ]
  access.permit(request, needs, request.bucket)
}

function replacesTags(headers: ObjectRequest['headers']): boolean {
  const directive = headers['x-amz-tagging-directive'] ?? 'COPY'
  if (directive === 'REPLACE' || directive === 'COPY') return directive === 'REPLACE'
  throw s3Errors.InvalidArgument('Unknown tagging directive.', 'x-amz-tagging-directive', directive)
}

function copiedMetadata({ headers }: ObjectRequest, source: Metadata): Metadata {
  const directive = headers['x-amz-metadata-directive'] ?? 'COPY'
  if (directive === 'REPLACE') return readMetadata(headers)
  if (directive !== 'COPY') {
    throw s3Errors.InvalidArgument('Unknown metadata directive.', 'x-amz-metadata-directive', directive)
  }
  return { systemMetadata: source.systemMetadata, userMetadata: source.userMetadata }
}

/** A copy keeps the source's algorithm unless another is asked for; the value is computed anew, over the whole (evidence: s3-checksum-copy). */
function copiedAlgorithm({ headers }: ObjectRequest, { record }: StoredObject) {
  const asked = headers['x-amz-checksum-algorithm']
  return asked === undefined ? record.checksum?.algorithm : requireAlgorithm(asked)
}

const defaultSchemes: Record<DefaultEncryption['algorithm'], Scheme> = {
  AES256: 'SSE-S3',
  'aws:kms': 'SSE-KMS',
  'aws:kms:dsse': 'DSSE-KMS',
}

/**
 * A copy onto itself must change something: metadata, storage class, redirect or encryption. Naming a class or a method counts,
 * even the same one, and so does a default encryption that was set on the bucket, or a source version (evidence: s3-self-copy).
 * @throws AwsError InvalidRequest
 */
function checkChangesSomething(
  { headers, bucket: { encryption } }: ObjectRequest,
  asked: WriteIntent,
  { object, versionId }: CopySource,
  isEncryptionSet: boolean,
): void {
  if (headers['x-amz-metadata-directive'] === 'REPLACE' || versionId !== undefined) return
  if (headers['x-amz-storage-class'] !== undefined || headers['x-amz-website-redirect-location'] !== undefined) return
  if (asked.encryption.scheme !== 'unasked') return
  const defaultScheme = encryption ? defaultSchemes[encryption.algorithm] : 'none'
  if (defaultScheme !== object.record.envelope.scheme) return
  if (isEncryptionSet) return
  throw s3Errors.InvalidRequest(
    'This copy request is illegal because it is trying to copy an object to itself without changing the ' +
      "object's metadata, storage class, website redirect location or encryption attributes.",
  )
}
