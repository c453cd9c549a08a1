import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import {
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail'
import {
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteUserCommand,
  IAMClient,
} from '@aws-sdk/client-iam'
import {
  CreateKeyCommand,
  DeleteImportedKeyMaterialCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  KMSClient,
  ListKeysCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketReplicationCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { Emulator } from '../src/emulator.ts'

/* What else happens to an emulator, so that every kind of record comes to be, changes and goes. Each doing finds by itself what it is about. */

export const furtherDoings = [
  ...['seal', 'seal', 'seal', 'parts', 'parts', 'erase', 'erase', 'erase', 'drop bucket'],
  ...['no lifecycle', 'replication', 'notification', 'policy', 'no policy'],
  ...['set of keys', 'replica', 'replica', 'primary', 'end a replica', 'import', 'forget import', 'rotate now'],
  ...['trail', 'no trail', 'user', 'access key', 'managed policy', 'no user'],
] as const

export type FurtherDoing = (typeof furtherDoings)[number]

const elsewhere = 'eu-west-1'
const accountId = '000000000000'

/** What a step asks. @param which makes one step other than the next */
export function furtherRequests(
  { emulator }: { emulator: Emulator },
  which: number,
): Readonly<Record<FurtherDoing, () => Promise<unknown>>> {
  const { endpoint, credentials } = emulator
  const clientIn = (region: string) => ({ endpoint, credentials, region, maxAttempts: 1 })
  const s3 = new S3Client({ ...clientIn('us-east-1'), forcePathStyle: true })
  return {
    ...requestsOfBuckets(s3, which),
    ...requestsOfKeys(clientIn, which),
    ...requestsOfIam(new IAMClient(clientIn('us-east-1')), which),
    ...requestsOfTrails(new CloudTrailClient(clientIn('us-east-1')), s3, which),
  }
}

const customer = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: Buffer.alloc(32, 1).toString('base64') }
const underKms = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/1' } as const
const seals = [
  { ServerSideEncryption: 'AES256' },
  { ...underKms, BucketKeyEnabled: true },
  { ...underKms, ServerSideEncryption: 'aws:kms:dsse' },
  customer,
  { ChecksumAlgorithm: 'SHA256' },
  { ServerSideEncryption: 'aws:kms' },
] as const

function requestsOfBuckets(s3: S3Client, which: number) {
  const Bucket = `bucket-${which % 3}`
  const place = { Bucket, Key: `key-${which % 4}` }
  const Body = Buffer.alloc(which % 2 === 0 ? 50 : 300_000, `${which}`)
  const toBucket1 = 'arn:aws:s3:::bucket-1'
  return {
    seal: () => s3.send(new PutObjectCommand({ ...place, Body, ...seals[which % seals.length] })),
    parts: () => putParts(s3, place, which),
    erase: async () => {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
      const all = [...Versions, ...DeleteMarkers]
      const { Key, VersionId } = all[which % Math.max(1, all.length)] ?? {}
      if (Key) await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
    },
    'drop bucket': () => s3.send(new DeleteBucketCommand({ Bucket: `bucket-${which % 5}` })),
    'no lifecycle': () => s3.send(new DeleteBucketLifecycleCommand({ Bucket })),
    replication: () =>
      s3.send(
        new PutBucketReplicationCommand({
          Bucket,
          ReplicationConfiguration: {
            Role: `arn:aws:iam::${accountId}:role/replicates`,
            Rules: [{ ID: 'a', Prefix: '', Status: 'Enabled', Destination: { Bucket: toBucket1 } }],
          },
        }),
      ),
    notification: () =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket,
          NotificationConfiguration: which % 2 ? {} : { EventBridgeConfiguration: {} },
        }),
      ),
    policy: () => s3.send(new PutBucketPolicyCommand({ Bucket, Policy: openTo(Bucket, 's3.amazonaws.com') })),
    'no policy': () => s3.send(new DeleteBucketPolicyCommand({ Bucket })),
  }
}

