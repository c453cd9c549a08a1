import { mutateText, oddText, sometimes } from './mutations.mjs'

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
  PutBucketPolicy: (_, { bucket }) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` }],
    }),
  PutBucketCors: () =>
    '<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>',
  PutBucketLifecycleConfiguration: () =>
    '<LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status><Filter><Prefix>a/</Prefix></Filter><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>',
  PutBucketAcl: () =>
    '<AccessControlPolicy><Owner><ID>x</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>x</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>',
  PutObjectRetention: () =>
    '<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>',
  UpdateObjectEncryption: (_, { keyId }) =>
    `<ObjectEncryption><SSE-KMS><KMSKeyArn>arn:aws:kms:us-east-1:000000000000:key/${keyId}</KMSKeyArn></SSE-KMS></ObjectEncryption>`,
}

/** The body for an operation: its document where it has one, else bytes where it may have some. */
export function documentFor(chance, world, name) {
  if (/^(Get|Head|List)/.test(name)) return chance.oneIn(20) ? chance.bytes(chance.int(2000)) : Buffer.alloc(0)
  if (!/^(Put|Create|Complete|Delete|Update|Restore|Select)/.test(name) || name === 'PutObject') {
    return chance.bytes(chance.oneIn(30) ? chance.int(300_000) : chance.int(2000))
  }
  const make = documents[name] ?? documents[chance.pick(Object.keys(documents))]
  return Buffer.from(sometimes(chance, make(chance, world), mutateXml))
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
