import { askedByWrite, holdingOf } from '../../access/acl-of-write.ts'
import { onWrittenObject } from '../../needs.ts'
import { readUploadChecksum } from '../../objects/checksums.ts'
import { abortHeaders } from '../../objects/lifecycle-headers.ts'
import { sessionOf } from '../../objects/session.ts'
import { noCondition, readWriteIntent } from '../../objects/write.ts'
import type { ObjectOperation } from '../../operation.ts'
import { initiatorOf } from '../../records/initiator.ts'
import type { UploadRecord } from '../../records/uploads.ts'

/*
 * A multipart upload: the object key is made at Create and sealed under the upload id; every part opens it (one Decrypt under
 * a KMS key); Complete seals it anew under the object's version. No byte moves at Complete.
 */

/** Begins an upload and settles all that concerns the object: metadata, encryption, kind of checksum. */
export const CreateMultipartUpload: ObjectOperation = {
  name: 'CreateMultipartUpload',
  level: 'object',
  route: 'POST /{Bucket}/{Key+}?uploads',
  needs: onWrittenObject,
  async handle(services, request) {
    const { bucket, key, headers, authentication } = request
    const { envelopes, uploads, objects, ambient } = services
    const { caller } = authentication
    const acl = askedByWrite(services, request)
    const holding = holdingOf(bucket, caller.accountId, acl)
    const { metadata, attributes, encryption } = readWriteIntent(services, request, { condition: noCondition, holding })
    const checksum = readUploadChecksum(headers)
    const uploadId = uploads.newId()
    const target = { bucket: bucket.name, key, versionId: uploadId }
    const envelope = await envelopes.envelopeFor(encryption, bucket.encryption, target, sessionOf(bucket, request))
    const record = {
      ...metadata,
      attributes,
      initiated: ambient.now(),
      initiator: initiatorOf(caller),
      ownerAccountId: caller.accountId,
      acl,
      checksumAlgorithm: checksum.algorithm,
      checksumType: checksum.type,
      envelope: envelope.recordFor(target),
      manifest: envelope.manifest([], target, 'upload'),
      asked: askedEncryption(headers),
      keyExisted: objects.find(bucket.name, key) !== undefined,
    }
    await uploads.create({ bucket: bucket.name, key, uploadId, record }, (reader) => {
      services.buckets.get(bucket.name, reader)
    })
    return {
      headers: {
        'x-amz-checksum-algorithm': checksum.algorithm,
        'x-amz-checksum-type': checksum.type,
        ...abortHeaders(services, bucket, key, record.initiated),
        ...envelope.answerHeaders('CreateMultipartUpload'),
      },
      xml: {
        root: 'InitiateMultipartUploadResult',
        content: { Bucket: bucket.name, Key: key, UploadId: uploadId },
      },
    }
  },
}

function askedEncryption(headers: Readonly<Record<string, string>>): UploadRecord['asked'] {
  const algorithm = headers['x-amz-server-side-encryption']
  return algorithm === undefined
    ? undefined
    : { algorithm, keyId: headers['x-amz-server-side-encryption-aws-kms-key-id'] }
}