function openTo(Bucket: string, Service: string): string {
  const Resource = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`]
  const Action = ['s3:GetBucketAcl', 's3:PutObject']
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service }, Action, Resource }],
  })
}

/** One part, or two where the first is as long as it must be; with checksums of parts, of the whole, or the default. */
async function putParts(s3: S3Client, place: { Bucket: string; Key: string }, which: number): Promise<void> {
  const checksum = [{ ChecksumAlgorithm: 'SHA256' }, { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' }, {}]
  const asked = checksum[which % 3] as { ChecksumAlgorithm?: 'SHA256' }
  const seal = which % 2 ? underKms : {}
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...place, ...asked, ...seal }))
  const { ChecksumAlgorithm } = asked
  const bodies = which % 5 === 0 ? [Buffer.alloc(5 << 20, 'p'), Buffer.from('last')] : [Buffer.from('only')]
  const Parts = []
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1
    const sent = { ...place, UploadId, PartNumber, Body, ChecksumAlgorithm }
    const { ETag, ChecksumSHA256, ChecksumCRC32 } = await s3.send(new UploadPartCommand(sent))
    const own = ChecksumAlgorithm ? { ChecksumSHA256, ChecksumCRC32 } : {}
    Parts.push({ ETag, PartNumber, ...own })
  }
  if (which % 7 === 0) return
  await s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }))
}

function requestsOfKeys(clientIn: (region: string) => object, which: number) {
  const kms = new KMSClient(clientIn('us-east-1'))
  const other = new KMSClient(clientIn(elsewhere))
  const anyOf = async (client: KMSClient, isOne: (id: string) => boolean) => {
    const { Keys = [] } = await client.send(new ListKeysCommand({}))
    const ids = Keys.map(({ KeyId = '' }) => KeyId).filter(isOne)
    return { KeyId: ids[which % Math.max(1, ids.length)] ?? 'none' }
  }
  const anyOfSet = (client = kms) => anyOf(client, (id) => id.startsWith('mrk-'))
  return {
    'set of keys': () => kms.send(new CreateKeyCommand({ MultiRegion: true })),
    replica: async () => kms.send(new ReplicateKeyCommand({ ...(await anyOfSet()), ReplicaRegion: elsewhere })),
    primary: async () =>
      (which % 2 ? kms : other).send(
        new UpdatePrimaryRegionCommand({
          ...(await anyOfSet(which % 2 ? kms : other)),
          PrimaryRegion: which % 2 ? elsewhere : 'us-east-1',
        }),
      ),
    'end a replica': async () =>
      other.send(new ScheduleKeyDeletionCommand({ ...(await anyOfSet(other)), PendingWindowInDays: 7 })),
    import: () => importMaterial(kms, which),
    'forget import': async () => kms.send(new DeleteImportedKeyMaterialCommand(await anyOf(kms, () => true))),
    'rotate now': async () => kms.send(new RotateKeyOnDemandCommand(await anyOf(kms, () => true))),
  }
}

/** Every other time it expires soon. */
async function importMaterial(kms: KMSClient, which: number): Promise<void> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))
  const KeyId = KeyMetadata?.KeyId
  const wrapping = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' } as const
  const { PublicKey, ImportToken } = await kms.send(new GetParametersForImportCommand({ KeyId, ...wrapping }))
  const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' })
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const EncryptedKeyMaterial = publicEncrypt({ key, padding, oaepHash: 'sha256' }, randomBytes(32))
  const created = KeyMetadata?.CreationDate?.getTime() ?? 0
  const expiry =
    which % 2
      ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' as const }
      : { ValidTo: new Date(created + 3 * 86_400_000) }
  await kms.send(new ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial, ...expiry }))
}

function requestsOfIam(iam: IAMClient, which: number) {
  const user = { UserName: `user-${which % 3}` }
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }
  const PolicyDocument = JSON.stringify(document)
  return {
    user: () => iam.send(new CreateUserCommand(user)),
    'access key': () => iam.send(new CreateAccessKeyCommand(user)),
    'managed policy': () => iam.send(new CreatePolicyCommand({ PolicyName: `policy-${which}`, PolicyDocument })),
    'no user': () => iam.send(new DeleteUserCommand(user)),
  }
}

function requestsOfTrails(cloudTrail: CloudTrailClient, s3: S3Client, which: number) {
  const Name = `trail-${which % 2}`
  const Bucket = 'bucket-0'
  return {
    trail: async () => {
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: openTo(Bucket, 'cloudtrail.amazonaws.com') }))
      await cloudTrail.send(
        new CreateTrailCommand({ Name, S3BucketName: Bucket, EnableLogFileValidation: true, IsMultiRegionTrail: true }),
      )
      const DataResources = [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::bucket-1/'] }]
      const EventSelectors = [{ ReadWriteType: 'All' as const, IncludeManagementEvents: true, DataResources }]
      await cloudTrail.send(new PutEventSelectorsCommand({ TrailName: Name, EventSelectors }))
      await cloudTrail.send(new StartLoggingCommand({ Name }))
    },
    'no trail': () => cloudTrail.send(new DeleteTrailCommand({ Name })),
  }
}
