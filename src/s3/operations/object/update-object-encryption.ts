import { elementOf, readXmlBody } from '../../documents/xml-body.ts'
import { s3Errors } from '../../errors.ts'
import { onObject } from '../../needs.ts'
import { sealChecksum } from '../../objects/checksums.ts'
import { findTouched } from '../../objects/read.ts'
import { sealTarget, sessionOf } from '../../objects/session.ts'
import { shownVersion } from '../../objects/version-ids.ts'
import type { ObjectOperation } from '../../operation.ts'
import type { BucketRecord } from '../../records/buckets.ts'
import type { StoredChecksum, StoredObject } from '../../records/object-record.ts'
import type { EncryptionRequest, Envelope, Scheme } from '../../sse/envelope.ts'

/*
 * Another key for an object where it stands: the object key is opened and sealed anew, the body does not move. ETag,
 * dates, metadata and checksums stay. Two KMS calls at most: Decrypt of the old key, GenerateDataKey of the new. The pairs that the
 * object was written with are metadata and stay with it, under a bucket key too, where KMS does not hear of them (evidence: sse-update).
 *
 * Source: UpdateObjectEncryption in the Amazon S3 API Reference (January 2026), which gives every message below.
 */

const root = 'ObjectEncryption'

const supported = 'Only source objects encrypted with SSE-S3 or SSE-KMS are supported.'

const tryAgain = 'and then try again.'

const specifyKms = `Modify the request to specify SSE-KMS for the updated encryption type, ${tryAgain}`

export const UpdateObjectEncryption: ObjectOperation = {
  name: 'UpdateObjectEncryption',
  level: 'object',
  route: 'PUT /{Bucket}/{Key+}?encryption',
  addressing: ['versionId'],
  differs: 'A replica keeps its encryption: whether AWS replicates the change is not documented.',
  needs: onObject('s3:UpdateObjectEncryption', 's3:PutObject'),
  async handle(services, request) {
    const { key, authentication } = request
    const { bucket } = request
    if (authentication.signature !== 'SigV4') {
      throw s3Errors.InvalidRequest(
        'Requests that modify an object encryption configuration require AWS Signature Version 4. ' +
          `Modify the request to use AWS Signature Version 4, ${tryAgain}`,
      )
    }
    const document = await readXmlBody(request, root, 'required')
    if (!document) throw s3Errors.MissingRequestBodyError()
    const wanted = readEncryption(document, bucket)
    const object = findTouched(services, request)
    checkSource(object.record.envelope.scheme)
    const target = sealTarget(bucket, key, object.record.versionId)
    const session = sessionOf(bucket, request)
    const envelope = await services.envelopes.reseal(object.record.envelope, wanted, target, session)
    await services.objects.change(bucket.name, key, (transaction) => {
      const existing = services.objects.version(bucket.name, key, object.record.versionId, transaction)
      // KMS was asked outside the lock: what was written or re-sealed meanwhile is not to be undone.
      if (JSON.stringify(existing) !== JSON.stringify(object)) throw s3Errors.OperationAborted()
      services.objects.amend(transaction, bucket.name, key, resealed(object, envelope, envelope.recordFor(target)))
    })
    return { headers: { 'x-amz-version-id': shownVersion(bucket, object.record) } }
  },
}

function readEncryption(document: ReturnType<typeof elementOf>, bucket: BucketRecord): EncryptionRequest {
  const [name, another] = Object.keys(document).filter((child) => !child.startsWith('@'))
  if (name === 'DSSE-KMS' || name === 'SSE-C') {
    throw s3Errors.InvalidRequest(
      `The UpdateObjectEncryption operation doesn't support updating the encryption type to DSSE-KMS or SSE-C. ${specifyKms}`,
    )
  }
  if (name !== 'SSE-KMS' || another !== undefined) {
    throw s3Errors.InvalidRequest(
      'Requests that modify an object encryption configuration require a valid new encryption type. ' +
        `Valid values are SSEKMS. ${specifyKms}`,
    )
  }
  const { KMSKeyArn, BucketKeyEnabled } = elementOf(document[name] ?? '', ['KMSKeyArn', 'BucketKeyEnabled'])
  return { scheme: 'SSE-KMS', keyId: readKeyArn(KMSKeyArn, bucket), bucketKey: readBucketKey(BucketKeyEnabled) }
}

function readKeyArn(given: unknown, { ownerAccountId }: BucketRecord): string {
  const requests = "Requests that modify an object's encryption type to SSE-KMS require"
  if (given === undefined || given === '') {
    const message = `${requests} an AWS KMS key Amazon Resource Name (ARN). Modify the request to specify a KMS key ARN, ${tryAgain}`
    throw s3Errors.InvalidRequest(message)
  }
  const [, account] = /^arn:aws[-a-z0-9]*:kms:[-a-z0-9]*:([0-9]{12}):key\/.+$/.exec(String(given)) ?? []
  if (account === undefined) {
    throw s3Errors.InvalidRequest(
      `${requests} a valid AWS KMS key Amazon Resource Name (ARN). ` +
        `Confirm that you have a correctly formatted KMS key ARN in your request, ${tryAgain}`,
    )
  }
  if (account !== ownerAccountId) {
    throw s3Errors.AccessDenied(
      'The AWS KMS key in the request must be owned by the same account as the bucket. ' +
        `Modify the request to specify a KMS key from the same account, ${tryAgain}`,
    )
  }
  return String(given)
}

function readBucketKey(given: unknown): boolean {
  if (given === undefined || given === 'false') return false
  if (given === 'true') return true
  throw s3Errors.InvalidRequest(
    "The BucketKeyEnabled value isn't valid. Valid values are true or false. " +
      `Modify the request to specify a valid value, ${tryAgain}`,
  )
}

function checkSource(scheme: Scheme): void {
  if (scheme === 'SSE-S3' || scheme === 'SSE-KMS') return
  const fault =
    scheme === 'none'
      ? "doesn't support unencrypted source objects"
      : "doesn't support source objects with the encryption type DSSE-KMS or SSE-C"
  throw s3Errors.InvalidRequest(`The UpdateObjectEncryption operation ${fault}. ${supported}`)
}

/** Checksums are kept sealed under a KMS key, so those that SSE-S3 kept in clear are sealed now. */
function resealed(
  { record, bodies }: StoredObject,
  newEnvelope: Envelope,
  envelope: StoredObject['record']['envelope'],
): StoredObject {
  const seal = (checksum: StoredChecksum | undefined) =>
    checksum && !checksum.sealed ? sealChecksum(newEnvelope, checksum) : checksum
  return {
    record: { ...record, envelope, checksum: seal(record.checksum) },
    bodies: bodies.map((body) => ({ ...body, checksum: seal(body.checksum) })),
  }
}
