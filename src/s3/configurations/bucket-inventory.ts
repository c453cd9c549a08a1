import {
  boolean,
  enumeration,
  list,
  named,
  required,
  string,
  structure,
  type ValueOf,
} from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { firstDue } from '../records/inventory-schedule.ts'
import { isBucketArn } from './destination-bucket.ts'
import { checkIdAsShape, identifiedConfiguration } from './identified-configuration.ts'

const Encryption = structure({
  SSES3: named('SSE-S3', structure({})),
  SSEKMS: named('SSE-KMS', structure({ KeyId: required(string()) })),
})

const S3BucketDestination = structure({
  AccountId: string(),
  Bucket: required(string()),
  Format: required(enumeration(['CSV', 'ORC', 'Parquet'])),
  Prefix: string(),
  Encryption,
})

const optionalFields = [
  'Size',
  'LastModifiedDate',
  'StorageClass',
  'ETag',
  'IsMultipartUploaded',
  'ReplicationStatus',
  'EncryptionStatus',
  'ObjectLockRetainUntilDate',
  'ObjectLockMode',
  'ObjectLockLegalHoldStatus',
  'IntelligentTieringAccessTier',
  'BucketKeyStatus',
  'ChecksumAlgorithm',
  'ObjectAccessControlList',
  'ObjectOwner',
  'LifecycleExpirationDate',
] as const

export const InventoryConfiguration = structure({
  Destination: required(structure({ S3BucketDestination: required(S3BucketDestination) })),
  IsEnabled: required(boolean()),
  Filter: structure({ Prefix: required(string()) }),
  Id: required(string()),
  IncludedObjectVersions: required(enumeration(['All', 'Current'])),
  OptionalFields: list('Field', enumeration(optionalFields)),
  Schedule: required(structure({ Frequency: required(enumeration(['Daily', 'Weekly'])) })),
})

export type Inventory = ValueOf<typeof InventoryConfiguration>

/** Lists of a bucket's objects that are delivered to a bucket every day or week (`inventories/`). Evidence: s3-inventory. */
export const BucketInventory = identifiedConfiguration({
  subresource: 'inventory',
  root: 'InventoryConfiguration',
  shape: InventoryConfiguration,
  get: { name: 'GetBucketInventoryConfiguration', action: 's3:GetInventoryConfiguration' },
  put: {
    name: 'PutBucketInventoryConfiguration',
    action: 's3:PutInventoryConfiguration',
    differs:
      'reports come at midnight in UTC, the first at the next one, weekly ones on Sundays; those in ORC or Parquet are not delivered',
  },
  delete: { name: 'DeleteBucketInventoryConfiguration', action: 's3:PutInventoryConfiguration' },
  list: {
    name: 'ListBucketInventoryConfigurations',
    action: 's3:GetInventoryConfiguration',
    root: 'ListInventoryConfigurationsResult',
  },
  checkId: checkIdAsShape,
  weighs: ({ OptionalFields }) => ({ values: { 's3:inventoryaccessibleoptionalfields': OptionalFields } }),
  mismatch: s3Errors.IdMismatch,
  begin({ inventorySchedule, ambient }, transaction, { bucket, id }) {
    inventorySchedule.put(transaction, { due: firstDue(ambient.now()), bucket, id })
  },
  check(value) {
    const { Bucket, Encryption } = value.Destination.S3BucketDestination
    if (!isBucketArn(Bucket)) throw s3Errors.InvalidS3DestinationBucket()
    if (Encryption) checkEncryption(Encryption)
    const { OptionalFields, ...rest } = value
    return OptionalFields?.length ? value : rest
  },
})

/** A key by its ARN, its id, or an alias. */
const keyId = /^(arn:[\w-]+:kms:[\w-]+:\d{12}:(key|alias)\/.+|alias\/.+|(mrk-)?[0-9a-f-]{32,36})$/

/** @throws AwsError MalformedXML for none or both, InvalidKmskeyId */
function checkEncryption({ SSES3, SSEKMS }: ValueOf<typeof Encryption>): void {
  if ((SSES3 === undefined) === (SSEKMS === undefined)) throw s3Errors.MalformedXML()
  if (SSEKMS && !keyId.test(SSEKMS.KeyId)) throw s3Errors.InvalidKmskeyId()
}
