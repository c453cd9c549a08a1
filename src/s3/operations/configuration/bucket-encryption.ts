import { listOf, type XmlElement } from '../../../protocol/rest-xml.ts'
import { allowOnly, elementOf, readXmlBody } from '../../documents/xml-body.ts'
import { s3Errors } from '../../errors.ts'
import type { BucketOperation } from '../../operation.ts'
import { unsetEncryption } from '../../records/bucket-defaults.ts'
import type { S3Settings } from '../../settings.ts'
import type { DefaultEncryption } from '../../sse/envelope.ts'

/*
 * A bucket's default encryption. Two truths, by --bucket-defaults:
 *
 *            unset                            Put without BlockedEncryptionTypes
 *   classic  404, nothing is encrypted        NONE
 *   current  AES256, SSE-C blocked            SSE-C
 *
 * A Put replaces the whole rule. Whether the KMS key exists is not looked at: the first write finds out (recorded).
 * Source: PutBucketEncryption in the Amazon S3 API Reference; recorded replies of 2026.
 */

const root = 'ServerSideEncryptionConfiguration'

export const GetBucketEncryption: BucketOperation = {
  name: 'GetBucketEncryption',
  level: 'bucket',
  route: 'GET /{Bucket}?encryption',
  trail: { readOnly: true },
  async handle(_services, { bucket: { name, encryption } }) {
    if (!encryption) throw s3Errors.ServerSideEncryptionConfigurationNotFoundError(name)
    const { algorithm, keyId, bucketKeyEnabled, blockedEncryptionTypes } = encryption
    const Rule = {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: algorithm, KMSMasterKeyID: keyId },
      BucketKeyEnabled: bucketKeyEnabled,
      BlockedEncryptionTypes: { EncryptionType: blockedEncryptionTypes },
    }
    return { xml: { root, content: { Rule } } }
  },
}

export const PutBucketEncryption: BucketOperation = {
  name: 'PutBucketEncryption',
  level: 'bucket',
  route: 'PUT /{Bucket}?encryption',
  trail: { readOnly: false },
  changesBucket: true,
  async handle({ buckets, settings }, request, transaction) {
    const document = await readXmlBody(request, root, 'required')
    if (!document) throw s3Errors.MissingRequestBodyError()
    const encryption = readConfiguration(document, settings)
    buckets.put(transaction, { ...request.bucket, encryption })
    return {}
  },
}

export const DeleteBucketEncryption: BucketOperation = {
  name: 'DeleteBucketEncryption',
  level: 'bucket',
  route: 'DELETE /{Bucket}?encryption',
  trail: { readOnly: false },
  changesBucket: true,
  async handle({ buckets, settings }, { bucket }, transaction) {
    buckets.put(transaction, { ...bucket, encryption: unsetEncryption(settings) })
    return { status: 204 }
  },
}

function readConfiguration(document: XmlElement, settings: S3Settings): DefaultEncryption {
  allowOnly(document, ['Rule'])
  const [rule, another] = listOf(document.Rule)
  if (rule === undefined || another !== undefined) throw s3Errors.MalformedXML()
  const { ApplyServerSideEncryptionByDefault, BucketKeyEnabled, BlockedEncryptionTypes } = elementOf(rule, [
    'ApplyServerSideEncryptionByDefault',
    'BucketKeyEnabled',
    'BlockedEncryptionTypes',
  ])
  return {
    ...readDefault(ApplyServerSideEncryptionByDefault),
    bucketKeyEnabled: readBoolean(BucketKeyEnabled),
    blockedEncryptionTypes: readBlockedTypes(BlockedEncryptionTypes, settings),
  }
}

function readDefault(content: XmlElement[string]): Pick<DefaultEncryption, 'algorithm' | 'keyId'> {
  if (content === undefined) return { algorithm: 'AES256' }
  const { SSEAlgorithm, KMSMasterKeyID } = elementOf(content, ['SSEAlgorithm', 'KMSMasterKeyID'])
  const algorithm = algorithms.find((candidate) => candidate === SSEAlgorithm)
  if (!algorithm || Array.isArray(KMSMasterKeyID) || typeof KMSMasterKeyID === 'object') throw s3Errors.MalformedXML()
  const keyId = KMSMasterKeyID === undefined || KMSMasterKeyID === '' ? undefined : String(KMSMasterKeyID)
  if (algorithm === 'AES256' && keyId !== undefined) throw keyNotApplicable()
  return { algorithm, keyId }
}

const algorithms: readonly DefaultEncryption['algorithm'][] = ['AES256', 'aws:kms', 'aws:kms:dsse']

function keyNotApplicable() {
  return s3Errors.InvalidArgument(
    'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
    'ApplyServerSideEncryptionByDefault',
  )
}

function readBoolean(content: XmlElement[string]): boolean {
  if (content === undefined) return false
  if (content === 'true') return true
  if (content === 'false') return false
  throw s3Errors.MalformedXML()
}

/** One of the two, once; AWS's words for the others were not captured. */
function readBlockedTypes(
  content: XmlElement[string],
  { bucketDefaults }: S3Settings,
): DefaultEncryption['blockedEncryptionTypes'] {
  if (content === undefined) return bucketDefaults === 'classic' ? 'NONE' : 'SSE-C'
  const types = listOf(elementOf(content, ['EncryptionType']).EncryptionType)
  if (types.some((type) => type !== 'SSE-C' && type !== 'NONE')) throw s3Errors.MalformedXML()
  const [type, another] = types
  if (type === undefined || another !== undefined) {
    const message = 'BlockedEncryptionTypes must contain exactly one EncryptionType'
    throw s3Errors.InvalidArgument(message, 'BlockedEncryptionTypes')
  }
  return type === 'NONE' ? 'NONE' : 'SSE-C'
}
