import { boolean, enumeration, flattened, required, string, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { unsetEncryption } from '../records/bucket-defaults.ts'
import type { S3Settings } from '../settings.ts'
import type { DefaultEncryption } from '../sse/envelope.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

/*
 * A bucket's default encryption. Three truths, by --bucket-defaults:
 *
 *            unset                            Put without BlockedEncryptionTypes
 *   classic  404, nothing is encrypted        NONE
 *   2023     AES256                           none shown, nothing blocked
 *   current  AES256, SSE-C blocked            SSE-C
 *
 * The configuration's record says what somebody set, the bucket's own record what every write asks for. A Put replaces the whole
 * rule and does not check that the KMS key exists: the first write finds out (evidence: s3-bucket-encryption).
 * Source: PutBucketEncryption in the Amazon S3 API Reference.
 */

const EncryptionType = enumeration(['NONE', 'SSE-C'])
const ServerSideEncryptionByDefault = structure({
  SSEAlgorithm: required(enumeration(['AES256', 'aws:kms', 'aws:kms:dsse'])),
  KMSMasterKeyID: string(),
})
/** In the order of AWS's answers. */
const ServerSideEncryptionRule = structure({
  BucketKeyEnabled: boolean(),
  ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault,
  BlockedEncryptionTypes: structure({ EncryptionType: flattened('EncryptionType', EncryptionType) }),
})
type Rule = ValueOf<typeof ServerSideEncryptionRule>

export const ServerSideEncryptionConfiguration = structure({
  Rules: required(flattened('Rule', ServerSideEncryptionRule)),
})

export const BucketEncryption = bucketConfiguration({
  name: 'encryption',
  subresource: 'encryption',
  root: 'ServerSideEncryptionConfiguration',
  shape: ServerSideEncryptionConfiguration,
  get: { name: 'GetBucketEncryption', action: 's3:GetEncryptionConfiguration' },
  put: { name: 'PutBucketEncryption', action: 's3:PutEncryptionConfiguration' },
  delete: { name: 'DeleteBucketEncryption', action: 's3:PutEncryptionConfiguration' },
  absent({ name, encryption }) {
    if (!encryption) throw s3Errors.ServerSideEncryptionConfigurationNotFoundError(name)
    return { Rules: [ruleOf(encryption)] }
  },
  check({ Rules: [rule, another] }, { services }) {
    if (!rule || another) throw s3Errors.MalformedXML()
    return { Rules: [completed(rule, services.settings)] }
  },
  effect: (bucket, value, { settings }) => ({
    ...bucket,
    encryption: value?.Rules[0] ? encryptionOf(value.Rules[0]) : unsetEncryption(settings),
  }),
})

/** The rule with what S3 adds to it. */
function completed(rule: Rule, settings: S3Settings): Rule {
  const { BucketKeyEnabled = false, BlockedEncryptionTypes = blockedUnlessSaid(settings) } = rule
  const { SSEAlgorithm, KMSMasterKeyID: keyId } = rule.ApplyServerSideEncryptionByDefault ?? { SSEAlgorithm: 'AES256' }
  const KMSMasterKeyID = keyId === '' ? undefined : keyId
  if (SSEAlgorithm === 'AES256' && KMSMasterKeyID !== undefined) throw keyNotApplicable()
  if (BlockedEncryptionTypes) requireOneBlocked(BlockedEncryptionTypes)
  return {
    BucketKeyEnabled,
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm, KMSMasterKeyID },
    BlockedEncryptionTypes,
  }
}

function blockedUnlessSaid({ bucketDefaults }: S3Settings): Rule['BlockedEncryptionTypes'] {
  if (bucketDefaults === '2023') return undefined
  return { EncryptionType: [bucketDefaults === 'classic' ? 'NONE' : 'SSE-C'] }
}

/** One of the two, once. AWS's words for the other cases are not known. */
function requireOneBlocked({ EncryptionType = [] }: NonNullable<Rule['BlockedEncryptionTypes']>): void {
  if (EncryptionType.length === 1) return
  const message = 'BlockedEncryptionTypes must contain exactly one EncryptionType'
  throw s3Errors.InvalidArgument(message, 'BlockedEncryptionTypes')
}

function keyNotApplicable() {
  return s3Errors.InvalidArgument(
    'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
    'ApplyServerSideEncryptionByDefault',
  )
}

function encryptionOf(rule: Rule): DefaultEncryption {
  const { SSEAlgorithm, KMSMasterKeyID } = rule.ApplyServerSideEncryptionByDefault ?? { SSEAlgorithm: 'AES256' }
  return {
    algorithm: SSEAlgorithm,
    keyId: KMSMasterKeyID,
    bucketKeyEnabled: rule.BucketKeyEnabled ?? false,
    blockedEncryptionTypes: rule.BlockedEncryptionTypes?.EncryptionType?.[0] ?? 'NONE',
  }
}

/** Of what a bucket has that nobody set. */
function ruleOf({ algorithm, bucketKeyEnabled, blockedEncryptionTypes }: DefaultEncryption): Rule {
  const BlockedEncryptionTypes = { EncryptionType: [blockedEncryptionTypes] }
  return {
    BucketKeyEnabled: bucketKeyEnabled,
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: algorithm },
    BlockedEncryptionTypes: blockedEncryptionTypes === 'NONE' ? undefined : BlockedEncryptionTypes,
  }
}
