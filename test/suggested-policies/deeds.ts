import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  GetKeyPolicyCommand,
  GetPublicKeyCommand,
  ListAliasesCommand,
  ListKeysCommand,
  ReEncryptCommand,
  RevokeGrantCommand,
  SignCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { type Actor, account, Bucket } from './world.ts'

export const context = { tenant: 'a' }
export const Plaintext = Buffer.from('text')
export const underKey = (SSEKMSKeyId: string) => ({ ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId })

/** What the principal does; each can be done again. */
export const deeds: Record<string, (actor: Actor) => Promise<unknown>> = {
  async 'seals and opens'({ kms, keys }) {
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: 'alias/story', Plaintext, EncryptionContext: context }),
    )
    await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context }))
    await kms.send(
      new ReEncryptCommand({
        CiphertextBlob,
        SourceEncryptionContext: context,
        DestinationKeyId: keys.second,
        DestinationEncryptionContext: { tenant: 'b' },
      }),
    )
  },
  'makes data keys': ({ kms, keys }) =>
    kms.send(new GenerateDataKeyCommand({ KeyId: keys.own, KeySpec: 'AES_256', EncryptionContext: context })),
  'makes MACs': ({ kms, keys }) =>
    kms.send(new GenerateMacCommand({ KeyId: keys.mac, MacAlgorithm: 'HMAC_SHA_256', Message: Plaintext })),
  async signs({ kms, keys }) {
    await kms.send(new SignCommand({ KeyId: keys.signing, SigningAlgorithm: 'ECDSA_SHA_256', Message: Plaintext }))
    await kms.send(new GetPublicKeyCommand({ KeyId: keys.signing }))
  },
  async grants({ kms, keys }) {
    const GranteePrincipal = `arn:aws:iam::${account}:user/grantee`
    const input = { KeyId: keys.own, GranteePrincipal, Operations: ['Encrypt' as const] }
    const { GrantId } = await kms.send(new CreateGrantCommand(input))
    await kms.send(new RevokeGrantCommand({ KeyId: keys.own, GrantId }))
  },
  async 'names keys'({ kms, keys }) {
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/mine', TargetKeyId: keys.own }))
    await kms.send(new UpdateAliasCommand({ AliasName: 'alias/mine', TargetKeyId: keys.second }))
    await kms.send(new DeleteAliasCommand({ AliasName: 'alias/mine' }))
  },
  async 'makes keys'({ kms, keys }) {
    await kms.send(new CreateKeyCommand({ Tags: [{ TagKey: 'of', TagValue: 'story' }] }))
    await kms.send(new ListKeysCommand({}))
    await kms.send(new ListAliasesCommand({ KeyId: keys.own }))
    await kms.send(new DescribeKeyCommand({ KeyId: keys.own }))
    await kms.send(new GetKeyPolicyCommand({ KeyId: keys.own }))
  },
  async 'keeps objects'({ s3, keys }) {
    const Key = 'out/one'
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', Tagging: 'a=b', ...underKey(keys.own) }))
    await s3.send(new HeadObjectCommand({ Bucket, Key }))
    const { VersionId } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))
    await s3.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ['ETag'] }))
    await s3.send(new GetObjectAclCommand({ Bucket, Key }))
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [{ Key: 'a', Value: 'c' }] } }))
    await s3.send(new GetObjectTaggingCommand({ Bucket, Key, VersionId }))
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
    await s3.send(new DeleteObjectCommand({ Bucket, Key }))
  },
  async 'keeps objects under a bucket key'({ s3, keys }) {
    const Key = 'out/cheap'
    const asked = { Bucket, Key, ContentType: 'text/plain', BucketKeyEnabled: true, ...underKey(keys.own) }
    await s3.send(new PutObjectCommand({ ...asked, Body: 'x' }))
    await s3.send(new GetObjectCommand({ Bucket, Key }))
  },
  async copies({ s3, keys }) {
    await s3.send(
      new CopyObjectCommand({ Bucket, Key: 'out/copy', CopySource: `${Bucket}/in/a`, ...underKey(keys.own) }),
    )
  },
  async 'keeps parts'({ s3, keys }) {
    const upload = { Bucket, Key: 'out/parts' }
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...upload, ...underKey(keys.own) }))
    const { ETag } = await s3.send(new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: 'x' }))
    const CopySource = `${Bucket}/in/a`
    await s3.send(new UploadPartCopyCommand({ ...upload, UploadId, PartNumber: 2, CopySource }))
    await s3.send(new ListPartsCommand({ ...upload, UploadId }))
    await s3.send(new ListMultipartUploadsCommand({ Bucket }))
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }))
  },
  async lists({ s3 }) {
    await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'in/' }))
    await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'in/' }))
    await s3.send(new ListBucketsCommand({}))
  },
  async 'reads how buckets are set'({ s3 }) {
    await s3.send(new GetBucketVersioningCommand({ Bucket }))
    await s3.send(new GetBucketEncryptionCommand({ Bucket }))
    await s3.send(new GetBucketLocationCommand({ Bucket }))
  },
  async 'makes buckets'({ s3 }) {
    await s3.send(new CreateBucketCommand({ Bucket: 'story-new', ObjectOwnership: 'BucketOwnerPreferred' }))
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: 'story-new', VersioningConfiguration: { Status: 'Enabled' } }),
    )
    await s3.send(new DeleteBucketCommand({ Bucket: 'story-new' }))
  },
  async 'reads by a presigned URL'({ s3 }) {
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'in/a' }))
    const { status } = await fetch(url)
    if (status !== 200) throw new Error(`it is answered with ${status}`)
  },
}
