import { compilePattern, matches } from '../../aws/wildcard.ts'

/*
 * The actions of S3 that a bucket policy can name, what each is about, and the condition keys that have a meaning for it
 * (Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"):
 *
 *   s3:PutObject    object    keys of every action + s3:x-amz-acl, s3:x-amz-server-side-encryption, …
 *   s3:ListBucket   bucket    keys of every action + s3:prefix, s3:delimiter, s3:max-keys
 *
 * s3:CreateBucket and s3:ListAllMyBuckets are about no bucket that is there: identity policies alone name them.
 */

export type ResourceKind = 'bucket' | 'object'

const bucketActions = [
  'CreateBucketMetadataTableConfiguration',
  'DeleteBucket',
  'DeleteBucketMetadataTableConfiguration',
  'DeleteBucketPolicy',
  'DeleteBucketWebsite',
  'GetAccelerateConfiguration',
  'GetAnalyticsConfiguration',
  'GetBucketAbac',
  'GetBucketAcl',
  'GetBucketCORS',
  'GetBucketLocation',
  'GetBucketLogging',
  'GetBucketMetadataTableConfiguration',
  'GetBucketNotification',
  'GetBucketObjectLockConfiguration',
  'GetBucketOwnershipControls',
  'GetBucketPolicy',
  'GetBucketPolicyStatus',
  'GetBucketPublicAccessBlock',
  'GetBucketRequestPayment',
  'GetBucketTagging',
  'GetBucketVersioning',
  'GetBucketWebsite',
  'GetEncryptionConfiguration',
  'GetIntelligentTieringConfiguration',
  'GetInventoryConfiguration',
  'GetLifecycleConfiguration',
  'GetMetricsConfiguration',
  'GetReplicationConfiguration',
  'ListBucket',
  'ListBucketMultipartUploads',
  'ListBucketVersions',
  'ListTagsForResource',
  'PutAccelerateConfiguration',
  'PutAnalyticsConfiguration',
  'PutBucketAbac',
  'PutBucketAcl',
  'PutBucketCORS',
  'PutBucketLogging',
  'PutBucketNotification',
  'PutBucketObjectLockConfiguration',
  'PutBucketOwnershipControls',
  'PutBucketPolicy',
  'PutBucketPublicAccessBlock',
  'PutBucketRequestPayment',
  'PutBucketTagging',
  'PutBucketVersioning',
  'PutBucketWebsite',
  'PutEncryptionConfiguration',
  'PutIntelligentTieringConfiguration',
  'PutInventoryConfiguration',
  'PutLifecycleConfiguration',
  'PutMetricsConfiguration',
  'PutReplicationConfiguration',
  'TagResource',
  'UntagResource',
  'UpdateBucketMetadataInventoryTableConfiguration',
  'UpdateBucketMetadataJournalTableConfiguration',
]

const objectActions = [
  'AbortMultipartUpload',
  'BypassGovernanceRetention',
  'DeleteObject',
  'DeleteObjectTagging',
  'DeleteObjectVersion',
  'DeleteObjectVersionTagging',
  'GetObject',
  'GetObjectAcl',
  'GetObjectAttributes',
  'GetObjectLegalHold',
  'GetObjectRetention',
  'GetObjectTagging',
  'GetObjectTorrent',
  'GetObjectVersion',
  'GetObjectVersionAcl',
  'GetObjectVersionAttributes',
  'GetObjectVersionForReplication',
  'GetObjectVersionTagging',
  'GetObjectVersionTorrent',
  'InitiateReplication',
  'ListMultipartUploadParts',
  'ObjectOwnerOverrideToBucketOwner',
  'PutObject',
  'PutObjectAcl',
  'PutObjectLegalHold',
  'PutObjectRetention',
  'PutObjectTagging',
  'PutObjectVersionAcl',
  'PutObjectVersionTagging',
  'ReplicateDelete',
  'ReplicateObject',
  'ReplicateTags',
  'RestoreObject',
  'UpdateObjectEncryption',
]

/** In lower case, as the names of actions ignore it. */
const kinds = new Map<string, ResourceKind>([
  ...bucketActions.map((name): [string, ResourceKind] => [`s3:${name.toLowerCase()}`, 'bucket']),
  ...objectActions.map((name): [string, ResourceKind] => [`s3:${name.toLowerCase()}`, 'object']),
])

/** The actions that a pattern of a policy names, in lower case. */
export function actionsNamedBy(pattern: string): string[] {
  const compiled = compilePattern(pattern.toLowerCase())
  return compiled ? [...kinds.keys()].filter((action) => matches(compiled, action)) : []
}

/** @param action in lower case, of {@link actionsNamedBy} */
export function kindOf(action: string): ResourceKind | undefined {
  return kinds.get(action)
}

