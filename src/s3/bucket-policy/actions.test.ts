import { expect, test } from '@jest/globals'
import { actionsNamedBy, isConditionKey, isKeyOf, kindOf } from './actions.ts'

/* The Service Authorization Reference once more, by what actions have in common. */

const words = (text: string) => text.trim().split(/\s+/)
const named = (prefix: string, text: string) => words(text).map((name) => `s3:${prefix}${name}`.toLowerCase())

const ofBuckets = [
  ...named('Create', 'BucketMetadataTableConfiguration'),
  ...named('Delete', 'Bucket BucketMetadataTableConfiguration BucketPolicy BucketWebsite'),
  ...named('List', 'Bucket BucketMultipartUploads BucketVersions TagsForResource'),
  ...['Get', 'Put'].flatMap((prefix) => [
    ...named(`${prefix}Bucket`, 'Abac Acl CORS Logging Notification ObjectLockConfiguration OwnershipControls Policy'),
    ...named(`${prefix}Bucket`, 'PublicAccessBlock RequestPayment Tagging Versioning Website'),
    ...named(prefix, 'AccelerateConfiguration AnalyticsConfiguration EncryptionConfiguration'),
    ...named(prefix, 'IntelligentTieringConfiguration InventoryConfiguration LifecycleConfiguration'),
    ...named(prefix, 'MetricsConfiguration ReplicationConfiguration'),
  ]),
  ...named('Get', 'BucketLocation BucketMetadataTableConfiguration BucketPolicyStatus'),
  ...named('', 'TagResource UntagResource'),
  ...named('UpdateBucketMetadata', 'InventoryTableConfiguration JournalTableConfiguration'),
]
const ofObjects = [
  ...named('', 'AbortMultipartUpload BypassGovernanceRetention InitiateReplication ListMultipartUploadParts'),
  ...named('', 'ObjectOwnerOverrideToBucketOwner ReplicateDelete ReplicateObject ReplicateTags RestoreObject'),
  ...named('', 'UpdateObjectEncryption'),
  ...named('DeleteObject', 'Tagging Version VersionTagging'),
  ...named('GetObject', 'Acl Attributes LegalHold Retention Tagging Torrent'),
  ...named('GetObjectVersion', 'Acl Attributes ForReplication Tagging Torrent'),
  ...named('PutObject', 'Acl LegalHold Retention Tagging VersionAcl VersionTagging'),
  ...['s3:deleteobject', 's3:getobject', 's3:getobjectversion', 's3:putobject'],
]

test('Every action is about buckets or about objects, and there are no others', () => {
  expect([...actionsNamedBy('s3:*')].sort()).toEqual([...ofBuckets, ...ofObjects].sort())
  expect(ofBuckets.filter((action) => kindOf(action) !== 'bucket')).toEqual([])
  expect(ofObjects.filter((action) => kindOf(action) !== 'object')).toEqual([])
  expect(kindOf('s3:createbucket')).toBeUndefined()
})

test('A pattern names the actions that it fits, of any spelling', () => {
  expect(actionsNamedBy('S3:PutObject*Tagging').sort()).toEqual(['s3:putobjecttagging', 's3:putobjectversiontagging'])
  expect(actionsNamedBy('s3:GetObject?cl')).toEqual(['s3:getobjectacl'])
  expect(actionsNamedBy('s3:Nothing')).toEqual([])
})

const everywhere =
  words(`s3:authType s3:ResourceAccount s3:signatureAge s3:signatureversion s3:TlsVersion s3:x-amz-content-sha256
  s3:AccessGrantsInstanceArn s3:AccessPointNetworkOrigin s3:DataAccessPointAccount s3:DataAccessPointArn s3:BucketTag/team`)
const acl =
  words(`s3:x-amz-acl s3:x-amz-grant-read s3:x-amz-grant-write s3:x-amz-grant-read-acp s3:x-amz-grant-write-acp
  s3:x-amz-grant-full-control`)
