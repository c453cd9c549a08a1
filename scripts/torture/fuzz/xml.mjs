import { modelDocument } from './model-documents.mjs'
import { mutateText, oddText, sometimes } from './mutations.mjs'
import { policyText } from './policies.mjs'

/* The documents that S3 takes, right ones changed, and now and then a large one that is still allowed. */

const documents = {
  DeleteObjects: (chance, world) =>
    `<Delete><Quiet>${chance.oneIn(2)}</Quiet>${repeated(chance, 1000, () => `<Object><Key>gone-${chance.int(50)}</Key></Object>`)}</Delete>`.replaceAll(
      'gone-0',
      world.objectKeys[0],
    ),
  CompleteMultipartUpload: (chance) =>
    `<CompleteMultipartUpload>${repeated(chance, 10_000, (n) => `<Part><PartNumber>${n + 1}</PartNumber><ETag>"d41d8cd98f00b204e9800998ecf8427e"</ETag></Part>`)}</CompleteMultipartUpload>`,
  CreateBucket: () =>
    '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>',
  PutBucketEncryption: (_, { keyId }) =>
    `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>${keyId}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`,
  PutBucketVersioning: () => '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
  PutBucketOwnershipControls: () =>
    '<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>',
  PutPublicAccessBlock: () =>
    '<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>',
  PutBucketTagging: (chance) =>
    `<Tagging><TagSet>${repeated(chance, 50, (n) => `<Tag><Key>k${n}</Key><Value>v</Value></Tag>`)}</TagSet></Tagging>`,
  PutObjectTagging: () => '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>',
  PutBucketPolicy: (chance, world) => policyText(chance, world, 'bucket'),
  PutBucketCors: () =>
    '<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>',
  PutBucketLifecycleConfiguration: () =>
    '<LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status><Filter><Prefix>a/</Prefix></Filter><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>',
  PutBucketAcl: aclDocument,
  PutObjectAcl: aclDocument,
  PutObjectRetention: () =>
    '<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>',
  UpdateObjectEncryption: (_, { keyId }) =>
    `<ObjectEncryption><SSE-KMS><KMSKeyArn>arn:aws:kms:us-east-1:000000000000:key/${keyId}</KMSKeyArn></SSE-KMS></ObjectEncryption>`,
}

/** Operation → root, of those whose document is made as the model says: all, those above now and then. */
const roots = {
  DeleteObjects: 'Delete',
  CompleteMultipartUpload: 'CompleteMultipartUpload',
  CreateBucket: 'CreateBucketConfiguration',
  PutBucketAccelerateConfiguration: 'AccelerateConfiguration',
  PutBucketAcl: 'AccessControlPolicy',
  PutBucketAnalyticsConfiguration: 'AnalyticsConfiguration',
  PutBucketCors: 'CORSConfiguration',
  PutBucketEncryption: 'ServerSideEncryptionConfiguration',
  PutBucketIntelligentTieringConfiguration: 'IntelligentTieringConfiguration',
  PutBucketInventoryConfiguration: 'InventoryConfiguration',
  PutBucketLifecycleConfiguration: 'LifecycleConfiguration',
  PutBucketLogging: 'BucketLoggingStatus',
  PutBucketMetricsConfiguration: 'MetricsConfiguration',
  PutBucketNotificationConfiguration: 'NotificationConfiguration',
  PutBucketOwnershipControls: 'OwnershipControls',
  PutBucketReplication: 'ReplicationConfiguration',
  PutBucketRequestPayment: 'RequestPaymentConfiguration',
  PutBucketTagging: 'Tagging',
  PutBucketVersioning: 'VersioningConfiguration',
  PutBucketWebsite: 'WebsiteConfiguration',
  PutObjectAcl: 'AccessControlPolicy',
  PutObjectLegalHold: 'LegalHold',
  PutObjectLockConfiguration: 'ObjectLockConfiguration',
  PutObjectRetention: 'Retention',
  PutObjectTagging: 'Tagging',
  PutPublicAccessBlock: 'PublicAccessBlockConfiguration',
  RestoreObject: 'RestoreRequest',
}

function aclDocument(chance, { ownerId }) {
  const grant = (index) =>
    `<Grant>${grantee(chance, index, ownerId)}<Permission>${chance.pick(permissions)}</Permission></Grant>`
  return `<AccessControlPolicy><Owner><ID>${ownerId}</ID></Owner><AccessControlList>${repeated(chance, 100, grant)}</AccessControlList></AccessControlPolicy>`
}

const permissions = ['READ', 'WRITE', 'READ_ACP', 'WRITE_ACP', 'FULL_CONTROL']

function grantee(chance, index, ownerId) {
  const [type, text] = chance.pick([
    ['CanonicalUser', `<ID>${index > 3 ? ownerId.slice(0, -3) + String(index).padStart(3, '0') : ownerId}</ID>`],
    ['Group', `<URI>http://acs.amazonaws.com/groups/${chance.pick(['global/AllUsers', 's3/LogDelivery'])}</URI>`],
    ['AmazonCustomerByEmail', '<EmailAddress>a@b.test</EmailAddress>'],
  ])
  return `<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}">${text}</Grantee>`
}

/** The body for an operation: its document where it has one, else bytes where it may have some. */
export function documentFor(chance, world, name) {
  if (/^(Get|Head|List)/.test(name)) return chance.oneIn(20) ? chance.bytes(chance.int(2000)) : Buffer.alloc(0)
  if (!/^(Put|Create|Complete|Delete|Update|Restore|Select)/.test(name) || name === 'PutObject') {
    return chance.bytes(chance.oneIn(30) ? chance.int(300_000) : chance.int(2000))
  }
  return Buffer.from(sometimes(chance, documentOf(chance, world, name), mutateXml))
}

function documentOf(chance, world, name) {
  const [make, root] = [documents[name], roots[name]]
  if (root && (!make || chance.oneIn(4))) return modelDocument(chance, world, root)
  return (make ?? documents[chance.pick(Object.keys(documents))])(chance, world)
}

function repeated(chance, most, one) {
  // More than the operation takes must be refused as quickly.
  const count = chance.oneIn(60) ? most * chance.pick([1, 1, 20]) : chance.between(1, 4)
  return Array.from({ length: count }, (_, index) => one(index)).join('')
}

function mutateXml(chance, text) {
  switch (chance.int(8)) {
    case 0:
      return mutateText(chance, text)
    case 1:
      return text.replace(/>([^<]+)</, (_, inner) => `>${mutateText(chance, inner)}<`)
    case 2:
      return text.replace(/<(\w+)>/, (_, name) => `<${mutateText(chance, name)}>`)
    case 3:
      return `<?xml version="1.0" encoding="${chance.pick(['UTF-8', 'UTF-16', 'x'])}"?>${text}`
    case 4:
      return `<!DOCTYPE x>${text}`
    case 5: {
      const depth = chance.pick([5, 100, 2000])
      return `${'<a>'.repeat(depth)}${text}${'</a>'.repeat(depth)}`
    }
    case 6:
      return text.replace(/<(\w+)>/, (_, name) => `<${name} ${oddText(chance)}="${oddText(chance)}">`)
    default:
      return text.replace(/<(\w+)>(.*)<\/\1>/s, (whole) => whole + whole)
  }
}