const ofEveryAction = [
  's3:authtype',
  's3:resourceaccount',
  's3:signatureage',
  's3:signatureversion',
  's3:tlsversion',
  's3:x-amz-content-sha256',
  // Of access points, which are not here: known, and absent from every request.
  's3:accessgrantsinstancearn',
  's3:accesspointnetworkorigin',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
]
/** They end in the name of a tag. */
const tagKeysOfEveryAction = ['s3:buckettag/']

const grants = ['read', 'write', 'read-acp', 'write-acp', 'full-control'].map((name) => `s3:x-amz-grant-${name}`)
const acl = ['s3:x-amz-acl', ...grants]
const encryption = ['s3:x-amz-server-side-encryption', 's3:x-amz-server-side-encryption-aws-kms-key-id']
const customerAlgorithm = 's3:x-amz-server-side-encryption-customer-algorithm'
const retention = ['s3:object-lock-mode', 's3:object-lock-retain-until-date', 's3:object-lock-remaining-retention-days']
const existingTag = 's3:existingobjecttag/'
const requestTags = ['s3:requestobjecttag/', 's3:requestobjecttagkeys']
const writing = [
  ...acl,
  's3:x-amz-copy-source',
  's3:x-amz-metadata-directive',
  ...encryption,
  customerAlgorithm,
  's3:x-amz-storage-class',
  's3:x-amz-website-redirect-location',
  ...requestTags,
]
const listing = ['s3:prefix', 's3:delimiter', 's3:max-keys']

const ownKeys: Readonly<Record<string, readonly string[]>> = {
  's3:putobject': [
    ...writing,
    ...retention,
    's3:object-lock-legal-hold',
    's3:if-match',
    's3:if-none-match',
    's3:objectcreationoperation',
  ],
  's3:bypassgovernanceretention': writing,
  's3:putobjectacl': [existingTag, ...acl, 's3:x-amz-storage-class'],
  's3:putobjectversionacl': [existingTag, ...acl, 's3:x-amz-storage-class', 's3:versionid'],
  // The last two are not documented, and accepted (evidence: s3-policy-keys).
  's3:getobject': [existingTag, 's3:x-amz-grant-write', 's3:x-amz-grant-write-acp'],
  's3:getobjectacl': [existingTag],
  's3:getobjectattributes': [existingTag],
  's3:getobjecttagging': [existingTag],
  's3:deleteobjecttagging': [existingTag],
  's3:getobjectversion': [existingTag, 's3:versionid'],
  's3:getobjectversionacl': [existingTag, 's3:versionid'],
  's3:getobjectversionattributes': [existingTag, 's3:versionid'],
  's3:getobjectversiontagging': [existingTag, 's3:versionid'],
  's3:deleteobjectversiontagging': [existingTag, 's3:versionid'],
  's3:putobjecttagging': [existingTag, ...requestTags],
  's3:putobjectversiontagging': [existingTag, ...requestTags, 's3:versionid'],
  's3:deleteobject': ['s3:if-match'],
  's3:deleteobjectversion': ['s3:versionid'],
  's3:putobjectretention': retention,
  's3:putobjectlegalhold': ['s3:object-lock-legal-hold'],
  's3:listbucket': listing,
  's3:listbucketversions': listing,
  's3:createbucket': ['s3:locationconstraint', ...acl, 's3:x-amz-object-ownership', 's3:x-amz-bucket-namespace'],
  's3:putbucketacl': acl,
  's3:putbucketownershipcontrols': ['s3:x-amz-object-ownership'],
  's3:replicateobject': [...encryption, customerAlgorithm],
  's3:updateobjectencryption': encryption,
  's3:putinventoryconfiguration': ['s3:inventoryaccessibleoptionalfields'],
}

/** Each as a set: policies ask at every request. */
const keysByAction = new Map(
  [...kinds.keys(), 's3:createbucket'].map((action) => {
    const keys = [...ofEveryAction, ...tagKeysOfEveryAction, ...(ownKeys[action] ?? [])]
    return [action, new Set(keys)]
  }),
)
const keysOfService = new Set([...ofEveryAction, ...tagKeysOfEveryAction, ...Object.values(ownKeys).flat()])
const noOwnKeys = new Set(ofEveryAction)

/** `s3:RequestObjectTag/owner` → `s3:requestobjecttag/` */
export function keyNameOf(key: string): string {
  const slash = key.indexOf('/')
  return (slash < 0 ? key : key.slice(0, slash + 1)).toLowerCase()
}

/** Whether S3 has such a condition key. */
export function isConditionKey(key: string): boolean {
  return keysOfService.has(keyNameOf(key))
}

/** Whether a condition key of S3 has a meaning for an action; of any spelling both. */
export function isKeyOf(action: string, key: string): boolean {
  return hasKey(action.toLowerCase(), keyNameOf(key))
}

/**
 * @param action in lower case
 * @param keyName of {@link keyNameOf}
 */
export function hasKey(action: string, keyName: string): boolean {
  return (keysByAction.get(action) ?? noOwnKeys).has(keyName)
}