const encryption = words('s3:x-amz-server-side-encryption s3:x-amz-server-side-encryption-aws-kms-key-id')
const customer = 's3:x-amz-server-side-encryption-customer-algorithm'
const retention = words('s3:object-lock-mode s3:object-lock-retain-until-date s3:object-lock-remaining-retention-days')
const writing = [
  ...acl,
  ...encryption,
  customer,
  ...words(
    's3:x-amz-copy-source s3:x-amz-metadata-directive s3:x-amz-storage-class s3:x-amz-website-redirect-location',
  ),
  ...words('s3:RequestObjectTag/team s3:RequestObjectTagKeys'),
]
const existing = 's3:ExistingObjectTag/team'
const listing = words('s3:prefix s3:delimiter s3:max-keys')
const versioned = [existing, 's3:VersionId']
const rows: Record<string, readonly string[]> = {
  PutObject: [
    ...[...writing, ...retention, 's3:object-lock-legal-hold'],
    ...words('s3:if-match s3:if-none-match s3:ObjectCreationOperation'),
  ],
  BypassGovernanceRetention: writing,
  PutObjectAcl: [existing, ...acl, 's3:x-amz-storage-class'],
  PutObjectVersionAcl: [...versioned, ...acl, 's3:x-amz-storage-class'],
  GetObject: [existing, ...words('s3:x-amz-grant-write s3:x-amz-grant-write-acp')],
  GetObjectAcl: [existing],
  GetObjectAttributes: [existing],
  GetObjectTagging: [existing],
  DeleteObjectTagging: [existing],
  GetObjectVersion: versioned,
  GetObjectVersionAcl: versioned,
  GetObjectVersionAttributes: versioned,
  GetObjectVersionTagging: versioned,
  DeleteObjectVersionTagging: versioned,
  PutObjectTagging: [existing, ...words('s3:RequestObjectTag/team s3:RequestObjectTagKeys')],
  PutObjectVersionTagging: [...versioned, ...words('s3:RequestObjectTag/team s3:RequestObjectTagKeys')],
  DeleteObject: ['s3:if-match'],
  DeleteObjectVersion: ['s3:VersionId'],
  PutObjectRetention: retention,
  PutObjectLegalHold: ['s3:object-lock-legal-hold'],
  ListBucket: listing,
  ListBucketVersions: listing,
  CreateBucket: ['s3:LocationConstraint', ...acl, 's3:x-amz-object-ownership'],
  PutBucketAcl: acl,
  PutBucketOwnershipControls: ['s3:x-amz-object-ownership'],
  ReplicateObject: [...encryption, customer],
  UpdateObjectEncryption: encryption,
  PutInventoryConfiguration: ['s3:InventoryAccessibleOptionalFields'],
}
const allKeys = [...new Set([...everywhere, ...Object.values(rows).flat()])]

test.each(Object.entries(rows))('s3:%s has the keys of every action, and its own', (action, own) => {
  const wanted = [...everywhere, ...own]
  expect(allKeys.filter((key) => isKeyOf(`s3:${action}`, key)).sort()).toEqual([...new Set(wanted)].sort())
})

test('All other actions have the keys of every action alone, also those that no bucket policy names', () => {
  const others = [...ofBuckets, ...ofObjects].filter(
    (action) => !Object.keys(rows).some((name) => `s3:${name.toLowerCase()}` === action),
  )
  expect(others.filter((action) => allKeys.some((key) => isKeyOf(action, key) !== everywhere.includes(key)))).toEqual(
    [],
  )
  const ofService = everywhere.filter((key) => !key.includes('/'))
  expect(allKeys.filter((key) => isKeyOf('s3:ListAllMyBuckets', key))).toEqual(ofService)
})

test('S3 has these condition keys, of any spelling, and no others', () => {
  expect(allKeys.filter((key) => !isConditionKey(key))).toEqual([])
  expect(allKeys.filter((key) => !isConditionKey(key.toUpperCase()))).toEqual([])
  const none = [
    '',
    's3:',
    's3:nothing',
    's3:prefix/',
    's3:prefix/a',
    's3:existingobjecttag',
    's3:BucketTagx/a',
    'aws:username',
  ]
  expect(none.filter(isConditionKey)).toEqual([])
})
